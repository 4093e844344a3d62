"""All emails about the same answers are one thread, for the vendor and for VM."""

from __future__ import annotations

from django.core import mail

from onboarding import tasks
from onboarding.models import Draft, Submission
from onboarding.review import decide
from tests.onboarding import answers
from tests.onboarding.changing import ask_for_changes, sent_first
from vendors import lifecycle
from vendors.models import Vendor


def test_emails_about_a_submission_follow_the_first(vendor):
    first = sent_first(vendor)
    tasks.mail_vendor_submitted(first.pk)
    tasks.mail_vm_submitted(first.pk)
    ask_for_changes(first, contact="Please add your town.")
    tasks.mail_changes_requested(first.pk)
    vendor.refresh_from_db()
    Draft.objects.update(saved_since=["contact"])
    second = sent_first(vendor, contact={**answers.CONTACT, "locality": "Warsaw"})
    tasks.mail_vendor_submitted(second.pk)
    tasks.mail_vm_submitted(second.pk)
    decide.approve(Submission.objects.get(pk=second.pk), by=None)
    tasks.mail_approved(second.pk)

    submitted, to_vm, asked, again, to_vm_again, approved = mail.outbox
    root, root_of_vm = submitted.extra_headers["Message-ID"], to_vm.extra_headers["Message-ID"]
    assert "References" not in submitted.extra_headers
    assert "References" not in to_vm.extra_headers
    for message in (asked, again, approved):
        assert message.extra_headers["References"] == message.extra_headers["In-Reply-To"] == root
        assert message.reply_to == ["vm@sandberg.example"]
    assert to_vm_again.extra_headers["References"] == root_of_vm
    assert to_vm.reply_to == to_vm_again.reply_to == [vendor.primary_email]
    assert len({message.extra_headers["Message-ID"] for message in mail.outbox}) == 6


def test_decision_that_is_taken_again_is_another_email(vendor):
    """Mail programs show one Message-ID once."""
    sent = sent_first(vendor)
    for reason in ("We have enough translators.", "We still have enough."):
        decide.decline(Submission.objects.get(pk=sent.pk), by=None, reason=reason)
        tasks.mail_declined(sent.pk)
        tasks.mail_declined(sent.pk)
        lifecycle.reopen(Vendor.objects.get(pk=vendor.pk), reason="second thoughts")

    once, retried, again, _retried = [message.extra_headers["Message-ID"] for message in mail.outbox]
    assert once == retried != again
