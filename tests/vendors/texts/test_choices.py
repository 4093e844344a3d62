"""Reminder days, how long a review takes, how to invoice: set by VM, in force from the next email or page on."""

import datetime as dt

import pytest
from django.utils import timezone

from identity.invitations import reminders as invitation_reminders
from identity.models import Invitation
from onboarding.draft import reminders
from onboarding.submission import turnaround
from tests.clients import signed_in
from tests.factories import create_draft, create_vendor
from tests.vendors.profiles import approved_vendor
from vendors.models import TextChange, VendorState
from vendors.texts import choices

pytestmark = pytest.mark.django_db
PAGE = "/admin/vendors/text/choices/"
DAY = dt.timedelta(days=1)


def choose(client, *, seen=0, **typed):
    fields = {
        "invitation_days": "3, 7, 14",
        "onboarding_days": "3, 10, 21",
        "turnaround_days": "5",
        "invoice_to": "",
        "invoice_note": "",
    }
    return client.post(PAGE, fields | typed | {"seen": str(seen)}, follow=True)


def test_invitations_are_reminded_of_on_the_days_that_were_set(as_vera):
    vendor = create_vendor(state=VendorState.INVITED)
    Invitation.objects.filter(user=vendor.user).update(sent_at=timezone.now() - 4 * DAY)
    choose(as_vera, invitation_days="5, 10, 20")

    assert invitation_reminders.send_due().reminders == 0
    assert invitation_reminders.send_due(now=timezone.now() + 2 * DAY).reminders == 1
    assert invitation_reminders.send_due(now=timezone.now() + 17 * DAY).reminders == 1
    assert invitation_reminders.send_due(now=timezone.now() + 18 * DAY).cases == 0
    assert invitation_reminders.send_due(now=timezone.now() + 20 * DAY).cases == 1


def test_unfinished_answers_are_reminded_of_on_the_days_that_were_set(as_vera):
    vendor = create_vendor(state=VendorState.ONBOARDING)
    create_draft(vendor=vendor, left_at=timezone.now() - 4 * DAY)
    choose(as_vera, onboarding_days="5 10 20")

    assert reminders.send_due().reminders == 0
    assert reminders.send_due(now=timezone.now() + 2 * DAY).reminders == 1


def test_how_long_a_review_takes(as_vera):
    choose(as_vera, turnaround_days="2")

    assert turnaround.usual_time() == "2 working days"
    assert turnaround.expected_on(dt.date(2026, 11, 27)) == dt.date(2026, 12, 1)


def test_vendors_read_how_to_invoice(as_vera):
    vendor = approved_vendor()
    assert 'id="invoicing"' not in signed_in(vendor.user).get("/profile/").text

    choose(as_vera, invoice_to="Sandberg Ltd\nVAT GB123", invoice_note="By the 5th, as a PDF.")

    page = signed_in(vendor.user).get("/profile/").text
    assert "Sandberg Ltd<br>VAT GB123" in page
    assert "By the 5th, as a PDF." in page
    assert choices.invoicing() == "Sandberg Ltd\nVAT GB123\n\nBy the 5th, as a PDF."


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("invitation_days", "3, 7", "Enter three numbers from 1 to 60, each higher than the one before"),
        ("invitation_days", "7, 3, 14", "Enter three numbers from 1 to 60, each higher than the one before"),
        ("invitation_days", "0, 3, 14", "Enter three numbers from 1 to 60, each higher than the one before"),
        ("invitation_days", "3, 7, 61", "Enter three numbers from 1 to 60, each higher than the one before"),
        ("onboarding_days", "soon", "Enter three numbers from 1 to 60, each higher than the one before"),
        ("onboarding_days", "", "Enter three numbers, like 3, 10, 21."),
        ("turnaround_days", "31", "Enter 30 working days or fewer."),
        ("turnaround_days", "a week", "Enter a number of working days, like 5."),
    ],
)
def test_days_that_cannot_be_are_refused_and_kept(as_vera, field, typed, sentence):
    page = choose(as_vera, **{field: typed}).text

    assert sentence in page
    assert typed in page
    assert choices.current() == choices.ORIGINAL


def test_colleague_who_saved_meanwhile_is_not_overwritten(as_vera):
    choose(as_vera, turnaround_days="2")

    page = choose(as_vera, turnaround_days="9").text

    assert "A colleague has changed this since you opened the page." in page
    assert choices.current().turnaround_days == 2


def test_back_to_the_original_is_recorded(as_vera, vera):
    choose(as_vera, turnaround_days="2")

    as_vera.post(PAGE, {"_restore": "1", "seen": "1"})

    assert choices.current() == choices.ORIGINAL
    assert [(row.by, row.after is None) for row in TextChange.objects.all()] == [(vera, True), (vera, False)]
