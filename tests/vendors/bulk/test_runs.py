"""One action for many vendors: the preview, the start, what becomes of each row, and trying again."""

from __future__ import annotations

import datetime as dt
import re
import threading

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from identity.models import Invitation
from identity.roles import AUDITOR, FINANCE, OPERATIONS
from tests.clients import signed_in
from tests.factories import create_account, create_draft, create_email_change, create_staff, create_vendor
from tests.passport_fixture import in_thread
from tests.records import jobs
from vendors import lifecycle
from vendors.bulk import runs
from vendors.bulk.actions import BULK_ACTIONS
from vendors.models import BulkRow, BulkRun, Note, Vendor, VendorEvent, VendorState
from vendors.still_right import lifecycle as still_right
from vendors.tasks import mail_written, run_bulk

pytestmark = pytest.mark.django_db
LIST = "/admin/vendors/vendor/"
TASK = "vendors.tasks.run_bulk"


def choose(client: Client, action: str, *vendors: Vendor, query: str = "", **more: str):
    """Tick some in the list and choose what is to be done with them."""
    fields = {"action": action, "index": "0", "_selected_action": [vendor.pk for vendor in vendors]}
    return client.post(LIST + query, fields | more, follow=True)


def prepared(client: Client, action: str, *vendors: Vendor, **fields: str) -> BulkRun:
    choose(client, action, *vendors)
    run = BulkRun.objects.latest("pk")
    if fields:
        client.post(url("look", run), {"revision": run.revision} | fields)
        run.refresh_from_db()
    return run


def url(name: str, run: BulkRun) -> str:
    return reverse(f"admin:vendors_vendor_bulk_{name}", args=[run.pk])


def start(client: Client, run: BulkRun):
    return client.post(url("start", run), {"revision": run.revision}, follow=True)


def carried_out(client: Client, action: str, *vendors: Vendor, **fields: str) -> BulkRun:
    run = prepared(client, action, *vendors, **fields)
    start(client, run)
    run_bulk(run.pk)
    run.refresh_from_db()
    return run


def outcomes(run: BulkRun) -> dict[str, str]:
    return dict(run.lines.order_by("pk").values_list("vendor__name", "outcome"))


def reasons(run: BulkRun) -> dict[str, str]:
    return dict(run.lines.exclude(reason="").values_list("vendor__name", "reason"))


# The preview


def test_preview_says_how_many_who_cannot_and_why_and_changes_nothing(as_vera):
    ready = [create_vendor(name=f"Ready {number}") for number in range(3)]
    suspended = create_vendor(name="Sue", state="suspended")

    page = choose(as_vera, "invite", *ready, suspended)

    assert "3 vendors will be invited." in page.text
    assert "1 cannot" in page.text
    shown = page.text.partition("<tbody>")[2]
    assert f"/admin/vendors/vendor/{suspended.pk}/change/" in shown
    assert "Sue" in shown
    assert "suspended" in shown
    assert "Ready" not in shown, "those who cannot come first; the others are one press away"
    assert "Ready 2" in as_vera.get(f"{page.redirect_chain[-1][0]}?outcome=all").text
    assert not Invitation.objects.filter(state="queued").exists()
    assert not jobs(TASK)


def test_looking_starts_nothing(as_vera):
    run = prepared(as_vera, "invite", create_vendor())

    for name in ("start", "again", "throw_away"):
        assert as_vera.get(url(name, run)).status_code == 405


def test_nothing_ticked_is_said_and_an_odd_id_is_nothing(as_vera):
    create_vendor()

    for odd in ({}, {"_selected_action": "²"}, {"_selected_action": "9" * 40}):
        page = as_vera.post(LIST, {"action": "invite", "index": "0", **odd}, follow=True)
        assert '<li class="warning">' in page.text
    assert '<li class="error">' in choose(as_vera, "invite", Vendor(pk=10**15)).text
    assert not BulkRun.objects.exists()


def test_all_in_the_list_are_those_that_the_filters_leave_beyond_the_page(as_vera):
    for number in range(53):
        create_vendor(name=f"N{number}")
    create_vendor(name="Approved", state="approved")
    assert "select_across" in as_vera.get(f"{LIST}?state__exact=prepared").text
    assert "select_across" not in as_vera.get(f"{LIST}?state__exact=approved").text

    fields = {"action": "invite", "index": "0", "select_across": "1"}
    page = as_vera.post(f"{LIST}?state__exact=prepared", fields, follow=True)

    assert "53 vendors will be invited." in page.text
    assert BulkRun.objects.get().lines.count() == 53


def test_search_and_all_is_what_was_found(as_vera):
    for name in ("Ana Almeida", "Ana Bauer", "Bo Costa"):
        create_vendor(name=name)
    as_vera.post(f"{LIST}?q=ana", {"action": "invite", "index": "0", "select_across": "1"})

    assert set(outcomes(BulkRun.objects.get())) == {"Ana Almeida", "Ana Bauer"}


def test_more_than_there_may_be_is_refused(as_vera, monkeypatch):
    monkeypatch.setattr(runs, "AT_MOST", 2)
    vendors = [create_vendor() for _number in range(3)]

    assert "more than 2 vendors" in choose(as_vera, "invite", *vendors).text
    assert not BulkRun.objects.exists()


def test_ids_may_come_twice_or_be_of_no_one(vera):
    ana, bo = create_vendor(), create_vendor()

    run = runs.prepare(BULK_ACTIONS["invite"], [bo.pk, ana.pk, bo.pk, 10**9], by=vera)

    assert list(run.lines.order_by("pk").values_list("vendor", flat=True)) == [bo.pk, ana.pk]


def test_preview_costs_the_same_however_many(as_vera):
    def statements(number: int) -> tuple[int, int]:
        vendors = [create_vendor(state="approved") for _number in range(number)]
        found = []
        for ask in (
            lambda: choose(as_vera, "ask-still-right", *vendors),
            lambda: as_vera.get(url("look", BulkRun.objects.latest("pk"))),
        ):
            with CaptureQueriesContext(connection) as context:
                ask()
            found.append(len(context))
        return found[0], found[1]

    statements(1)
    assert statements(2) == statements(20)


@pytest.mark.parametrize("action", sorted(BULK_ACTIONS))
def test_who_may_not_do_it_to_one_may_not_do_it_to_many(as_vera, action):
    vendor = create_vendor(state="approved")
    run = prepared(as_vera, action, vendor)
    for role in (AUDITOR, FINANCE, OPERATIONS):
        client = signed_in(create_staff(role=role))
        may = client.get(LIST).text.count(f'<option value="{action}">')
        assert may == int(role == OPERATIONS and action in ("invite", "invite-again", "remind", "withdraw-invitation"))
        if not may:
            choose(client, action, vendor)
            assert client.get(url("look", run)).status_code == 403
            assert start(client, run).status_code == 403
            assert client.post(url("throw_away", run)).status_code == 403
            assert url("look", run) not in client.get("/admin/vendors/vendor/bulk/").text
    assert BulkRun.objects.get().state == "prepared"


# The start


def test_started_it_is_done_row_by_row_by_whom_and_the_page_says_so(as_vera, vera):
    ana, sue = create_vendor(name="Ana"), create_vendor(name="Sue", state="suspended")
    run = prepared(as_vera, "invite", ana, sue)

    page = start(as_vera, run)
    assert 'value="1" max="2"' in page.text
    assert 'id="reload"' in page.text
    assert jobs(TASK) == [{"bulk_id": run.pk}]
    run_bulk(run.pk)

    run.refresh_from_db()
    assert (run.state, outcomes(run)) == ("done", {"Ana": "done", "Sue": "refused"})
    ana.refresh_from_db()
    assert ana.state == "invited"
    assert VendorEvent.objects.get(vendor=ana, kind="invited").by == vera
    page = as_vera.get(url("look", run)).text
    assert "1 vendor has been invited." in page
    assert 'id="again"' in page
    only = as_vera.get(f"{url('look', run)}?outcome=refused").text.partition("<tbody>")[2]
    assert "Sue" in only
    assert "Ana" not in only
    assert f'href="{url("look", run)}"' in as_vera.get("/admin/vendors/vendor/bulk/").text


def test_pressed_twice_it_starts_once(as_vera):
    run = prepared(as_vera, "invite", create_vendor())
    start(as_vera, run)

    assert '<li class="error">' in start(as_vera, run).text
    assert '<li class="error">' in as_vera.post(url("throw_away", run), follow=True).text
    assert len(jobs(TASK)) == 1
    assert BulkRun.objects.get().state == "running"


@pytest.mark.django_db(transaction=True)
def test_pressed_by_two_at_once_it_starts_once(vera):
    run = runs.prepare(BULK_ACTIONS["invite"], [create_vendor().pk], by=vera)
    refused = []

    def press() -> None:
        try:
            runs.start(run, revision=0, by=vera)
        except runs.AlreadyDecided as refusal:
            refused.append(refusal)

    threads = [threading.Thread(target=lambda: in_thread(press)) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(refused) == 1
    assert len(jobs(TASK)) == 1


def test_thrown_away_it_is_gone(as_vera):
    run = prepared(as_vera, "invite", create_vendor())
    as_vera.post(url("throw_away", run))

    assert not BulkRun.objects.exists()
    assert as_vera.get(url("look", run)).status_code == 404


def test_what_has_changed_since_the_preview_is_refused_by_the_rules_of_today(as_vera):
    ana, bo = create_vendor(name="Ana"), create_vendor(name="Bo")
    run = prepared(as_vera, "invite", ana, bo)
    lifecycle.invite(ana)
    start(as_vera, run)
    run_bulk(run.pk)

    assert outcomes(run) == {"Ana": "refused", "Bo": "done"}
    assert "invited" in reasons(run)["Ana"]
    assert Invitation.objects.filter(user=ana.user).count() == 1


# Trying again


def test_those_with_whom_it_was_not_possible_are_tried_again(as_vera):
    ana, sue = create_vendor(name="Ana"), create_vendor(name="Sue", state="suspended", suspended_from="prepared")
    tom = create_vendor(name="Tom", state="suspended")
    run = carried_out(as_vera, "invite", ana, sue, tom)
    lifecycle.reinstate(sue)

    as_vera.post(url("again", run))
    as_vera.post(url("again", run))
    assert len(jobs(TASK)) == 2
    run_bulk(run.pk)

    assert outcomes(run) == {"Ana": "done", "Sue": "done", "Tom": "refused"}
    assert Invitation.objects.filter(user=ana.user).count() == 1


def test_only_those_that_failed_are_tried_again_if_that_is_what_is_shown(as_vera):
    ana, sue = create_vendor(name="Ana"), create_vendor(name="Sue", state="suspended", suspended_from="prepared")
    run = carried_out(as_vera, "invite", ana, sue)
    lifecycle.reinstate(sue)
    as_vera.post(url("again", run), {"outcome": "failed"})
    run_bulk(run.pk)

    assert outcomes(run) == {"Ana": "done", "Sue": "refused"}


def test_row_that_breaks_fails_alone_without_a_trace_of_what_it_did(as_vera, monkeypatch):
    ana, bo = create_vendor(name="Ana"), create_vendor(name="Bo")
    run = prepared(as_vera, "invite", ana, bo)
    start(as_vera, run)
    real = lifecycle.record

    def breaks(vendor, *args, **kwargs):
        real(vendor, *args, **kwargs)
        if vendor.pk == ana.pk:
            raise KeyError("a mistake of ours")

    monkeypatch.setattr(lifecycle, "record", breaks)
    run_bulk(run.pk)
    monkeypatch.undo()

    ana.refresh_from_db()
    assert (outcomes(run), ana.state) == ({"Ana": "failed", "Bo": "done"}, "prepared")
    assert "a mistake" not in str(reasons(run))
    as_vera.post(url("again", run), {"outcome": "failed"})
    run_bulk(run.pk)
    assert outcomes(run) == {"Ana": "done", "Bo": "done"}


# Killed, twice at once, long


class PowerCut(BaseException):
    """As if the process were killed: nothing after it runs."""


@pytest.fixture
def many(vera) -> BulkRun:
    run = runs.prepare(BULK_ACTIONS["invite"], [create_vendor(name=f"N{n}").pk for n in range(25)], by=vera)
    runs.start(run, revision=0, by=vera)
    return run


def test_killed_it_goes_on_where_it_was(many, monkeypatch):
    real, calls = lifecycle.record, []

    def dies(*args, **kwargs):
        calls.append(args)
        if len(calls) == 11:
            raise PowerCut
        return real(*args, **kwargs)

    monkeypatch.setattr(lifecycle, "record", dies)
    with pytest.raises(PowerCut):
        run_bulk(many.pk)
    assert runs.counts(many) == {"done": 10, "waiting": 15}
    assert Invitation.objects.count() == 10

    run_bulk(many.pk)

    many.refresh_from_db()
    assert (many.state, runs.counts(many)) == ("done", {"done": 25})
    assert Invitation.objects.count() == 25


def test_long_one_goes_on_in_other_jobs(many, monkeypatch):
    monkeypatch.setattr(runs, "AT_ONCE", 10)
    for done, waiting in [(10, 2), (20, 3), (25, 3)]:
        run_bulk(many.pk)
        assert (runs.counts(many)["done"], len(jobs(TASK))) == (done, waiting)
    run_bulk(many.pk)
    run_bulk(0)

    assert Invitation.objects.count() == 25


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_the_same_one_do_nothing_twice(many):
    threads = [threading.Thread(target=lambda: in_thread(lambda: run_bulk(many.pk))) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    many.refresh_from_db()
    assert (many.state, runs.counts(many)) == ("done", {"done": 25})
    assert Invitation.objects.count() == VendorEvent.objects.filter(kind="invited").count() == 25


def test_memory_and_statements_do_not_grow_with_the_list(vera, monkeypatch):
    """A few hundred at a time, in the preview, when it is looked at again, and when it is carried out."""
    monkeypatch.setattr(runs, "TOGETHER", 10)
    monkeypatch.setattr(runs, "AT_ONCE", 10)
    for number in range(35):
        create_vendor(name=f"N{number}")
    together = []
    real = runs._examine

    def watched(rows, *args):
        together.append(len(rows))
        real(rows, *args)

    monkeypatch.setattr(runs, "_examine", watched)
    run = runs.prepare(BULK_ACTIONS["assign-owner"], Vendor.objects.order_by("pk"), by=vera)
    runs.set_parameters(run, {"owner": vera.pk}, revision=0)

    assert together == [10, 10, 10, 5] * 2


# Each action


def test_send_again_to_those_who_have_not_signed_in(as_vera):
    invited = create_vendor(name="Invited", state="invited")
    moving = create_vendor(name="Moving", state="approved")
    create_email_change(vendor=moving, old="before@mail.example")
    revoked = create_vendor(name="Revoked", state="approved")
    revoked.user.accounts.update(revoked_at=timezone.now())
    others = [create_vendor(name=name, state=name.lower()) for name in ("Approved", "Prepared", "Ended")]
    everyone = [invited, moving, revoked, *others]

    run = carried_out(as_vera, "invite-again", *everyone)

    done = {name for name, outcome in outcomes(run).items() if outcome == "done"}
    assert done == {"Invited", "Moving", "Revoked"}
    assert done == set(VendorEvent.objects.filter(kind="invited_again").values_list("vendor__name", flat=True))
    assert "already signed in" in reasons(run)["Approved"]
    assert "prepared" in reasons(run)["Prepared"]


def test_remind_those_whose_turn_it_is_once_a_day(as_vera, vera):
    ana, bo = (create_vendor(name=name, state="onboarding") for name in ("Ana", "Bo"))
    cleo = create_vendor(name="Cleo", state="approved")
    create_draft(vendor=bo, left_at=timezone.now(), reminded_at=timezone.now())

    run = carried_out(as_vera, "remind", ana, bo, cleo)

    assert outcomes(run) == {"Ana": "done", "Bo": "refused", "Cleo": "refused"}
    assert "less than a day ago" in reasons(run)["Bo"]
    assert VendorEvent.objects.get(kind="reminded").by == vera


def test_ask_whether_it_is_still_right(as_vera, vera):
    ana, bo = (create_vendor(name=name, state="approved") for name in ("Ana", "Bo"))
    cleo = create_vendor(name="Cleo", state="ended")
    still_right.ask(bo)

    run = carried_out(as_vera, "ask-still-right", ana, bo, cleo)

    assert outcomes(run) == {"Ana": "done", "Bo": "refused", "Cleo": "refused"}
    assert ana.profile_checks.get().by == vera


def test_assign_an_owner(as_vera, vera):
    cyd = create_staff(email="cyd@sandberg.example")
    ana, bo = create_vendor(name="Ana", owner=cyd), create_vendor(name="Bo", owner=vera)
    erased = create_vendor(name="Erased", state="erased")
    run = prepared(as_vera, "assign-owner", ana, bo, erased)
    assert 'id="start"' not in as_vera.get(url("look", run)).text, "there is nothing to start without an owner"
    assert "Fill in the form first" in start(as_vera, run).text
    assert "Choose the new owner." in as_vera.post(url("look", run), {"revision": run.revision, "owner": ""}).text

    as_vera.post(url("look", run), {"revision": run.revision, "owner": vera.pk})
    run.refresh_from_db()
    page = as_vera.get(url("look", run)).text
    assert "1 vendor will be given this owner." in page
    start(as_vera, run)
    run_bulk(run.pk)

    assert outcomes(run) == {"Ana": "done", "Bo": "refused", "Erased": "refused"}
    ana.refresh_from_db()
    assert ana.owner == vera
    assert "vera.vm@sandberg.example" in as_vera.get(url("look", run)).text
    assert ana.history.latest("pgh_id").pgh_context.metadata["user"] == vera.pk


def test_owner_that_a_colleague_has_just_given_is_not_replaced(as_vera, vera):
    cyd, dan = create_staff(), create_staff()
    ana = create_vendor(name="Ana", owner=cyd)
    run = prepared(as_vera, "assign-owner", ana, owner=str(vera.pk))
    Vendor.objects.filter(pk=ana.pk).update(owner=dan)
    start(as_vera, run)
    run_bulk(run.pk)

    ana.refresh_from_db()
    assert (ana.owner, outcomes(run)) == (dan, {"Ana": "refused"})
    assert "changed since you looked" in reasons(run)["Ana"]
    as_vera.post(url("again", run))
    run_bulk(run.pk)
    ana.refresh_from_db()
    assert ana.owner == vera, "once it has been read"


def test_add_a_note(as_vera, vera):
    ana, bo = create_vendor(name="Ana"), create_vendor(name="Bo")
    erased = create_vendor(name="Erased", state="erased")
    run = prepared(as_vera, "add-note", ana, bo, erased)
    page = as_vera.post(url("look", run), {"revision": run.revision, "text": "", "is_pinned": "on"}).text
    assert "Write the note first." in page
    assert "The vendor may ask to read this." in page

    as_vera.post(url("look", run), {"revision": run.revision, "text": "Met at the fair in Kraków.", "is_pinned": "on"})
    run.refresh_from_db()
    assert "The note will be added to 2 vendors." in as_vera.get(url("look", run)).text
    assert not Note.objects.exists()
    start(as_vera, run)
    run_bulk(run.pk)
    run_bulk(run.pk)

    assert outcomes(run) == {"Ana": "done", "Bo": "done", "Erased": "refused"}
    assert "erased" in reasons(run)["Erased"].lower()
    assert set(Note.objects.values_list("vendor", "text", "is_pinned", "by")) == {
        (vendor.pk, "Met at the fair in Kraków.", True, vera.pk) for vendor in (ana, bo)
    }
    assert "Met at the fair in Kraków." in as_vera.get(f"{LIST}{ana.pk}/change/").text
    result = as_vera.get(url("look", run)).text
    assert "The note has been added to 2 vendors." in result
    assert "Met at the fair in Kraków." in result


def test_note_for_who_was_erased_meanwhile_is_refused(as_vera):
    ana = create_vendor(name="Ana")
    run = prepared(as_vera, "add-note", ana, text="Met at the fair.")
    start(as_vera, run)
    Vendor.objects.filter(pk=ana.pk).update(state=VendorState.ERASED)
    run_bulk(run.pk)

    assert outcomes(run) == {"Ana": "refused"}
    assert "erased" in reasons(run)["Ana"]
    assert not Note.objects.exists()


# Writing


LETTER = {"subject": "Our office in July", "text": "Hello {name},\n\nWe are closed until the 8th, {name}."}


@pytest.fixture
def dora(vera):
    return create_vendor(name="Dora Nowak", state="approved", primary_email="dora@mail.example", owner=vera)


def sent(run: BulkRun) -> dict[str, mail.EmailMessage]:
    for row in run.lines.filter(outcome="done"):
        mail_written(row.pk)
    return {message.to[0]: message for message in mail.outbox}


def test_email_is_shown_before_it_is_sent_and_goes_to_each_alone(as_vera, vera, settings):
    away = create_staff(email="left@sandberg.example")
    away.__class__.objects.filter(pk=away.pk).update(is_active=False)
    emil = create_vendor(name="Emil", state="onboarding", primary_email="emil@mail.example", owner=away)
    fay = create_vendor(name="Fay", state="invited", primary_email="fay@mail.example")
    dora = create_vendor(name="Dora Nowak", state="approved", primary_email="dora@mail.example", owner=vera)
    run = prepared(as_vera, "write", dora, emil, fay, **LETTER)

    page = as_vera.get(url("look", run)).text
    assert "3 vendors will get this email." in page
    for shown in ("dora@mail.example", "vera.vm@sandberg.example", "Hello Dora Nowak,", "Our office in July"):
        assert shown in page.partition('id="sample"')[2]
    assert not mail.outbox
    start(as_vera, run)
    run_bulk(run.pk)
    assert len(jobs("vendors.tasks.mail_written")) == 3

    messages = sent(run)

    assert {to: message.reply_to for to, message in messages.items()} == {
        "dora@mail.example": ["vera.vm@sandberg.example"],
        "emil@mail.example": ["vm@sandberg.example"],
        "fay@mail.example": ["vm@sandberg.example"],
    }
    assert messages["dora@mail.example"].subject == f"{settings.ORGANISATION_NAME}: Our office in July"
    assert "until the 8th, Dora Nowak." in messages["dora@mail.example"].body
    unproven = messages["fay@mail.example"].body
    assert unproven.startswith("Hello,\n"), "no name where no one has signed in"
    assert "Fay" not in unproven
    assert all(not message.cc and not message.bcc for message in messages.values())
    event = VendorEvent.objects.get(vendor=dora, kind="written_to")
    assert (event.by, event.reason) == (vera, "Our office in July")
    timeline = as_vera.get(f"/admin/vendors/vendor/{dora.pk}/change/").text
    assert "Our office in July" in timeline


def test_what_cannot_be_filled_in_is_said_and_nothing_typed_is_lost(as_vera, dora):
    run = prepared(as_vera, "write", dora)
    page = as_vera.post(url("look", run), {"revision": 0, "subject": "Hi", "text": "Dear {nmae} and {rate}"}).text

    assert "{nmae}, {rate}" in page.partition("<textarea")[0]
    assert "Dear {nmae} and {rate}</textarea>" in page
    assert 'id="start"' not in page
    run.refresh_from_db()
    assert run.parameters == {}


def test_text_that_a_colleague_changed_meanwhile_is_neither_sent_nor_overwritten_in_silence(as_vera, dora):
    run = prepared(as_vera, "write", dora, **LETTER)
    colleague = signed_in(create_staff())
    read = run.revision
    colleague.post(url("look", run), {"revision": read, "subject": "Other", "text": "Theirs"})

    refused = as_vera.post(url("start", run), {"revision": read}, follow=True)
    assert "changed in another window" in refused.text
    page = as_vera.post(url("look", run), {"revision": read, "subject": "Mine", "text": "My own"}).text
    assert "A colleague has changed this" in page
    assert "My own</textarea>" in page
    run.refresh_from_db()
    assert (run.state, run.parameters["text"]) == ("prepared", "Theirs")
    seen = re.search(r'name="revision" value="(\d+)"', page)
    as_vera.post(url("look", run), {"revision": seen[1], "subject": "Mine", "text": "My own"})
    run.refresh_from_db()
    assert run.parameters["text"] == "My own"


def test_name_of_a_vendor_is_just_text(as_vera):
    eve = create_vendor(name="Eve https://evil.example/x", state="approved", primary_email="eve@mail.example")
    account = eve.user.accounts.get()
    create_account(user=eve.user, address="older@mail.example", used=True)
    run = carried_out(as_vera, "write", eve, subject="For {name}", text="{name}, hello")

    body = sent(run)["eve@mail.example"].body
    assert account.first_sign_in_at
    assert "https://evil" not in body


def test_email_is_not_sent_to_who_was_erased_meanwhile(as_vera, dora):
    run = carried_out(as_vera, "write", dora, **LETTER)
    lifecycle.erase(dora, reason="asked for it")

    assert sent(run) == {}
    mail_written(0)


# How long it is kept


def test_previews_nobody_decided_on_and_old_results_go(as_vera, vera):
    fresh, stale, done, empty = (prepared(as_vera, "invite", create_vendor()) for _number in range(4))
    BulkRun.objects.filter(pk=stale.pk).update(created_at=timezone.now() - dt.timedelta(hours=25))
    BulkRun.objects.filter(pk=done.pk).update(state="done", finished_at=timezone.now() - dt.timedelta(days=91))
    BulkRow.objects.filter(run=empty).delete()

    assert runs.forget_old(dry_run=True) == 3
    assert runs.forget_old() == 3
    assert BulkRun.objects.get() == fresh
