"""What VM decides about the answers of the onboarding. About a change of the profile: onboarding/change/decide.py."""

from __future__ import annotations

from django.db import transaction

from identity.jobs.queue import defer
from identity.models import User
from onboarding.draft import reminders
from onboarding.draft.steps import typed_from
from onboarding.models import Submission
from onboarding.submission import lifecycle as submissions
from onboarding.submission import payment, section_reviews
from onboarding.submission.profile import profile_of
from vendors import lifecycle
from vendors.profile import approved_profile as profile


@transaction.atomic
def approve(submission: Submission, *, by: User | None) -> None:
    """The answers become the vendor's profile. Raise NotWaiting, SectionsMarked or WrongState."""
    submissions.lock_to_decide(submission)
    section_reviews.check_nothing_is_marked(submission)
    submissions.close(submission, "approve", by=by)
    lifecycle.approve(submission.vendor, by=by, data=payment.agreed(submission))
    profile.adopt(submission.vendor, profile_of(submission))
    defer("onboarding.tasks.mail_approved", submission_id=submission.pk)


@transaction.atomic
def request_changes(submission: Submission, *, by: User | None, note: str = "", seen: str | None = None) -> None:
    """The marked sections are open again with all answers kept, and the rest is accepted.

    Raise NotWaiting, ReviewedMeanwhile, NothingMarked or WrongState.
    """
    draft = submissions.lock_to_decide(submission)
    section_reviews.settle(submission, by=by, seen=seen)
    submissions.close(submission, "request_changes", by=by, reason=note)
    lifecycle.request_changes(submission.vendor, by=by, reason=submissions.for_history(note))
    draft = submissions.opened_again(draft, submission.vendor)
    if not draft.answers:
        draft.answers = typed_from(submission.answers)
    reminders.begin_anew(draft)
    draft.save()
    defer("onboarding.tasks.mail_changes_requested", submission_id=submission.pk)


@transaction.atomic
def decline(submission: Submission, *, by: User | None, reason: str) -> None:
    """Raise NotWaiting, ReasonMissing or WrongState."""
    submissions.lock_to_decide(submission)
    submissions.close(submission, "decline", by=by, reason=submissions.required(reason))
    lifecycle.decline(submission.vendor, by=by, reason=submissions.for_history(reason))
    defer("onboarding.tasks.mail_declined", submission_id=submission.pk)
