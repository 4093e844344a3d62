"""What is about to be erased is on a list for 30 days first, can be held back, and goes in the night after that."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from identity.models import Failure, Invitation
from tests.clients import signed_in
from tests.factories import create_account, create_invitation, create_staff, create_vendor
from tests.records import events
from tests.vendors.profiles import approved_vendor
from vendors import lifecycle, tasks
from vendors.models import LockedRecord, RetentionEntry, RetentionHold, Vendor, VendorState
from vendors.privacy import holds, listing, periods

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
LISTED = "/admin/vendors/retentionentry/"


def closed(state: str, *, months: int, days: int = 0, **fields) -> Vendor:
    """A vendor that has been what it is for so long."""
    since = timezone.make_aware(
        dt.datetime.combine(periods.after(timezone.localdate(), -months) - days * DAY, dt.time(12))
    )
    return create_vendor(state=state, state_changed_at=since, **fields)


def in_days(days: int) -> dt.datetime:
    return timezone.now() + days * DAY


def listed() -> dict[int, tuple[str, int]]:
    """Why, and in how many days it goes."""
    today = timezone.localdate()
    return {row.vendor_id: (row.what, (row.goes_on - today).days) for row in RetentionEntry.objects.all()}


def gone(vendor: Vendor) -> bool:
    vendor.refresh_from_db()
    return vendor.state == VendorState.ERASED


# Who is on it


def test_list_names_who_goes_within_30_days_and_nobody_else():
    declined = closed("declined", months=12, days=-10)
    closed("declined", months=12, days=-32)
    never_in = closed("prepared", months=6, days=-3)
    ended = closed("ended", months=24, days=0)
    long_ago = closed("declined", months=60)
    for state in ("approved", "suspended", "onboarding", "submitted", "changes_requested"):
        closed(state, months=200)

    listing.carry_out()

    assert listed() == {
        declined.pk: ("declined", 30),
        never_in.pk: ("never_signed_in", 30),
        ended.pk: ("ended", 30),
        long_ago.pk: ("declined", 30),
    }
    assert not any(gone(vendor) for vendor in (declined, never_in, ended, long_ago))


def test_what_has_been_on_the_list_for_30_days_goes_and_not_a_day_sooner():
    vendor = closed("declined", months=12, days=-40)
    for day in range(9, 40):
        listing.carry_out(now=in_days(day))
        assert not gone(vendor), day
    assert listed()[vendor.pk] == ("declined", 41), "the day after the twelve months"

    assert listing.carry_out(now=in_days(41), dry_run=True)["declined_vendors"] == 1
    assert not gone(vendor)
    assert listing.carry_out(now=in_days(41))["declined_vendors"] == 1

    assert gone(vendor)
    assert (vendor.name, vendor.events.get(kind="erased").via) == ("", "purge")
    assert not RetentionEntry.objects.exists()


def test_worker_that_slept_for_a_month_erases_nobody_whom_vm_has_not_seen_on_the_list():
    vendor = closed("declined", months=40)

    tasks.erase_what_is_due(0)

    assert not gone(vendor)
    assert listed() == {vendor.pk: ("declined", 30)}


def test_never_signed_in_counts_from_when_the_last_invitation_ended():
    since = timezone.now() - 400 * DAY
    refused, invited, used = (create_vendor(state="invited", state_changed_at=since) for _ in range(3))
    Invitation.objects.filter(user=refused.user).update(state="refused", closed_at=timezone.now() - 100 * DAY)
    Invitation.objects.filter(user=used.user).update(state="refused", closed_at=since)
    create_account(user=used.user, address="u@mail.example", used=True)
    back = create_vendor(state="prepared", state_changed_at=timezone.now() - 300 * DAY)
    create_invitation(user=back.user, address="b@mail.example", state="withdrawn")
    never_invited = create_vendor(state="prepared", state_changed_at=since)

    listing.carry_out()
    assert set(listed()) == {never_invited.pk}, "of one the invitation ended lately, of two it is open or used"

    listing.carry_out(now=in_days(90))
    assert {refused.pk} <= set(listed())
    assert not {invited.pk, used.pk} & set(listed())
    assert RetentionEntry.objects.get(vendor=refused).counted_from == timezone.localdate() - 100 * DAY


def test_reopened_vendor_leaves_the_list_and_begins_anew_when_closed_again():
    vendor = closed("declined", months=12)
    listing.carry_out()
    lifecycle.reopen(vendor)
    listing.carry_out(now=in_days(31))
    assert not RetentionEntry.objects.exists()
    assert not gone(vendor)

    Vendor.objects.filter(pk=vendor.pk).update(state="declined", state_changed_at=timezone.now() - 500 * DAY)
    listing.carry_out()
    Vendor.objects.filter(pk=vendor.pk).update(state_changed_at=timezone.now() - 450 * DAY)
    listing.carry_out(now=in_days(31))
    assert not gone(vendor), "another end than the one that VM has seen"


def test_longer_time_in_the_settings_takes_vendors_off_the_list(settings):
    vendor = closed("declined", months=12)
    listing.carry_out()
    settings.KEEP_DECLINED_MONTHS = 24

    listing.carry_out(now=in_days(31))

    assert not gone(vendor)
    assert listed() == {}


# Holding back


def test_held_vendor_is_not_erased_until_it_is_lifted_and_listed_again():
    vera, vendor = create_staff(), closed("declined", months=12)
    listing.carry_out()
    hold = holds.place(vendor, reason="Invoice in dispute", until=None, by=vera)
    assert listed() == {}
    listing.carry_out(now=in_days(31))
    listing.carry_out(now=in_days(400))
    assert not gone(vendor)

    holds.lift(hold, by=vera)
    listing.carry_out(now=in_days(1))
    assert not gone(vendor)
    listing.carry_out(now=in_days(31))
    assert gone(vendor)


def test_hold_until_a_day_ends_by_itself_and_vm_sees_it_coming():
    vendor = closed("declined", months=12)
    until = timezone.localdate() + 60 * DAY
    holds.place(vendor, reason="Audit", until=until, by=None)

    listing.carry_out(now=in_days(20))
    assert listed() == {}
    listing.carry_out(now=in_days(31))
    assert listed() == {vendor.pk: ("declined", 61)}
    listing.carry_out(now=in_days(60))
    assert not gone(vendor)
    listing.carry_out(now=in_days(61))
    assert gone(vendor)


def test_hold_on_the_vendors_page_is_recorded_shown_and_lifted():
    vera, vendor = create_staff(), closed("declined", months=12)
    listing.carry_out()
    client, page = signed_in(vera), f"/admin/vendors/vendor/{vendor.pk}"
    assert "Due to be erased on" in client.get(f"{page}/change/").text

    assert "Say why the vendor must not be erased." in client.post(f"{page}/hold/", {"reason": " "}).text
    past = client.post(f"{page}/hold/", {"reason": "Dispute", "until": "1 May 2020"}).text
    assert "That day has passed." in past
    client.post(f"{page}/hold/", {"reason": "Invoice in dispute", "until": ""})

    shown = client.get(f"{page}/change/").text
    assert "Held back from erasure:" in shown
    assert "Invoice in dispute" in shown
    assert "Due to be erased on" not in shown
    assert "Invoice in dispute" in client.get("/admin/vendors/retentionhold/").text
    assert client.post(f"{page}/hold/", {"reason": "Again"}).status_code == 302
    assert RetentionHold.objects.count() == 1
    client.post(f"{page}/hold/", {"lift": "1"})
    assert holds.of(vendor) is None
    assert [(event.kind, event.by) for event in vendor.events.order_by("at", "id")][-2:] == [
        ("erasure_held", vera),
        ("erasure_hold_lifted", vera),
    ]


def test_erase_vendor_refuses_a_vendor_who_is_held_back():
    vendor = closed("declined", months=1)
    holds.place(vendor, reason="Invoice in dispute", until=None, by=None)

    with pytest.raises(CommandError, match="held back from erasure: Invoice in dispute"):
        call_command("erase_vendor", vendor.primary_email, "--reason", "Asked on 3 May", "--yes")

    assert not gone(vendor)


# The first page


def test_first_page_counts_them_and_leads_to_the_vendor():
    vera = create_staff()
    mine, other = closed("declined", months=12, owner=vera, name="Ana Costa"), closed("declined", months=12)
    listing.carry_out()
    client = signed_in(vera)

    first = client.get("/admin/?whose=mine").text
    assert "About to be erased" in first
    assert f'href="/admin/vendors/vendor/{mine.pk}/change/"' in first
    assert f"/admin/vendors/vendor/{other.pk}/change/" not in first
    listed_page = client.get(f"{LISTED}?whose=mine").text
    assert f'href="/admin/vendors/vendor/{mine.pk}/change/"' in listed_page
    assert f"/admin/vendors/vendor/{other.pk}/change/" not in listed_page
    assert f"/admin/vendors/vendor/{other.pk}/change/" in client.get(f"{LISTED}?what__exact=declined").text


# The brake


def purge(capsys, *arguments: str) -> dict[str, int]:
    capsys.readouterr()
    call_command("purge", "--json", *arguments)
    return json.loads(capsys.readouterr().out)


def test_more_than_is_likely_in_one_night_stops_it_and_operations_are_told(capsys):
    vendors = [closed("declined", months=13) for _ in range(6)]
    listing.carry_out()
    RetentionEntry.objects.update(listed_on=timezone.localdate() - 30 * DAY, goes_on=timezone.localdate())

    with pytest.raises(CommandError, match=r"6 vendors were due tonight.* --at-most 6") as caught:
        call_command("purge", "--json")
    assert caught.value.returncode == 1
    assert json.loads(capsys.readouterr().out)["stopped_by_the_brake"] == 6
    assert not any(gone(vendor) for vendor in vendors)
    case = Failure.objects.get()
    assert (case.reason, case.detail) == ("purge_stopped", {"due": 6, "allowed": 5})

    assert purge(capsys, "--dry-run", "--at-most", "6")["declined_vendors"] == 6
    assert purge(capsys, "--at-most", "6")["declined_vendors"] == 6
    assert all(gone(vendor) for vendor in vendors)


@pytest.mark.parametrize(("setting", "vendors", "allowed"), [(50, 4, 5), (50, 12, 6), (3, 12, 3)])
def test_allowance_is_the_setting_or_a_share_of_all(settings, monkeypatch, setting, vendors, allowed):
    assert listing.SHARE == 20
    monkeypatch.setattr(listing, "SHARE", 2)
    settings.PURGE_AT_MOST = setting
    for _ in range(vendors):
        create_vendor()

    assert listing.allowance() == allowed


@pytest.mark.parametrize("text", ["0", "-1", "many"])
def test_at_most_is_a_number_of_vendors(text):
    with pytest.raises(CommandError, match=f"“{text}” is not a number of vendors"):
        call_command("purge", f"--at-most={text}")


def test_each_vendor_takes_the_same_number_of_statements():
    def statements(number: int) -> int:
        for _ in range(number):
            vendor = approved_vendor()
            Vendor.objects.filter(pk=vendor.pk).update(
                state="ended", primary_email=f"v{vendor.pk}@mail.example", state_changed_at=in_days(-2000)
            )
        listing.refresh(today=timezone.localdate())
        RetentionEntry.objects.update(listed_on=timezone.localdate() - 30 * DAY, goes_on=timezone.localdate())
        with CaptureQueriesContext(connection) as captured:
            assert listing.carry_out()["ended_vendors"] == number
        return len(captured)

    one, two, three = statements(1), statements(2), statements(3)

    assert three - two <= two - one + 10
    assert two - one < 500


# Settings


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("KEEP_DECLINED_MONTHS", 0, ["passport.E019"]),
        ("KEEP_NEVER_SIGNED_IN_MONTHS", 361, ["passport.E019"]),
        ("KEEP_ENDED_TAX_MONTHS", 12, ["passport.E020"]),
        ("PURGE_AT_MOST", 0, ["passport.E021"]),
        ("PURGE_AT_MOST", 1, []),
    ],
)
def test_nonsense_in_a_setting_is_found_by_check(settings, name, value, expected):
    setattr(settings, name, value)

    ours = {"passport.E019", "passport.E020", "passport.E021"}
    assert [message.id for message in run_checks() if message.id in ours] == expected


def test_months_are_counted_as_people_count_them():
    assert periods.after(dt.date(2027, 1, 31), 1) == dt.date(2027, 2, 28)
    assert periods.after(dt.date(2027, 12, 1), 12) == dt.date(2028, 12, 1)
    assert periods.after(dt.date(2027, 3, 31), -1) == dt.date(2027, 2, 28)
    for day in (dt.date(2028, 2, 29), dt.date(2027, 8, 31), dt.date(2027, 12, 31)):
        for number in (1, 6, 12):
            assert periods.at_most_before(periods.after(day, number), number) >= day


def test_everyone_who_is_locked_is_listed_before_it_goes():
    vendor = closed("ended", months=1)
    record = LockedRecord.objects.create(
        vendor=vendor,
        section="tax",
        content={"who": {}, "rows": {}},
        counted_from=timezone.localdate() - 3000 * DAY,
        until=timezone.localdate() - DAY,
    )
    listing.carry_out()
    assert listed() == {vendor.pk: ("locked_tax", 30)}
    assert LockedRecord.objects.filter(pk=record.pk).exists()

    assert listing.carry_out(now=in_days(30))["locked_records"] == 1
    assert not LockedRecord.objects.exists()
    assert events(vendor) == ["locked_data_erased"]
