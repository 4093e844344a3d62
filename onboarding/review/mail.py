"""Mail about a submission: to the vendor when it has arrived and when VM has decided, and to VM when one waits."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from identity.failures import mail_to_person
from identity.mail import delivery, subjects
from identity.mail.from_outside import one_line
from onboarding.change import lifecycle as changes
from onboarding.draft.steps import PAYMENT, STEPS, titles
from onboarding.models import Submission
from onboarding.submission import email_threads, section_reviews, turnaround
from onboarding.submission.email_threads import APPROVED, CHANGES_REQUESTED, DECLINED
from vendors import correspondence
from vendors.colleagues import recipients
from vendors.texts import choices

State = Submission.State

# A decision that has been taken back, or followed by another, is not told any more.
ONLY_IN_STATE = {
    APPROVED: State.APPROVED,
    CHANGES_REQUESTED: State.CHANGES_REQUESTED,
    DECLINED: State.DECLINED,
}


def mail_vendor(submission_id: int, news: str) -> None:
    """`news` is what has happened to the submission: SUBMITTED, APPROVED, CHANGES_REQUESTED or DECLINED."""
    submission = Submission.objects.select_related("vendor__user").filter(pk=submission_id).first()
    if submission is None or submission.state != ONLY_IN_STATE.get(news, submission.state):
        return
    template = email_threads.template(submission, news)
    mail_to_person.to_person(
        submission.vendor.user,
        address=submission.vendor.address,
        template=f"onboarding/mail/{template}",
        context=_for_vendor(submission),
        message_id=email_threads.message_id(
            submission, template, decided_at=submission.reviewed_at if news in ONLY_IN_STATE else None
        ),
        thread=[email_threads.begun_by(submission)],
    )


def mail_vm(submission_id: int) -> None:
    submission = Submission.objects.select_related("vendor").filter(pk=submission_id).first()
    if submission is None:
        return
    is_first = not Submission.objects.filter(vendor=submission.vendor, pk__lt=submission.pk).exists()
    to, cc = recipients.of(submission.vendor)
    delivery.deliver(
        to=to,
        cc=cc,
        template="onboarding/mail/vm_submitted",
        context={
            "submission": submission,
            "vendor": submission.vendor,
            "is_first": is_first,
            "sections": titles(submission.changed),
            "headline": _headline(submission, is_first=is_first),
            "url": _absolute("admin:onboarding_submission_change", submission.pk),
        },
        message_id=email_threads.message_id(submission, "vm_submitted"),
        reply_to=[submission.vendor.address],
        thread=[email_threads.message_id(email_threads.first_of(submission), "vm_submitted")],
    )


def _headline(submission: Submission, *, is_first: bool) -> str:
    if submission.is_change:
        what = _("Profile change waiting for review")
    elif is_first:
        what = _("Waiting for review")
    else:
        what = _("Answers changed, waiting for review")
    return subjects.about(what, one_line(submission.vendor.name) or submission.vendor.address)


def _for_vendor(submission: Submission) -> dict[str, Any]:
    is_open_change = submission.is_change and submission.state != State.APPROVED
    return {
        "submission": submission,
        "vendor": submission.vendor,
        "greeting": correspondence.greeting(submission.vendor),
        "url": _absolute("changes:index" if is_open_change else "home"),
        "help_url": _absolute("help-signing-in"),
        "usual_time": turnaround.usual_time(),
        "invoicing": choices.invoicing(),
        "payment_is_outstanding": submission.answers[PAYMENT]["method"] == "later",
        "sections": titles(submission.changed),
        "account_waits": submission.is_change and PAYMENT in submission.changed,
        "unsent": titles(changes.unsent_steps(submission.vendor)) if is_open_change else [],
        "marks": [
            {"title": STEPS[step].title, "reason": mark.reason}
            for step, mark in section_reviews.marked(submission).items()
            if step in STEPS
        ],
    }


def _absolute(name: str, *args: Any) -> str:
    return f"{settings.BASE_URL}{reverse(name, args=args)}"
