import smtplib

import pytest
from django.core import mail

from identity.models import Failure
from onboarding import tasks
from onboarding.models import Submission
from onboarding.review import decide as review
from onboarding.submission import section_reviews
from tests.onboarding import answers
from vendors import tasks as vendors_tasks


@pytest.fixture
def sent(as_vendor):
    answers.fill_in(as_vendor)
    answers.send(as_vendor)
    return Submission.objects.select_related("vendor").get()


def only_mail():
    (message,) = mail.outbox
    return message


def assert_nothing_secret(message) -> None:
    for secret in ["109010140000071219812874", "1090 1014", "Prosta", "0.085", "memoQ"]:
        assert secret not in message.body


def test_vm_is_told_who_waits_with_a_link(sent):
    tasks.mail_vm_submitted(sent.pk)

    message = only_mail()
    assert message.to == ["vm@sandberg.example"]
    assert message.subject == "[Passport] Waiting for review: Łucja Nowak"
    assert "Email address: lucja@example.com" in message.body
    assert f"http://127.0.0.1:8000/admin/onboarding/submission/{sent.pk}/change/" in message.body
    assert_nothing_secret(message)


def test_vendor_is_told_what_happens_next(sent):
    tasks.mail_vendor_submitted(sent.pk)

    message = only_mail()
    assert message.to == ["lucja@example.com"]
    assert message.reply_to == ["vm@sandberg.example"]
    assert "Hello Łucja," in message.body
    assert sent.reference in message.body
    assert_nothing_secret(message)


def test_approval_is_mailed(sent):
    review.approve(sent, by=None)

    tasks.mail_approved(sent.pk)

    assert only_mail().subject == "Welcome to Sandberg: your profile is approved"
    assert "payment details" not in only_mail().body


def test_approval_reminds_of_payment_details_left_for_later(as_vendor):
    answers.fill_in(as_vendor, payment=answers.PAYMENT | {"method": "later"})
    answers.send(as_vendor)
    sent = Submission.objects.select_related("vendor").get()
    review.approve(sent, by=None)

    tasks.mail_approved(sent.pk)

    assert "your payment details" in only_mail().body


@pytest.mark.parametrize("decision", ["request changes", "decline"])
def test_reason_is_mailed_as_it_was_written(sent, decision):
    reason = "Please send <b>your</b> degree & CV.\nThank you."
    if decision == "decline":
        review.decline(sent, by=None, reason=reason)
        tasks.mail_declined(sent.pk)
    else:
        section_reviews.judge(sent, "qualifications", verdict="change", by=None, reason=reason)
        review.request_changes(sent, by=None, note="And thanks again.")
        tasks.mail_changes_requested(sent.pk)
        assert "* Qualifications\nPlease send" in only_mail().body
        assert "And thanks again." in only_mail().body

    assert "Please send <b>your</b> degree & CV.\nThank you." in only_mail().body


def test_decision_that_was_taken_back_meanwhile_is_not_mailed(sent):
    tasks.mail_declined(sent.pk)
    tasks.mail_approved(sent.pk)

    assert mail.outbox == []


@pytest.mark.django_db
def test_submission_that_is_gone_is_no_error():
    for task in (tasks.mail_vendor_submitted, tasks.mail_vm_submitted, tasks.mail_approved):
        task(123456789)
    vendors_tasks.mail_payment_added(123456789, "primary")
    vendors_tasks.mail_payment_decided(123456789, "primary")

    assert mail.outbox == []


class RefusingBackend(mail.backends.base.BaseEmailBackend if hasattr(mail, "backends") else object):
    """A mail server that knows no such mailbox."""

    def __init__(self, *args, **kwargs):
        self.fail_silently = False

    def send_messages(self, messages):
        raise smtplib.SMTPRecipientsRefused({"lucja@example.com": (550, b"no such user")})


def test_mailbox_that_takes_no_mail_becomes_a_case(sent, settings):
    settings.EMAIL_BACKEND = "tests.onboarding.test_tasks.RefusingBackend"

    tasks.mail_vendor_submitted(sent.pk)

    failure = Failure.objects.get()
    assert (failure.stage, failure.reason, failure.address) == ("mail", "mail_refused", "lucja@example.com")


@pytest.mark.django_db
def test_sweep_runs_without_files():
    tasks.sweep_documents(0)
