"""A change of the approved profile, asked for by the vendor. The old profile stays in force until VM approves."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from identity.jobs.queue import defer
from identity.models import User
from onboarding.change.in_force import answers_in_force, approved_submission
from onboarding.change.proposal import (
    CHANGEABLE,
    Proposal,
    lay_out,
    marks,
    propose,
    under_way,
)
from onboarding.draft.steps import PAYMENT, STEPS, WITH_FILES, asked_of, kind_in
from onboarding.models import Draft, Submission
from onboarding.submission import lifecycle as submissions
from onboarding.submission import payment, section_reviews
from onboarding.submission.submit import NotComplete
from vendors import lifecycle
from vendors.documents import lifecycle as documents
from vendors.models import Vendor, VendorEvent, VendorState
from vendors.payment import disputes as payment_disputes
from vendors.payment import notice_recipients
from vendors.still_right import lifecycle as still_right

Kind = VendorEvent.Kind


class NothingChanged(Exception):
    """Everything is as it was approved."""

    def __init__(self) -> None:
        super().__init__(_("There's nothing to send: nothing has changed since your profile was approved."))


class OutOfDate(Exception):
    """Something was saved, sent or decided since the page was opened."""

    def __init__(self) -> None:
        super().__init__(
            _("Something has changed since you opened that page. Please check it once more, then send it.")
        )


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
    approved, previous = approved_submission(vendor), under_way(vendor)
    if approved is None:
        raise NothingChanged
    approved.vendor = draft.vendor = vendor
    in_force = answers_in_force(approved)
    lay_out(draft, approved, previous, in_force=in_force)
    if draft.submission_token != token:
        raise OutOfDate
    proposal = propose(draft, in_force=in_force, documents=documents.current_documents(vendor))
    _check(proposal, draft, previous)
    if previous and previous.is_waiting:
        submissions.move(previous, "replace")
    change = Submission.objects.create(
        vendor=vendor,
        kind=Submission.Kind.CHANGE,
        token=token,
        answers=proposal.answers,
        changed=proposal.changed,
        compared_with=approved,
        in_force={step: answer for step, answer in in_force.items() if step != PAYMENT},
        previous=previous,
    )
    section_reviews.carry_over(change)
    draft.saved_since, draft.submission_token = [], uuid.uuid4()
    draft.save()
    note(change, Kind.PROFILE_CHANGE_AMENDED if previous else Kind.PROFILE_CHANGE_SENT, by=vendor.user)
    asked = [step.name for step in asked_of(kind_in(draft.answers)) if step in CHANGEABLE and step.name != PAYMENT]
    still_right.note_changes_sent(vendor, changed=proposal.changed, asked=asked)
    defer("onboarding.tasks.mail_vendor_submitted", submission_id=change.pk)
    defer("onboarding.tasks.mail_vm_submitted", submission_id=change.pk)
    if _names_another_account(change):
        for source in notice_recipients.of(vendor):
            defer("onboarding.tasks.mail_payment_change_asked", submission_id=change.pk, source=source)
    return change


def _check(proposal: Proposal, draft: Draft, previous: Submission | None) -> None:
    """Raise NotComplete, NothingChanged or NotAnswered."""
    if proposal.to_complete:
        raise NotComplete(proposal.to_complete[0])
    if not proposal.changed:
        raise NothingChanged
    section_reviews.check_all_are_answered(marks(previous).values(), draft)


def _names_another_account(change: Submission) -> bool:
    """Than the one in force, and than the version before, of which the vendor was told."""
    previous = change.previous
    return PAYMENT in change.changed and not (previous and previous.answers[PAYMENT] == change.answers[PAYMENT])


@transaction.atomic
def withdraw(vendor: Vendor) -> None:
    """Take back what was sent and what was not: the draft is about the approved answers again. Raise NotWaiting."""
    draft = Draft.objects.select_for_update().filter(vendor=vendor).first()
    vendor = lock_approved(vendor)
    change = under_way(vendor)
    if change is not None:
        submissions.move(change, "withdraw")
        note(change, Kind.PROFILE_CHANGE_WITHDRAWN, by=vendor.user)
        payment_disputes.dropped(vendor, payment.name_of(change), by=vendor.user)
    if draft is not None:
        start_over(draft)


def start_over(draft: Draft) -> None:
    """The next change begins at the approved answers, and the approved files are the current ones."""
    draft.based_on, draft.answers, draft.touched, draft.saved_since = None, {}, [], []
    draft.submission_token = uuid.uuid4()
    draft.save(update_fields=["based_on", "answers", "touched", "saved_since", "submission_token"])
    documents.restore_approved(draft.vendor)


def go_on_without(change: Submission, draft: Draft) -> None:
    """After VM has declined the change: the draft is about the answers in force, but for what was saved since."""
    if not draft.saved_since or change.compared_with is None or draft.based_on_id != change.compared_with_id:
        start_over(draft)
        return
    kept = {step: typed for step, typed in draft.answers.items() if step in draft.saved_since}
    change.compared_with.vendor = draft.vendor
    draft.based_on = None
    saved_since = draft.saved_since
    lay_out(draft, change.compared_with, None, in_force=answers_in_force(change.compared_with))
    draft.answers |= kept
    draft.touched, draft.saved_since, draft.submission_token = [*saved_since], [*saved_since], uuid.uuid4()
    draft.save()
    if not kept.keys() & set(WITH_FILES):
        documents.restore_approved(draft.vendor)


def unsent_steps(vendor: Vendor) -> list[str]:
    """What an approved vendor has saved and not sent."""
    draft = Draft.objects.defer("answers").filter(vendor=vendor, based_on__isnull=False).first()
    return [step for step in STEPS if draft and step in draft.saved_since]


def declined_last(vendor: Vendor, *, before: Submission | None = None) -> Submission | None:
    """The change that VM declined, if it is the last that was sent (before this one)."""
    sent = Submission.objects.filter(vendor=vendor)
    last = (sent.filter(pk__lt=before.pk) if before else sent).order_by("-pk").first()
    return last if last and last.is_change and last.state == Submission.State.DECLINED else None


def take_over_renewal(vendor: Vendor, *, slot: str, number: str, expires_on: dt.date | None) -> None:
    """Write a certificate's new number and date into the draft, where it holds the old ones. A page that is open with
    the old ones is out of date, whether they are in the draft or only in force.

    Locks the draft even if there is nothing to write, because the wizard locks it before documents.
    """
    draft, _created = Draft.objects.select_for_update().get_or_create(vendor=vendor, defaults={"left_at": None})
    for step in WITH_FILES:
        typed = draft.answers.get(step, {})
        if f"{step}-{slot}-expires_on" in typed:
            typed[f"{step}-{slot}-number"] = [number]
            typed[f"{step}-{slot}-expires_on"] = [expires_on.isoformat() if expires_on else ""]
            draft.submission_token = uuid.uuid4()
        draft.overtake(step)
    draft.save(update_fields=["answers", "revisions", "submission_token"])


def lock_approved(vendor: Vendor) -> Vendor:
    """Nothing of a suspended or ended vendor is changed, and nobody is suspended meanwhile. Raise WrongState."""
    vendor = Vendor.objects.select_for_update(of=["self"]).select_related("user").get(pk=vendor.pk)
    if vendor.state != VendorState.APPROVED:
        raise lifecycle.WrongState(vendor)
    return vendor


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
