"""What the project database is told: every change of an approved vendor, once it is certain, and nothing else."""

from __future__ import annotations

import datetime as dt
import gc
import io
import json
import re
import sys
import tracemalloc
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

import manage
from tests.factories import create_staff, create_vendor
from tests.processes import PROJECT, start_command
from tests.vendors.profiles import approved, approved_vendor, pair
from tests.waiting import wait_for
from vendors import lifecycle
from vendors.away import lifecycle as away
from vendors.closing import lifecycle as closing
from vendors.email_change import lifecycle as email_change
from vendors.feed import epoch, reading, retention
from vendors.models import AwayPeriod, FeedEpoch, FeedLine, Profile, Vendor, VendorState
from vendors.privacy import erasure
from vendors.profile import approved_profile
from vendors.rate_proposals import lifecycle as rate_proposals

pytestmark = pytest.mark.django_db(transaction=True)

TODAY = timezone.localdate()


def wait_until_certain() -> None:
    """Everyone has ended who had begun before: other tests on the same server hold the feed back until then."""
    newest = asked("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
    # The models' tests are one transaction of minutes.
    wait_for(lambda: asked("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint") >= newest, timeout=400)


def feed(since: str = "", *, waits: bool = True) -> list[dict]:
    """As it is printed."""
    if waits:
        wait_until_certain()
    out = io.StringIO()
    call_command("feed", *(["--since", since] if since else []), stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def asked(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def start() -> str:
    *_vendors, last = feed()
    assert last.keys() == {"event", "cursor"}
    return last["cursor"]


def told(since: str, *, waits: bool = True) -> list[tuple[str, int]]:
    return [(line["event"], line["vendor"]) for line in feed(since, waits=waits)]


def test_everybody_approved_is_listed_with_what_a_project_needs_and_no_more():
    vendor = approved_vendor(weekly_hours=30, working_days=["mon", "tue"], notice="day", tax_id="5260250274")
    away.save(vendor, AwayPeriod(vendor=vendor, starts_on=TODAY, ends_on=TODAY, note="in hospital"), today=TODAY)
    AwayPeriod.objects.create(vendor=vendor, starts_on=dt.date(2020, 1, 1), ends_on=dt.date(2020, 1, 2))
    for state in set(VendorState) - {VendorState.APPROVED}:
        create_vendor(state=state)

    line, last = feed()

    assert last["event"] == "cursor"
    assert (line["event"], line["vendor"], line["at"][:10]) == ("approved", vendor.pk, f"{vendor.state_changed_at:%F}")
    rate = {"source": "de", "target": "pl", "service": "translation", "unit": "source_word", "amount": "0.0850"}
    other = rate | {"source": "en-GB", "amount": "0.0900"}
    assert line["profile"] == {
        "name": "Łucja Nowak",
        "primary_email": "lucja@example.com",
        "kind": "freelancer",
        "country": "PL",
        "services": ["translation"],
        "pairs": [
            {"source": "de", "target": "pl", "services": ["translation"]},
            {"source": "en-GB", "target": "pl", "services": ["translation"]},
        ],
        "rates": [rate | {"currency": "EUR"}, other | {"currency": "EUR"}],
        "minimum_fee": {"amount": "25.00", "currency": "EUR"},
        "availability": {
            "time_zone": "Europe/Warsaw",
            "weekly_hours": 30,
            "working_days": ["mon", "tue"],
            "notice": "day",
            "away": [{"kind": "away", "first_day": f"{TODAY}", "last_day": f"{TODAY}", "weekly_hours": None}],
        },
    }
    assert feed(last["cursor"]) == []


def test_life_of_a_vendor_is_told_in_order():
    cursor = start()
    vendor = create_vendor(state=VendorState.SUBMITTED)
    with transaction.atomic():
        approved_profile.adopt(vendor, approved())
        lifecycle.approve(vendor, by=None)
    for move in (lifecycle.suspend, lifecycle.reinstate, closing.end, lifecycle.reopen):
        vendor.refresh_from_db()
        move(vendor)

    lines = feed(cursor)

    assert [line["event"] for line in lines] == ["approved", "suspended", "reinstated", "ended", "approved"]
    assert [line["event"] for line in lines if "profile" in line] == ["approved", "reinstated", "approved"]
    assert feed(lines[-2]["cursor"]) == lines[-1:]


def change_rate(vendor):
    approved_profile.adopt(vendor, approved(pairs=[pair("de", "pl", "0.1")]))


def change_email(vendor):
    email_change.start(vendor, new="lucja@new.example", cut_off=False, reason="asked")


def accept_rate(vendor):
    proposal = rate_proposals.propose(
        vendor,
        source="de",
        target="pl",
        service="translation",
        unit="source_word",
        amount=Decimal("0.12"),
        why="more",
        by=create_staff(),
    )
    rate_proposals.accept(proposal)


def go_away(vendor):
    away.save(vendor, AwayPeriod(vendor=vendor, starts_on=TODAY, ends_on=TODAY), today=TODAY)


def come_back(vendor):
    AwayPeriod.objects.filter(vendor=vendor).delete()


def change_name(vendor):
    Vendor.objects.filter(pk=vendor.pk).update(name="Łucja Nowak-Åberg")


def change_hours(vendor):
    Profile.objects.filter(vendor=vendor).update(weekly_hours=12)


@pytest.mark.parametrize("change", [change_rate, change_email, accept_rate, go_away, change_name, change_hours])
def test_what_the_feed_carries_counts_as_changed(change):
    vendor = approved_vendor()
    cursor = start()

    change(vendor)

    (line,) = feed(cursor)
    assert (line["event"], line["vendor"]) == ("changed", vendor.pk)
    (now, _cursor) = feed()
    assert line["profile"] == now["profile"]


def test_nothing_else_does():
    vendor, applicant = approved_vendor(), create_vendor(state=VendorState.ONBOARDING)
    cursor = start()

    Profile.objects.filter(vendor=vendor).update(phone="+48221234568", tax_id="", locality="Kraków", weekly_hours=None)
    Vendor.objects.update(language="pl-PL", owner=create_staff())
    Vendor.objects.filter(pk=applicant.pk).update(name="Somebody else", primary_email="else@mail.example")
    lifecycle.suspend(applicant)

    assert (feed(cursor), FeedLine.objects.exclude(vendor=vendor).count()) == ([], 0)


def test_changes_of_a_suspended_vendor_are_told_when_they_are_back():
    vendor = approved_vendor()
    cursor = start()
    lifecycle.suspend(vendor)
    change_hours(vendor)
    assert told(cursor) == [("suspended", vendor.pk)]

    lifecycle.reinstate(vendor)
    lines = feed(cursor)
    assert [line["event"] for line in lines] == ["suspended", "changed", "reinstated"]
    assert lines[-1]["profile"]["availability"]["weekly_hours"] == 12


def test_erasing_leaves_only_that_it_was_done():
    vendor, applicant = approved_vendor(), create_vendor(state=VendorState.SUBMITTED)
    cursor = start()
    change_rate(vendor)
    for somebody in (vendor, applicant):
        lifecycle.erase(somebody, reason="ticket 1", via="erase_vendor")
        erasure.finish(somebody)

    (line,) = feed(cursor)
    assert line.keys() == {"event", "cursor", "vendor", "at"}
    assert (line["event"], line["vendor"]) == ("erased", vendor.pk)
    assert [row.kind for row in FeedLine.objects.all()] == ["erased"]


def test_what_is_committed_late_is_not_missed():
    early, late = approved_vendor(), create_vendor(state=VendorState.APPROVED)
    cursor = start()
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as database:
            database.execute("UPDATE vendors_vendor SET name = 'Early' WHERE id = %s", [early.pk])
        Vendor.objects.filter(pk=late.pk).update(name="Late")
        *_vendors, last = feed(waits=False)
        everybody = last["cursor"]

        seen = [told(since, waits=False) for since in (cursor, everybody)]
        assert seen == [[], []], "what is later waits for what is earlier"

        other.commit()
    finally:
        other.close()
    lines = feed(cursor)
    assert [(line["vendor"], line["profile"]["name"]) for line in lines] == [(early.pk, "Early"), (late.pk, "Late")]
    assert feed(everybody) == lines


def test_what_is_rolled_back_is_never_told():
    vendor = approved_vendor()
    cursor = start()
    with connection.cursor() as database:
        database.execute("BEGIN")
        database.execute("UPDATE vendors_vendor SET name = 'Nobody' WHERE id = %s", [vendor.pk])
        database.execute("ROLLBACK")

    assert feed(cursor) == []


def test_interrupted_list_goes_on_after_its_last_vendor():
    vendors = [create_vendor(state=VendorState.APPROVED) for _ in range(3)]
    lines = feed()

    change_name(vendors[0])
    rest = feed(lines[1]["cursor"])

    assert [line.get("vendor") for line in rest] == [vendors[2].pk, None]
    assert told(rest[-1]["cursor"]) == [("changed", vendors[0].pk)]


# Cursors


@pytest.mark.parametrize("nonsense", ["x", "5f0c7a9e13b2d468", "5f0c7a9e13b2d468.1.-1", "٣.١.١"])
def test_what_is_no_cursor_is_wrong_usage(nonsense):
    with pytest.raises(CommandError, match="isn't a cursor") as caught:
        feed(nonsense)
    assert caught.value.returncode == 2


def restore_elsewhere():
    """What a dump brings along is another server's."""
    FeedEpoch.objects.update(database="7380000000000000001.00000001.16384.16999")


@pytest.mark.parametrize("restored", [epoch.renew_feed, restore_elsewhere])
def test_cursor_from_before_a_restore_is_refused(restored):
    vendor = approved_vendor()
    change_rate(vendor)
    cursor = start()
    assert feed(cursor) == []

    restored()

    with pytest.raises(
        CommandError, match=r"restored or moved since this cursor was issued\. Start again without --since\."
    ) as caught:
        feed(cursor)
    assert caught.value.returncode == 1
    line, last = feed()
    assert (line["vendor"], feed(last["cursor"])) == (vendor.pk, [])


def test_cursor_of_a_transaction_that_is_still_to_come_is_refused():
    name, number, line = start().split(".")

    with pytest.raises(CommandError, match="restored or moved"):
        feed(f"{name}.{int(number) + 1_000_000}.{line}")


def test_lines_that_others_stand_for_are_forgotten():
    vendor = approved_vendor()
    for move in (change_rate, change_hours, lifecycle.suspend, lifecycle.reinstate, change_name):
        move(vendor)
        vendor.refresh_from_db()
    cursor = f"{epoch.current_epoch()}.0.0"
    before = feed(cursor)
    later = timezone.now() + dt.timedelta(days=91)

    assert retention.forget_superseded() == 0
    assert retention.forget_superseded(now=later, dry_run=True) == retention.forget_superseded(now=later) > 0
    assert [line["event"] for line in feed(cursor)] == ["reinstated", "changed"]
    assert feed(cursor) == before[-2:]


# For real


def test_command_that_names_itself_in_the_history_reads_as_well(capsys):
    vendor = approved_vendor()
    manage.Utility(["manage.py", "feed"]).execute()

    line, last = map(json.loads, capsys.readouterr().out.splitlines())
    assert (line["vendor"], last["event"]) == (vendor.pk, "cursor")


@pytest.mark.processes
def test_example_of_the_page_keeps_up(tmp_path):
    page = (PROJECT / "docs" / "integration.md").read_text()
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    reader = tmp_path / "reader.py"
    reader.write_text(code)

    def run() -> dict:
        wait_until_certain()
        process = start_command("feed", before=[sys.executable, str(reader)], cwd=tmp_path)
        assert process.wait(timeout=120) == 0
        return json.loads(Path(tmp_path, "vendors.json").read_text())["vendors"]

    vendor, other = approved_vendor(), create_vendor(state=VendorState.APPROVED)
    assert run().keys() == {str(vendor.pk), str(other.pk)}

    change_name(vendor)
    closing.end(other)
    assert {pk: profile["name"] for pk, profile in run().items()} == {str(vendor.pk): "Łucja Nowak-Åberg"}


def test_memory_does_not_grow_with_the_number_of_vendors():
    with connection.cursor() as database:
        make(database, 2_000)
    epoch.current_epoch()
    tracemalloc.start()
    try:
        peaks = []
        for number, _line in enumerate(reading.read(), start=1):
            if number % 100 == 0:
                gc.collect()  # what was read before would go some time later
            if number % 500 == 0:
                peaks.append(tracemalloc.get_traced_memory()[1])
                tracemalloc.reset_peak()
    finally:
        tracemalloc.stop()

    assert len(peaks) == 4
    assert max(peaks[2:]) < 1.3 * max(peaks[:2]), peaks


def make(database, count: int) -> None:
    """Vendors as the one there is, with everything a line says."""
    pattern = Vendor.objects.first() or approved_vendor()
    first = 10_000_000 + 1_000_000 * Vendor.objects.count()
    for table, change in {
        "identity_user": {"id": "id + n", "username": "md5(n::text)"},
        "vendors_vendor": {"id": "id + n", "user_id": "user_id + n", "primary_email": "n || primary_email"},
        "vendors_profile": {"id": "id + n", "vendor_id": "vendor_id + n"},
        "vendors_languagepair": {"id": "id + 2 * n", "vendor_id": "vendor_id + n"},
        "vendors_rate": {"id": "id + 2 * n", "vendor_id": "vendor_id + n", "pair_id": "pair_id + 2 * n"},
    }.items():
        database.execute(
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position",
            [table],
        )
        columns = [name for (name,) in database.fetchall()]
        values = ", ".join(change.get(name, f'"{name}"') for name in columns)
        names = ", ".join(f'"{name}"' for name in columns)
        owner = {"identity_user": ("id", pattern.user_id), "vendors_vendor": ("id", pattern.pk)}
        column, value = owner.get(table, ("vendor_id", pattern.pk))
        database.execute(
            f"INSERT INTO {table} ({names}) SELECT {values} FROM {table}, "
            f"generate_series({first}, {first} + %s - 1) n WHERE {column} = %s",
            [count, value],
        )
