"""What people ask about their data is written down, due in a month, and answered; a press deletes nothing."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.management import call_command
from django.utils import timezone

from identity.roles import OPERATIONS
from tests.clients import signed_in
from tests.factories import create_staff, create_vendor
from tests.passport_fixture import VM_MAILBOX
from tests.records import events, jobs
from vendors.data_requests import lifecycle as requests
from vendors.models import DataRequest, Vendor, VendorState

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
YOUR_DATA = "/help/your-data/"


def received(days_ago: int = 0, *, vendor: Vendor | None = None, kind: str = "access") -> DataRequest:
    return requests.record(
        vendor or create_vendor(state=VendorState.APPROVED),
        kind=kind,
        received_on=timezone.localdate() - days_ago * DAY,
        identity="called",
        by=None,
    )


def page(asked: DataRequest, way: str = "change") -> str:
    return f"/admin/vendors/datarequest/{asked.pk}/{way}/"


# The vendor's own press


def test_vendor_asks_with_one_press_and_reads_by_when_it_is_answered(passport):
    vendor = passport.invited("dora@mail.example", name="Dora")
    dora = passport.signed_in("dora@mail.example")
    dora.go(f"{passport.url}{YOUR_DATA}")
    dora.submit("ask-erasure")
    passport.work()

    asked = DataRequest.objects.get()
    due = asked.due_on
    assert (asked.kind, asked.identity, asked.by, asked.state) == ("erasure", "signed_in", vendor.user, "open")
    assert due == requests.due_on(timezone.localdate())
    assert f"{due:%-d %B %Y}" in dora.page.text
    assert "Nothing has been erased yet." in " ".join(dora.page.text.split())
    vendor.refresh_from_db()
    assert vendor.state == VendorState.ONBOARDING
    mails = passport.tenant.mails(VM_MAILBOX)
    [mail] = [mail for mail in mails if "Request for their data to be erased" in mail["subject"]]
    assert "dora@mail.example" in mail["text"].splitlines()
    assert f"/admin/vendors/datarequest/{asked.pk}/change/" in mail["text"]


def test_second_press_changes_nothing_and_is_not_mailed_again():
    vendor = create_vendor(state=VendorState.APPROVED)
    client = signed_in(vendor.user)

    for _press in range(2):
        answer = client.post("/data-requests/", {"kind": "access"}, follow=True)

    assert "You have already asked for this." in answer.text
    assert DataRequest.objects.count() == 1
    assert len(jobs("vendors.tasks.mail_data_request")) == 1
    assert events(vendor) == ["data_requested"]


@pytest.mark.parametrize("kind", ["", "objection", "everything"])
def test_press_that_did_not_come_from_the_page_is_refused(kind):
    client = signed_in(create_vendor(state=VendorState.APPROVED).user)

    assert client.post("/data-requests/", {"kind": kind}).status_code == 400
    assert client.get("/data-requests/").status_code == 405
    assert not DataRequest.objects.exists()


@pytest.mark.parametrize("who", ["nobody", "staff", "suspended"])
def test_buttons_are_for_vendors_who_are_signed_in(client, who):
    if who == "staff":
        client = signed_in(create_staff())
    elif who == "suspended":
        client = signed_in(create_vendor(state=VendorState.SUSPENDED).user)

    assert "Ask for a copy of my data" not in client.get(YOUR_DATA).text
    assert client.post("/data-requests/", {"kind": "access"}).status_code in (302, 403)
    assert not DataRequest.objects.exists()


# VM's queue


def test_staff_record_one_that_came_by_email():
    vera, vendor = create_staff(role=OPERATIONS), create_vendor(state=VendorState.ENDED)
    client, path = signed_in(vera), f"/admin/vendors/vendor/{vendor.pk}/data-request/"
    typed = {"kind": "access", "received_on": "1 May 2020", "identity": "other", "identity_note": ""}

    refused = client.post(path, typed).text
    assert "That was more than a year ago. Check the year." in refused
    assert "Say how you know that it is them." in refused
    tomorrow = timezone.localdate() + DAY
    assert (
        "The date must be today or in the past."
        in client.post(path, typed | {"received_on": f"{tomorrow:%-d %B %Y}"}).text
    )
    assert "Choose what they are asking for." in client.post(path, {}).text

    day = timezone.localdate() - 3 * DAY
    typed |= {"received_on": f"{day:%-d %B %Y}", "identity_note": "A letter with a copy of their passport"}
    answer = client.post(path, typed, follow=True)

    asked = DataRequest.objects.get()
    assert (asked.received_on, asked.due_on, asked.by) == (day, requests.due_on(day), vera)
    assert f"It must be answered by {asked.due_on:%-d %B %Y}" in answer.text.replace('<bdi translate="no">', "")
    assert "A letter with a copy of their passport" in answer.text
    assert f'manage.py export_vendor <bdi translate="no">{vendor.primary_email}</bdi> --files' in answer.text
    assert "is already open" in client.post(path, typed).text
    assert "Data request (a copy of their data)" in client.get(f"/admin/vendors/vendor/{vendor.pk}/change/").text


def test_queue_shows_age_and_due_date_and_marks_what_is_overdue():
    vera = create_staff()
    mine = create_vendor(state=VendorState.APPROVED, owner=vera, name="Ana Costa")
    late, new = received(40, vendor=mine), received(1)
    client = signed_in(vera)

    first = " ".join(client.get("/admin/?whose=all").text.split())
    assert "Data requests" in first
    assert "queue-late" in first
    assert f"due {late.due_on:%-d %B}" in first
    assert f"due {new.due_on:%-d %B}" in first
    assert first.count(">overdue<") == 1
    assert first.index(f"datarequest/{late.pk}/") < first.index(f"datarequest/{new.pk}/")
    listed = client.get("/admin/vendors/datarequest/?whose=mine").text
    assert "Ana Costa" in listed
    assert "overdue" in listed
    assert new.vendor.name not in listed


def test_answer_says_what_was_done():
    vera, asked = create_staff(), received()
    client = signed_in(vera)

    assert "Say what was done." in client.post(page(asked, "answer"), {"answer-text": ""}).text
    client.post(page(asked, "answer"), {"answer-text": "Sent them the copy by post."})

    asked.refresh_from_db()
    assert (asked.state, asked.answer, asked.closed_by) == ("answered", "Sent them the copy by post.", vera)
    said = client.post(page(asked, "refuse"), {"refuse-text": "Too late"}, follow=True).text
    assert "This request has been answered already." in said
    assert events(asked.vendor) == ["data_requested", "data_request_answered"]
    assert asked.vendor.events.first().reason == "Sent them the copy by post."


def test_time_is_extended_once_by_two_months_with_a_reason():
    asked = received(10)
    first, client = asked.due_on, signed_in(create_staff())

    assert "Say why it takes longer." in client.post(page(asked, "extend"), {"extend-text": " "}).text
    client.post(page(asked, "extend"), {"extend-text": "Ten years of invoices"})

    asked.refresh_from_db()
    assert asked.due_on == requests.due_on(asked.received_on, extended=True) > first
    assert (asked.extended_why, asked.state) == ("Ten years of invoices", "open")
    with pytest.raises(requests.ExtendedAlready):
        requests.extend(asked, why="More", by=None)


def test_time_that_is_over_is_not_extended():
    asked = received(40)

    assert 'id="extend"' not in signed_in(create_staff()).get(page(asked)).text
    with pytest.raises(requests.TooLate):
        requests.extend(asked, why="Ten years of invoices", by=None)


def test_request_is_refused_with_a_reason():
    asked, client = received(kind="objection"), signed_in(create_staff())

    assert "Say why the request is refused." in client.post(page(asked, "refuse"), {"refuse-text": ""}).text
    client.post(page(asked, "refuse"), {"refuse-text": "We need it for the audit."})

    asked.refresh_from_db()
    assert (asked.state, asked.answer) == ("refused", "We need it for the audit.")
    assert events(asked.vendor)[-1] == "data_request_refused"


def test_erasing_answers_the_request_and_keeps_when_and_not_what_was_written():
    asked = received(kind="erasure")
    DataRequest.objects.update(identity_note="called his wife")
    address = asked.vendor.primary_email

    call_command("erase_vendor", address, "--reason", "Asked on 3 May", "--yes")

    asked.refresh_from_db()
    assert (asked.state, asked.identity_note, asked.kind) == ("answered", "", "erasure")
    assert not DataRequest.objects.open().exists()
    with pytest.raises(requests.NothingHeld):
        received(vendor=asked.vendor)


def test_month_is_counted_as_the_law_counts_it():
    assert requests.due_on(dt.date(2027, 1, 31)) == dt.date(2027, 2, 28)
    assert requests.due_on(dt.date(2027, 5, 3)) == dt.date(2027, 6, 3)
    assert requests.due_on(dt.date(2027, 5, 3), extended=True) == dt.date(2027, 8, 3)
