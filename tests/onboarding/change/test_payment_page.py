"""Another account to pay to: after signing in once more, told to the vendor, approved by VM, and in clear nowhere."""

import datetime as dt
import io
import logging
import time

import pytest
from django.contrib.sessions.backends.base import SessionBase
from django.core import mail
from django.db import connection

from identity import roles
from onboarding import tasks
from onboarding.change import decide as review
from onboarding.models import Draft, Submission
from tests.clients import signed_in
from tests.factories import create_email_change, create_staff
from tests.onboarding import answers, changing
from tests.onboarding.submission.test_section_reviews import page
from tests.records import jobs
from vendors import tasks as vendors_tasks
from vendors.models import EmailChange, PaymentDetails, PaymentRelease, VendorEvent
from vendors.payment import releases

OLD, NEW = "PL61109010140000071219812874", "DE89370400440532013000"
ASKED, DONE = "onboarding.tasks.mail_payment_change_asked", "vendors.tasks.mail_payment_decided"
PRIMARY = "primary"


@pytest.fixture
def approved(vendor):
    return changing.approved_first(vendor)


@pytest.fixture
def asked(approved, as_vendor):
    """Another account waits for VM."""
    changing.name_account(as_vendor)
    changing.send(as_vendor)
    return changing.latest()


def in_force() -> str:
    return PaymentDetails.objects.get().details["iban"]


def test_open_browser_is_not_enough(approved, as_vendor):
    shown = as_vendor.get(changing.url("payment"))
    assert '<form id="prove"' in shown.text
    assert "change-payment" not in shown.text

    refused = as_vendor.post(changing.url("payment"), {"payment-method": "iban"}, follow=True)

    assert "so nothing was saved. Please sign in again." in refused.text
    assert "payment" not in Draft.objects.get().touched


@pytest.mark.parametrize("proof", [{"ago": 301}, {"purpose": "email_change"}])
def test_old_or_other_proof_is_not_enough(approved, as_vendor, proof):
    changing.prove(as_vendor, **proof)

    assert as_vendor.post(changing.url("payment"), {"payment-method": "iban"}).url == changing.url("payment")
    assert '<form id="prove"' in as_vendor.get(changing.url("payment")).text


def test_proof_is_good_for_one_account(approved, as_vendor):
    changing.name_account(as_vendor)

    assert '<form id="prove"' in as_vendor.get(changing.url("payment")).text


def test_account_in_force_is_shown_masked_only(approved, as_vendor):
    changing.prove(as_vendor)

    shown = as_vendor.get(changing.url("payment"))

    assert "IBAN PL… 2874" in shown.text
    assert OLD not in shown.text.replace(" ", "")
    assert shown.context["form"]["iban"].value() is None


def test_wrong_account_stays_in_the_field_of_this_browser(approved, as_vendor, vendor, monkeypatch):
    refused = changing.name_account(as_vendor, iban="DE00 1234")

    checked = f"{changing.url('payment')}?check=1"
    assert (refused.status_code, refused.url) == (303, checked)
    shown = as_vendor.get(checked).text
    assert 'value="DE00 1234"' in shown
    assert "<title>Error:" in shown
    assert "DE00" not in as_vendor.get(changing.url("payment")).text
    other = signed_in(vendor.user)
    changing.prove(other)
    assert "DE00" not in other.get(checked).text
    with connection.cursor() as cursor:
        cursor.execute("SELECT notes FROM onboarding_draft")
        assert b"DE00" not in bytes(cursor.fetchone()[0])
    assert "DE00" not in str(as_vendor.session.items())
    assert Draft.objects.get().touched == [], "nothing is on its way to Vendor Management"

    later = time.time() + 301
    monkeypatch.setattr(time, "time", lambda: later)
    changing.prove(as_vendor)
    assert "DE00" not in as_vendor.get(checked).text
    assert changing.name_account(as_vendor, method="later").status_code == 303
    changing.name_account(as_vendor)
    assert Draft.objects.get().notes == {}


def test_old_account_is_in_force_until_it_is_released(asked, as_vendor, vendor):
    assert asked.changed == ["payment"]
    assert in_force() == OLD
    assert "IBAN PL… 2874" in as_vendor.get("/profile/").text
    shown = as_vendor.get(changing.INDEX).text
    assert "The account has changed. It isn't shown here." in shown
    assert "3000" not in shown

    review.approve(asked, by=None)
    assert in_force() == OLD

    changing.release(vendor)
    assert in_force() == NEW


def test_account_given_after_approval_is_what_a_change_starts_from(vendor, as_vendor):
    changing.approved_first(vendor, payment=answers.PAYMENT | {"method": "later"})
    assert as_vendor.get(changing.url("payment")).url == "/profile/payment/"
    releases.add_first(vendor, {"method": "iban", "holder": "Łucja", "iban": OLD, "bic": ""})
    changing.release(vendor)

    changing.save(as_vendor, "contact", answers.CONTACT | {"phone": "22 999 88 77"})
    changing.send(as_vendor)
    assert changing.latest().changed == ["contact"]
    review.approve(changing.latest(), by=None)
    assert in_force() == OLD

    changing.name_account(as_vendor)
    changing.send(as_vendor)
    assert changing.latest().changed == ["payment"]


def test_vendor_is_told_at_the_request_and_at_the_release(asked, vendor):
    assert jobs(ASKED) == [{"submission_id": asked.pk, "source": PRIMARY}]
    tasks.mail_payment_change_asked(asked.pk, PRIMARY)
    review.approve(asked, by=None)
    assert jobs(DONE) == []
    changing.release(vendor)
    [told] = jobs(DONE)
    vendors_tasks.mail_payment_decided(**told)

    assert [message.to for message in mail.outbox] == [["lucja@example.com"]] * 2
    assert [message.subject for message in mail.outbox] == [
        "Sandberg: we've been asked to pay into a different account",
        "Sandberg: we now pay into a new account",
    ]


def test_emails_about_the_account_follow_the_one_about_the_changes(asked, vendor):
    former = f"former:{create_email_change(vendor=vendor, old='before@mail.example', state='confirmed').pk}"
    review.approve(asked, by=None)
    changing.release(vendor)
    tasks.mail_vendor_submitted(asked.pk)
    for source in (PRIMARY, former):
        tasks.mail_payment_change_asked(asked.pk, source)
        vendors_tasks.mail_payment_decided(PaymentRelease.objects.get().pk, source)

    sent, *about_account = [message.extra_headers for message in mail.outbox]
    root, begun, begun_there = sent["Message-ID"], about_account[0]["Message-ID"], about_account[2]["Message-ID"]
    follow = [headers.get("References") for headers in about_account]
    assert follow == [root, begun, None, begun_there], "the former address has not got the first one"


@pytest.mark.parametrize(
    ("days", "fields", "is_told"),
    [
        (89, {"state": "confirmed"}, True),
        (29, {"state": "open", "mode": "cut_off"}, True),
        (91, {"state": "confirmed"}, False),
        (1, {"state": "undone"}, False),
        (1, {"state": "confirmed", "mode": "correction"}, False),
        (1, {"state": "confirmed", "mode": "repair"}, False),
    ],
)
def test_address_before_a_change_of_late_is_told_too_without_details(
    approved, as_vendor, vendor, days, fields, is_told
):
    change = create_email_change(vendor=vendor, old="before@mail.example", **fields)
    EmailChange.objects.update(created_at=change.created_at - dt.timedelta(days=days))

    changing.name_account(as_vendor)
    changing.send(as_vendor)

    told = [job["source"] for job in jobs(ASKED)]
    assert told == ([PRIMARY, f"former:{change.pk}"] if is_told else [PRIMARY])
    if is_told:
        tasks.mail_payment_change_asked(**jobs(ASKED)[1])
        [message] = mail.outbox
        assert message.to == ["before@mail.example"]
        assert "/payment/not-me/" in message.body
        for secret in ("lucja@example.com", "Nowak", "3000", "2874", "IBAN"):
            assert secret not in message.body


def test_amending_something_else_does_not_tell_of_the_account_again(asked, as_vendor, vendor):
    changing.save(as_vendor, "contact", answers.CONTACT | {"phone": "22 999 88 77"})
    changing.send(as_vendor)

    assert changing.latest().changed == ["contact", "payment"]
    assert len(jobs(ASKED)) == 1
    review.approve(changing.latest(), by=None)
    changing.release(vendor)
    assert in_force() == NEW


def test_vm_sees_that_the_account_changed_and_is_warned(asked, vendor):
    vera = signed_in(create_staff(role=roles.VENDOR_MANAGER))
    create_email_change(vendor=vendor, old="before@mail.example")

    shown = vera.get(page(asked))

    assert "The account has changed. It isn't shown here." in shown.text
    assert "changed today. The submission now gives a different account for payments." in shown.text
    assert NEW not in shown.text.replace(" ", "")
    assert OLD not in shown.text.replace(" ", "")
    assert "Show the payment details" not in shown.text


def test_holder_of_another_name_is_flagged(approved, as_vendor):
    changing.name_account(as_vendor, holder="Somebody Else")
    changing.send(as_vendor)

    shown = signed_in(create_staff()).get(page(changing.latest())).text

    assert "The account holder&#x27;s name isn&#x27;t the one you gave under" in shown


def test_somebody_elses_account_is_agreed_to_in_so_many_words(approved, as_vendor):
    reason = "He is our agent."
    changing.name_account(as_vendor, holder="Jan Kowalski", holder_is_vendor="no", holder_reason=reason)
    changing.send(as_vendor)
    change, as_vm = changing.latest(), signed_in(create_staff())
    assert "The account belongs to someone else" in as_vm.get(page(change)).text
    assert "You are also agreeing to pay someone else" in as_vm.get(page(change, "approve")).text

    as_vm.post(page(change, "approve"))

    recorded = approved.vendor.events.get(kind="profile_change_approved").data
    assert recorded["somebody_elses_account"] is True
    assert reason not in str(recorded)


def test_whoever_pays_sees_the_new_account_and_the_look_is_recorded(asked):
    finance = create_staff(role=roles.FINANCE)

    shown = signed_in(finance).post(page(asked, "payment"), {"reason": "To pay an invoice."})

    assert changing.OTHER_IBAN in shown.text
    look = VendorEvent.objects.get(kind="payment_revealed")
    assert (look.by, look.reason, look.data) == (finance, "To pay an invoice.", {"submission": asked.reference})


def test_account_is_in_clear_nowhere(asked, as_vendor, vendor, caplog):
    caplog.set_level(logging.DEBUG)
    review.approve(asked, by=None)
    for task in (tasks.mail_vm_submitted, tasks.mail_vendor_submitted, tasks.mail_approved):
        task(asked.pk)
    tasks.mail_payment_change_asked(asked.pk, PRIMARY)
    changing.release(vendor)
    vendors_tasks.mail_payment_decided(**jobs(DONE)[0])

    written = io.StringIO()
    session: SessionBase = as_vendor.session
    print(dict(session.items()), file=written)
    print([(event.reason, event.data) for event in vendor.events.all()], file=written)
    print([message.subject + message.body for message in mail.outbox], file=written)
    print(caplog.text, file=written)
    assert NEW not in written.getvalue().replace(" ", "")
    assert OLD not in written.getvalue().replace(" ", "")
    assert Submission.objects.count() == 2
