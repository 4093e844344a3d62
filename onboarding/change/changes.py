"""A change of the approved profile, asked for by the vendor: the wizard's steps over the answers in force.

The old profile stays in force until VM approves. Only what the vendor touched is judged by today's rules; the rest is
taken over as it was approved.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from identity.jobs.queue import defer
from identity.models import User
from onboarding.draft.steps import COMPLETED, QUESTIONS, STEPS, Reading, read, typed_from
from onboarding.models import Draft, SectionReview, Submission
from onboarding.submission import section_reviews
from onboarding.submission import submit as submission
from onboarding.submission.differences import as_stored
from vendors import lifecycle
from vendors.documents import lifecycle as documents
from vendors.email_change import lifecycle as email_change
from vendors.models import Document, Vendor, VendorEvent, VendorState

Kind = VendorEvent.Kind
State = Submission.State

# Accepting is no answer that could be changed; the account has a page of its own, behind a fresh sign-in.
AGREEMENTS, PAYMENT = "agreements", "payment"
CHANGEABLE = [step for step in QUESTIONS if step.name != AGREEMENTS]


class NothingChanged(Exception):
    """Everything is as it was approved."""

    def __init__(self) -> None:
        super().__init__(_("There is nothing to send: everything is as it was approved."))


class OutOfDate(Exception):
    """Something was saved, sent or decided since the page was opened."""

    def __init__(self) -> None:
        super().__init__(_("Something has changed since you opened that page. Please look once more, then send it."))


@dataclass(frozen=True)
class Proposal:
    """What would be sent: all the answers, which steps differ, and which must be completed first."""

    answers: dict[str, Any]
    changed: list[str]
    to_complete: list[str]


def approved(vendor: Vendor) -> Submission | None:
    """The answers in force; their payment details may have been given later."""
    found = Submission.objects.filter(vendor=vendor, state=State.APPROVED)
    return found.order_by("-reviewed_at", "-pk").first()


def in_force(over: Submission) -> dict[str, Any]:
    """The approved answers, with the account that was given after approval."""
    answers = dict(over.answers)
    if details := getattr(over.vendor, "payment_details", None):
        answers[PAYMENT] = dict(details.details)
    return answers


def under_way(vendor: Vendor) -> Submission | None:
    """The change that waits for VM, or that VM has asked to change. A decided one is none."""
    latest = Submission.objects.filter(vendor=vendor).order_by("-pk").first()
    is_open = latest is not None and latest.state in (State.WAITING, State.CHANGES_REQUESTED)
    return latest if is_open and latest and latest.is_change else None


def marks(change: Submission | None) -> dict[str, SectionReview]:
    """What VM asks to change in the change."""
    return submission.marks(change) if change and change.state == State.CHANGES_REQUESTED else {}


def open_over(draft: Draft, over: Submission, change: Submission | None) -> None:
    """Put the approved answers, or those of the change under way, into the draft, unless it is about them already.

    Not saved here: a GET changes nothing. The draft may be new, since old ones are purged.
    """
    if draft.based_on_id == over.pk:
        return
    touched = list(change.changed) if change else []
    # The account in force is never laid out in a page; a new one is typed from the start.
    left_out = {AGREEMENTS, PAYMENT} - set(touched)
    answers = change.answers if change else over.answers
    draft.answers = typed_from({step: answer for step, answer in answers.items() if step not in left_out})
    draft.based_on = over
    draft.touched, draft.saved_since, draft.failing, draft.current_step = touched, [], {}, ""
    # Pages that were opened before show other answers.
    draft.revisions = {name: draft.revisions.get(name, 0) + 1 for name in STEPS}
    draft.submission_token = uuid.uuid5(over.token, str(change.pk if change else ""))


def propose(
    draft: Draft, *, before: Mapping[str, Any], documents: Mapping[str, Document], reading: Reading | None = None
) -> Proposal:
    """Ask the database nothing."""
    reading = reading or read(draft, documents=documents)
    answers, changed, to_complete = dict(before), [], []
    for step in CHANGEABLE:
        if step.name not in draft.touched and not any(name in changed for name in step.builds_on):
            continue
        if reading.states[step.name] != COMPLETED:
            open_below = [name for name in step.builds_on if reading.states[name] != COMPLETED]
            to_complete += [name for name in open_below or [step.name] if name not in to_complete]
            changed.append(step.name)
            continue
        answers[step.name] = as_stored(reading.answers[step.name])
        if answers[step.name] != as_stored(before.get(step.name)):
            changed.append(step.name)
    return Proposal(answers, changed, to_complete)


@transaction.atomic
def send(vendor: Vendor, *, token: uuid.UUID) -> Submission:
    """Send the draft's changes to VM, in place of the version that waits. The same token again gives what was sent.

    Raise OutOfDate, NothingChanged, NotComplete, NotAnswered, or lifecycle.WrongState for a vendor who is not approved.
    """
    draft, _created = Draft.objects.select_for_update().get_or_create(vendor=vendor)
    existing = Submission.objects.filter(vendor=vendor, token=token).first()
    if existing:
        return existing
    vendor = lock_approved(vendor)
    over, follows = approved(vendor), under_way(vendor)
    if over is None:
        raise NothingChanged
    over.vendor = draft.vendor = vendor
    open_over(draft, over, follows)
    if draft.submission_token != token:
        raise OutOfDate
    proposal = propose(draft, before=in_force(over), documents=documents.current_documents(vendor))
    if proposal.to_complete:
        raise submission.NotComplete(proposal.to_complete[0])
    if not proposal.changed:
        raise NothingChanged
    if left := section_reviews.unanswered(marks(follows).values(), draft):
        raise submission.NotAnswered(left[0].step)
    if follows and follows.is_waiting:
        Submission.objects.filter(pk=follows.pk, state=State.WAITING).update(state=State.REPLACED)
    change = Submission.objects.create(
        vendor=vendor,
        kind=Submission.Kind.CHANGE,
        token=token,
        answers=proposal.answers,
        changed=proposal.changed,
        compared_with=over,
        previous=follows,
    )
    section_reviews.carry_over(change)
    draft.saved_since, draft.submission_token = [], uuid.uuid4()
    draft.save()
    kind = Kind.PROFILE_CHANGE_AMENDED if follows else Kind.PROFILE_CHANGE_SENT
    note(change, kind, by=vendor.user)
    defer("onboarding.tasks.mail_vendor_submitted", submission_id=change.pk)
    defer("onboarding.tasks.mail_vm_submitted", submission_id=change.pk)
    if PAYMENT in proposal.changed and not (follows and follows.answers[PAYMENT] == proposal.answers[PAYMENT]):
        for email_change_id in addresses_told_of_payment(vendor):
            defer(
                "onboarding.tasks.mail_payment_change_asked", submission_id=change.pk, email_change_id=email_change_id
            )
    return change


@transaction.atomic
def withdraw(vendor: Vendor) -> None:
    """Take back what was sent and what was not: the draft is about the approved answers again. Raise NotWaiting."""
    draft = Draft.objects.select_for_update().filter(vendor=vendor).first()
    vendor = lock_approved(vendor)
    change = under_way(vendor)
    if change is not None:
        origins = list(Submission.MOVES["withdraw"])
        moved = Submission.objects.filter(pk=change.pk, state__in=origins).update(state=State.WITHDRAWN)
        if not moved:
            change.refresh_from_db(fields=["state"])
            raise section_reviews.NotWaiting(change)
        note(change, Kind.PROFILE_CHANGE_WITHDRAWN, by=vendor.user)
    if draft is not None:
        forget(draft)


def forget(draft: Draft) -> None:
    """The next change begins at the approved answers, and the approved files are the current ones."""
    draft.based_on, draft.answers, draft.touched, draft.saved_since = None, {}, [], []
    draft.submission_token = uuid.uuid4()
    draft.save(update_fields=["based_on", "answers", "touched", "saved_since", "submission_token"])
    documents.restore_approved(draft.vendor)


def rebase(draft: Draft, change: Submission) -> None:
    """The change is in force now; what was saved after it was sent is still to be sent."""
    if draft.based_on_id == change.compared_with_id:
        draft.based_on, draft.touched = change, list(draft.saved_since)
        draft.save(update_fields=["based_on", "touched"])


def lock_approved(vendor: Vendor) -> Vendor:
    """Nothing of a suspended or ended vendor is changed, and nobody is suspended meanwhile."""
    vendor = Vendor.objects.select_for_update(of=["self"]).select_related("user").get(pk=vendor.pk)
    if vendor.state != VendorState.APPROVED:
        raise lifecycle.WrongState(vendor)
    return vendor


def addresses_told_of_payment(vendor: Vendor) -> list[int | None]:
    """The primary address (None), and by their changes those before it: perhaps it is not the vendor who asks."""
    return [None, *(change.pk for change in email_change.lately_changed(vendor))]


def note(
    change: Submission, kind: VendorEvent.Kind, *, by: User | None, reason: str = "", data: dict[str, Any] | None = None
) -> None:
    lifecycle.record(
        change.vendor,
        kind,
        by=by,
        reason=reason,
        data={"submission": change.reference, "sections": change.changed, **(data or {})},
    )
