"""Mail about another account to pay to, so that a vendor hears of one that somebody else put in."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from identity.failures import mail_to_person
from identity.mail import message_ids
from onboarding.models import Submission
from onboarding.submission import email_threads
from onboarding.submission import payment as payment_account
from vendors import correspondence
from vendors.models import EmailChange, Vendor
from vendors.payment import disputes

ASKED, CHANGED = "payment_change_asked", "payment_changed"


def mail_vendor(submission_id: int, email_change_id: int | None, news: str) -> None:
    """At the primary email, or at the address before this change of it. `news` is ASKED or CHANGED."""
    submission = Submission.objects.select_related("vendor__user").filter(pk=submission_id).first()
    former = EmailChange.objects.filter(pk=email_change_id or 0).first()
    if submission is None or (email_change_id and former is None):
        return
    mail_to_person.to_person(
        submission.vendor.user,
        address=former.old if former else submission.vendor.primary_email,
        template=f"onboarding/mail/{news}",
        context={
            "submission": submission,
            "greeting": _greeting(submission.vendor, former),
            "is_former_address": former is not None,
            "not_me_url": disputes.link(submission.vendor, about=payment_account.name_of(submission), former=former),
            "url": f"{settings.BASE_URL}{reverse('changes:index')}",
        },
        message_id=_message_id(submission, former, news),
        thread=[*_begun_by(submission, former), _message_id(submission, former, ASKED)],
    )


def _greeting(vendor: Vendor, former: EmailChange | None) -> str:
    return correspondence.greeting_without_name() if former else correspondence.greeting(vendor)


def _begun_by(submission: Submission, former: EmailChange | None) -> list[str]:
    """The email about the submission that names the account; it has not gone to a former address."""
    return [] if former else [email_threads.begun_by(submission)]


def _message_id(submission: Submission, former: EmailChange | None, news: str) -> str:
    whose = former.created_at if former else ""
    return message_ids.of(news.replace("_", "-"), submission.token, whose)
