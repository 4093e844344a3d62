"""“This was not me” in the emails about an account to pay to."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.test import Client

from identity.models import Failure
from onboarding import tasks
from onboarding.change import decide as review
from onboarding.models import Submission
from tests.clients import signed_in
from tests.factories import create_email_change, create_staff
from tests.onboarding import answers, changing
from tests.records import events
from vendors.models import EmailChange, PaymentDispute
from vendors.payment import disputes

pytestmark = pytest.mark.django_db

OVER, TOLD, BUTTON = "There's nothing left to stop", "Vendor Management has been told", "<form"


@pytest.fixture
def approved(vendor):
    return changing.approved_first(vendor)


@pytest.fixture
def asked(approved, as_vendor):
    changing.name_account(as_vendor)
    changing.send(as_vendor)
    return changing.latest()


def link(to: str) -> str:
    """In the last email to this address."""
    message = next(message for message in reversed(mail.outbox) if message.to == [to])
    return re.search(r"http://127\.0\.0\.1:8000(/\S+/not-me/\S+)", message.body)[1]


def mailed(change: Submission, email_change: EmailChange | None = None) -> str:
    tasks.mail_payment_change_asked(change.pk, f"former:{email_change.pk}" if email_change else "primary")
    return link(email_change.old if email_change else change.vendor.primary_email)


def press(path: str, **headers: str) -> str:
    """As a person does: the button, and the one of the page that asks once more."""
    client = Client(headers=headers)
    client.post(path)
    return client.post(path, {"sure": "yes"}).text


def test_it_asks_about_the_payment_holds_it_and_tells_vendor_management(asked, vendor):
    path = mailed(asked)
    page = Client().get(path).text
    assert "We were given an account to pay your invoices into" in page
    assert "email address" not in page
    assert not PaymentDispute.objects.exists()

    assert TOLD in press(path)

    [failure] = Failure.objects.all()
    assert (failure.stage, failure.reason, failure.user, failure.address) == (
        "onboarding",
        "payment_disputed",
        vendor.user,
        "lucja@example.com",
    )
    assert "payment_disputed" in events(vendor)
    as_vera = signed_in(create_staff())
    shown = as_vera.get(f"/admin/onboarding/submission/{asked.pk}/change/").text
    assert "the vendor did not give us this account" in shown
    as_vera.post(f"/admin/onboarding/submission/{asked.pk}/approve/")
    asked.refresh_from_db()
    assert asked.is_waiting, "what is disputed is not approved"
    assert PaymentDispute.objects.get().ended_at is None


def test_one_press_tells_nobody(asked):
    path = mailed(asked)

    asked_again = Client().post(path).text

    assert 'name="sure"' in asked_again
    assert not PaymentDispute.objects.exists()
    assert not Failure.objects.exists()


def test_a_scanner_that_presses_every_button_tells_nobody(asked):
    """Its browser has scripts press the buttons, and says with each press that no person did."""
    path = mailed(asked)

    assert 'name="sure"' in press(path, Sec_Fetch_Site="same-origin", Sec_Fetch_Mode="navigate")
    assert not Failure.objects.exists()

    assert TOLD in press(path, Sec_Fetch_Site="same-origin", Sec_Fetch_Mode="navigate", Sec_Fetch_User="?1")
    assert Failure.objects.count() == 1


def test_it_works_after_an_earlier_dispute_of_the_email_change(asked, vendor):
    """Even after one that has been decided about: each asks about its own email."""
    change = create_email_change(vendor=vendor, old="before@mail.example", state="confirmed")
    EmailChange.objects.update(disputed_at=change.created_at)
    path = mailed(asked, change)

    assert TOLD in press(path)

    assert Failure.objects.get(reason="payment_disputed").address == "before@mail.example"


def test_said_twice_is_one_dispute_until_it_is_decided_and_works_again_then(asked, vendor):
    path = mailed(asked)
    press(path)
    assert BUTTON not in Client().get(path).text
    press(path)
    assert PaymentDispute.objects.count() == 1

    as_vera = signed_in(create_staff())
    consequences = as_vera.get(f"/admin/vendors/vendor/{vendor.pk}/uphold-payment/").text
    assert "lucja@example.com" in consequences
    as_vera.post(f"/admin/vendors/vendor/{vendor.pk}/uphold-payment/", {"reason": "Called her.", "_confirm": "1"})

    assert Failure.objects.get().state == Failure.State.RESOLVED
    assert PaymentDispute.objects.get().outcome == "confirmed"
    page = Client().get(path).text
    assert BUTTON in page
    assert "confirmed the account" in page
    assert TOLD in press(path)
    assert Failure.objects.open().count() == 1


def test_declining_the_change_is_the_end_of_it(asked, vendor):
    path = mailed(asked)
    press(path)

    review.decline(asked, by=create_staff(), reason="It was not her.")

    assert PaymentDispute.objects.get().outcome == "not_adopted"
    assert Failure.objects.get().state == Failure.State.RESOLVED
    page = Client().get(path).text
    assert OVER in page
    assert BUTTON not in page
    assert "sure" not in press(path)
    assert PaymentDispute.objects.count() == 1


def test_a_version_sent_again_is_held_as_well(asked, as_vendor, vendor):
    press(mailed(asked))
    changing.save(as_vendor, "contact", answers.CONTACT | {"phone": "22 999 88 77"})
    changing.send(as_vendor)
    newer = changing.latest()
    assert newer.pk != asked.pk

    signed_in(create_staff()).post(f"/admin/onboarding/submission/{newer.pk}/approve/")

    newer.refresh_from_db()
    assert newer.is_waiting


def test_after_release_the_payment_is_on_hold_until_another_account_is_released(asked, as_vendor, vendor):
    path = mailed(asked)
    review.approve(asked, by=None)
    changing.release(vendor)
    assert "We now pay into this account" in Client().get(path).text
    assert "On hold" not in as_vendor.get("/profile/").text

    press(path)

    assert "On hold" in as_vendor.get("/profile/").text
    changing.name_account(as_vendor, iban="GB33 BUKB 2020 1555 5555 55")
    changing.send(as_vendor)
    review.approve(changing.latest(), by=None)
    assert "On hold" in as_vendor.get("/profile/").text
    changing.release(vendor)
    assert PaymentDispute.objects.get().outcome == "replaced"
    assert Failure.objects.get().state == Failure.State.RESOLVED
    assert "On hold" not in as_vendor.get("/profile/").text
    assert OVER in Client().get(path).text


def test_release_of_one_account_leaves_the_next_one_disputed(asked, as_vendor, vendor):
    review.approve(asked, by=None)
    changing.name_account(as_vendor, iban="GB33 BUKB 2020 1555 5555 55")
    changing.send(as_vendor)
    next_one = changing.latest()
    press(mailed(next_one))

    changing.release(vendor)

    with pytest.raises(disputes.Disputed):
        review.approve(next_one, by=None)
    assert Failure.objects.get().state == Failure.State.OPEN


def test_between_approval_and_release_it_holds_the_release(asked, vendor):
    path = mailed(asked)
    review.approve(asked, by=None)
    assert "waiting for a second check" in Client().get(path).text

    press(path)

    with pytest.raises(disputes.Disputed):
        changing.release(vendor)
    disputes.uphold(vendor, reason="Called her.")
    changing.release(vendor)
    assert "We now pay into this account" in Client().get(path).text


def test_of_an_account_in_force_vendor_management_reads_what_ends_the_dispute(asked, vendor):
    path = mailed(asked)
    review.approve(asked, by=None)
    changing.release(vendor)

    press(path)

    shown = signed_in(create_staff()).get(f"/admin/vendors/vendor/{vendor.pk}/change/").text
    assert "ask the vendor for another account" in shown


@pytest.mark.parametrize("token", ["nonsense", "WzEsImEiLDBd:1abcde:forged"])
def test_unreadable_link_says_so(client, token):
    answer = client.get(f"/payment/not-me/{token}/")

    assert answer.status_code == 404
    assert BUTTON not in answer.text
