"""Which emails to the vendor about a submission there are, and which of them is the first that the others follow."""

from __future__ import annotations

import datetime as dt

from identity.mail import message_ids
from onboarding.models import Submission

Kind, State = Submission.Kind, Submission.State

SUBMITTED, APPROVED, CHANGES_REQUESTED, DECLINED = "submitted", "approved", "changes_requested", "declined"
_TEMPLATES = {
    Kind.ONBOARDING: {},
    Kind.CHANGE: {SUBMITTED: "change_submitted", APPROVED: "change_approved", DECLINED: "change_declined"},
}


def template(submission: Submission, news: str) -> str:
    """`news` is what has happened to the submission: SUBMITTED, APPROVED, CHANGES_REQUESTED or DECLINED."""
    return _TEMPLATES[Kind(submission.kind)].get(news, news)


def message_id(submission: Submission, name: str, *, decided_at: dt.datetime | None = None) -> str:
    """Of the email with this template. The same decision may be taken again, once the submission has been reopened."""
    return message_ids.of(name.replace("_", "-"), submission.token, *filter(None, [decided_at]))


def begun_by(submission: Submission) -> str:
    return message_id(first_of(submission), template(submission, SUBMITTED))


def first_of(submission: Submission) -> Submission:
    """The one that began the exchange of which this is the latest version."""
    earlier = Submission.objects.defer("answers", "in_force").filter(vendor=submission.vendor_id, kind=submission.kind)
    first = submission
    for before in earlier.filter(submitted_at__lt=submission.submitted_at).order_by("-submitted_at"):
        if before.state not in (State.CHANGES_REQUESTED, State.REPLACED):
            break
        first = before
    return first
