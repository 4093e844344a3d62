"""The email about a change of the account we pay into, so that a vendor learns of one that someone else entered."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from identity.failures import mail_to_person
from onboarding.models import Submission
from onboarding.submission import email_threads
from onboarding.submission import payment as payment_account
from vendors.payment import mail as account_mail
from vendors.payment import notice_recipients


def mail_vendor(submission_id: int, source: str) -> None:
    """At the address that comes from there (vendors.payment.notice_recipients)."""
    submission = Submission.objects.select_related("vendor__user").filter(pk=submission_id).first()
    address = notice_recipients.address(submission.vendor, source) if submission else ""
    if submission is None or not address:
        return
    about = payment_account.name_of(submission)
    is_primary = source == notice_recipients.PRIMARY
    context = account_mail.context(submission.vendor, source, about=about)
    if is_primary:
        context["profile_url"] = f"{settings.BASE_URL}{reverse('changes:index')}"
    mail_to_person.to_person(
        submission.vendor.user,
        address=address,
        template="onboarding/mail/payment_change_asked",
        context=context | {"submission": submission},
        message_id=account_mail.begun_by(about, payment_account.named_at(submission), source),
        # The email about the submission went to the primary address alone.
        thread=[email_threads.begun_by(submission)] if is_primary else [],
    )
