"""What VM decides about a change of the profile. The vendor stays approved, whatever it is."""

from __future__ import annotations

from dataclasses import replace

from django.db import transaction

from identity.jobs.queue import defer
from identity.models import User
from onboarding.change import lifecycle as changes
from onboarding.draft.steps import PAYMENT
from onboarding.models import Draft, Submission
from onboarding.submission import lifecycle as submissions
from onboarding.submission import payment, section_reviews
from onboarding.submission.profile import profile_of
from vendors.models import VendorEvent
from vendors.payment import disputes as payment_disputes
from vendors.payment import releases
from vendors.profile import approved_profile as profile

Kind = VendorEvent.Kind


@transaction.atomic
def approve(change: Submission, *, by: User | None) -> None:
    """What is changed is in force now, but for another account: someone else has to release it.

    Raise NotWaiting, SectionsMarked, Disputed or WrongState.
    """
    draft = submissions.lock_to_decide(change)
    section_reviews.check_nothing_is_marked(change)
    if PAYMENT in change.changed:
        payment_disputes.check_undisputed(change.vendor, payment.name_of(change))
    submissions.close(change, "approve", by=by)
    changes.lock_approved(change.vendor)
    changes.note(change, Kind.PROFILE_CHANGE_APPROVED, by=by, data=payment.agreed(change))
    if draft is not None:
        _go_on_from(change, draft)
    approved = profile_of(change)
    if approved.payment:
        releases.hold(
            change.vendor,
            approved.payment,
            about=payment.name_of(change),
            named_at=payment.named_at(change),
            by=by,
        )
    else:
        payment_disputes.dropped(change.vendor, payment.name_of(change), by=by)
    profile.adopt(change.vendor, replace(approved, payment=None))
    defer("onboarding.tasks.mail_approved", submission_id=change.pk)


@transaction.atomic
def request_changes(change: Submission, *, by: User | None, note: str = "", seen: str | None = None) -> None:
    """The marked sections are to be changed again, and the rest is accepted.

    Raise NotWaiting, ReviewedMeanwhile, NothingMarked or WrongState.
    """
    draft = submissions.lock_to_decide(change)
    section_reviews.settle(change, by=by, seen=seen)
    submissions.close(change, "request_changes", by=by, reason=note)
    changes.lock_approved(change.vendor)
    changes.note(change, Kind.PROFILE_CHANGE_RETURNED, by=by, reason=submissions.for_history(note))
    submissions.opened_again(draft, change.vendor).save()
    defer("onboarding.tasks.mail_changes_requested", submission_id=change.pk)


@transaction.atomic
def decline(change: Submission, *, by: User | None, reason: str) -> None:
    """The profile stays as it is, and what the vendor saved after sending is still to be sent.

    Raise NotWaiting, ReasonMissing or WrongState.
    """
    draft = submissions.lock_to_decide(change)
    submissions.close(change, "decline", by=by, reason=submissions.required(reason))
    changes.lock_approved(change.vendor)
    changes.note(change, Kind.PROFILE_CHANGE_DECLINED, by=by, reason=submissions.for_history(reason))
    if draft is not None:
        changes.go_on_without(change, draft)
    payment_disputes.dropped(change.vendor, payment.name_of(change), by=by)
    defer("onboarding.tasks.mail_declined", submission_id=change.pk)


def _go_on_from(change: Submission, draft: Draft) -> None:
    """What was saved after the change was sent is still to be sent."""
    if draft.based_on_id == change.compared_with_id:
        draft.based_on, draft.touched = change, list(draft.saved_since)
        draft.save(update_fields=["based_on", "touched"])
