"""Mail about a submission: to the vendor when it has arrived and when VM has decided, and to VM when one waits."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse

from identity.failures import mail_to_person
from identity.mail import delivery
from onboarding.change import lifecycle as changes
from onboarding.draft.steps import PAYMENT, STEPS, titles
from onboarding.models import Submission
from onboarding.submission import section_reviews, turnaround

Kind, State = Submission.Kind, Submission.State

SUBMITTED, APPROVED, CHANGES_REQUESTED, DECLINED = "submitted", "approved", "changes_requested", "declined"
# A decision that has been taken back, or followed by another, is not told any more.
ONLY_IN_STATE = {
    APPROVED: State.APPROVED,
    CHANGES_REQUESTED: State.CHANGES_REQUESTED,
    DECLINED: State.DECLINED,
}
TEMPLATES = {
    Kind.ONBOARDING: {},
    Kind.CHANGE: {SUBMITTED: "change_submitted", APPROVED: "change_approved", DECLINED: "change_declined"},
}


def mail_vendor(submission_id: int, news: str) -> None:
    """`news` is what has happened to the submission: SUBMITTED, APPROVED, CHANGES_REQUESTED or DECLINED."""
    submission = Submission.objects.select_related("vendor__user").filter(pk=submission_id).first()
    if submission is None or submission.state != ONLY_IN_STATE.get(news, submission.state):
        return
    template = TEMPLATES[Kind(submission.kind)].get(news, news)
    mail_to_person.to_person(
        submission.vendor.user,
        address=submission.vendor.primary_email,
        template=f"onboarding/mail/{template}",
        context=_for_vendor(submission),
        message_id=f"{template.replace('_', '-')}-{submission.pk}",
    )


def mail_vm(submission_id: int) -> None:
    submission = Submission.objects.select_related("vendor").filter(pk=submission_id).first()
    if submission is None:
        return
    delivery.deliver(
        to=settings.VM_EMAIL,
        template="onboarding/mail/vm_submitted",
        context={
            "submission": submission,
            "vendor": submission.vendor,
            "is_first": not Submission.objects.filter(vendor=submission.vendor, pk__lt=submission.pk).exists(),
            "sections": titles(submission.changed),
            "url": _absolute("admin:onboarding_submission_change", submission.pk),
        },
        message_id=f"vm-submitted-{submission.pk}",
    )


def _for_vendor(submission: Submission) -> dict[str, Any]:
    about = submission.answers["about"]
    is_open_change = submission.is_change and submission.state != State.APPROVED
    return {
        "submission": submission,
        "vendor": submission.vendor,
        "greeting": about["display_name"] or about["full_name"],
        "url": _absolute("changes:index" if is_open_change else "home"),
        "help_url": _absolute("help-signing-in"),
        "usual_time": turnaround.usual_time(),
        "payment_is_outstanding": submission.answers[PAYMENT]["method"] == "later",
        "sections": titles(submission.changed),
        "unsent": titles(changes.unsent_steps(submission.vendor)) if is_open_change else [],
        "marks": [
            {"title": STEPS[step].title, "reason": mark.reason}
            for step, mark in section_reviews.marked(submission).items()
            if step in STEPS
        ],
    }


def _absolute(name: str, *args: Any) -> str:
    return f"{settings.BASE_URL}{reverse(name, args=args)}"
