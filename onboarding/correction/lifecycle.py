"""What VM puts right in an approved profile, and what the vendor says to it.

A correction is an approved change that the vendor did not send: the answers in force with one section of them changed.
So the next change of the vendor's begins with it, and nothing puts the old answer back.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from identity.failures import cases
from identity.jobs.queue import defer
from identity.models import Failure, User
from identity.text_direction import gettext as _
from identity.text_direction import ours
from onboarding.change import lifecycle as changes
from onboarding.change.in_force import answers_in_force, approved_submission
from onboarding.change.proposal import CHANGEABLE, under_way
from onboarding.draft.steps import COMPLETED, PAYMENT, STEPS, WITH_FILES, Step, read, titles, typed_from
from onboarding.models import Draft, Submission
from onboarding.submission.differences import as_stored
from onboarding.submission.profile import profile_of
from vendors.documents import lifecycle as documents
from vendors.models import Vendor, VendorEvent
from vendors.profile import approved_profile as profile

Kind = VendorEvent.Kind

# The account and the agreements are the vendor's own, and evidence is what someone else says.
CORRECTABLE = [step for step in CHANGEABLE if step.name != PAYMENT and step.name not in WITH_FILES]
LONGEST_OBJECTION = 1000


class NothingToCorrect(Exception):
    def __init__(self, vendor: Vendor) -> None:
        super().__init__(_("%(vendor)s has no answers that were approved in Passport.") % {"vendor": vendor})


class ChangeUnderWay(Exception):
    """The vendor's own change would put the old answer back, or this would hide what it changes."""

    def __init__(self, vendor: Vendor) -> None:
        super().__init__(_("%(vendor)s has sent a change of their own. Decide on it first.") % {"vendor": vendor})


class BeingChanged(Exception):
    def __init__(self, vendor: Vendor, step: str) -> None:
        values = {"vendor": vendor, "section": ours(STEPS[step].title)}
        super().__init__(
            _("%(vendor)s is changing “%(section)s” and has not sent it yet. Ask them to send it.") % values
        )


class ChangedMeanwhile(Exception):
    def __init__(self) -> None:
        super().__init__(_("The profile has changed since you opened this page. Check your correction, then save it."))


class Unchanged(Exception):
    def __init__(self) -> None:
        super().__init__(_("Nothing has changed."))


class NoLongerFits(Exception):
    """Other sections build on this one, and have to be corrected with it."""

    def __init__(self, steps: list[str]) -> None:
        self.steps = steps
        sections = ours(", ".join(titles(steps)))
        super().__init__(
            _(
                "After this correction, “%(sections)s” would no longer fit the other answers. Ask the vendor to make "
                "the change instead."
            )
            % {"sections": sections}
        )


class ObjectedAlready(Exception):
    def __init__(self) -> None:
        super().__init__(_("You have already told us. Vendor Management will reply by email."))


@transaction.atomic
def correct(
    vendor: Vendor, changed: Mapping[str, Mapping[str, Any]], *, source: str, by: User, seen: int
) -> Submission:
    """`seen` is the approved submission that the page showed. Raise what `put_in_force` raises."""
    correction = put_in_force(vendor, changed, by=by, seen=seen)
    changes.note(correction, Kind.PROFILE_CORRECTED, by=by, reason=source)
    defer("onboarding.tasks.mail_corrected", submission_id=correction.pk)
    return correction


@transaction.atomic
def put_in_force(
    vendor: Vendor, changed: Mapping[str, Mapping[str, Any]], *, by: User | None, seen: int | None = None
) -> Submission:
    """These answers are in force from now on, as if they had been sent and approved.

    Raise NothingToCorrect, ChangedMeanwhile, ChangeUnderWay, BeingChanged, Unchanged, NoLongerFits or WrongState.
    """
    draft = Draft.objects.select_for_update().filter(vendor=vendor).first()
    vendor = changes.lock_approved(vendor)
    approved = approved_submission(vendor)
    if approved is None:
        raise NothingToCorrect(vendor)
    if seen is not None and seen != approved.pk:
        raise ChangedMeanwhile
    if under_way(vendor) is not None:
        raise ChangeUnderWay(vendor)
    approved.vendor = vendor
    in_force = answers_in_force(approved)
    answers = {**in_force, **{step: as_stored(answer) for step, answer in changed.items()}}
    steps = [step for step in changed if answers[step] != as_stored(in_force.get(step))]
    if not steps:
        raise Unchanged
    _check_it_fits(vendor, in_force, answers, steps)
    is_based_on_it = draft is not None and draft.based_on_id == approved.pk
    if draft is not None and is_based_on_it and (touched := [step for step in steps if step in draft.saved_since]):
        raise BeingChanged(vendor, touched[0])
    correction = Submission.objects.create(
        vendor=vendor,
        kind=Submission.Kind.CHANGE,
        token=uuid.uuid4(),
        answers=answers,
        changed=steps,
        compared_with=approved,
        in_force={step: answer for step, answer in in_force.items() if step != PAYMENT},
        state=Submission.State.APPROVED,
        reviewed_at=timezone.now(),
        reviewed_by=by,
    )
    if draft is not None and is_based_on_it:
        _go_on_from(correction, draft)
    profile.adopt(vendor, profile_of(correction))
    return correction


def _check_it_fits(vendor: Vendor, in_force: Mapping[str, Any], answers: Mapping[str, Any], steps: list[str]) -> None:
    """What builds on the changed sections, and was right before, must still be right."""
    building: list[Step] = [
        step for step in CHANGEABLE if step.name not in steps and any(name in steps for name in step.builds_on)
    ]
    if not building:
        return
    files = documents.current_documents(vendor)
    before, now = (
        read(Draft(vendor=vendor, answers=typed_from(given)), documents=files) for given in (in_force, answers)
    )
    broken = [
        step.name
        for step in building
        if before.states.get(step.name) == COMPLETED
        and (now.states.get(step.name) != COMPLETED or as_stored(now.answers[step.name]) != answers[step.name])
    ]
    if broken:
        raise NoLongerFits(broken)


def _go_on_from(correction: Submission, draft: Draft) -> None:
    """What the vendor has not sent is about the corrected answers now; open pages of the section are out of date."""
    draft.answers |= typed_from({step: correction.answers[step] for step in correction.changed})
    draft.based_on = correction
    for step in correction.changed:
        draft.overtake(step)
    draft.submission_token = uuid.uuid4()
    draft.save(update_fields=["answers", "based_on", "revisions", "submission_token"])


def find(vendor: Vendor, reference: str) -> tuple[Submission, VendorEvent] | None:
    """The correction of this reference, and the record of it."""
    correction = Submission.objects.filter(vendor=vendor, reference=reference).first()
    event = vendor.events.filter(kind=Kind.PROFILE_CORRECTED, data__submission=reference).first()
    return (correction, event) if correction and event else None


def objection(vendor: Vendor, correction: Submission) -> VendorEvent | None:
    said = vendor.events.filter(kind=Kind.CORRECTION_DISPUTED, data__submission=correction.reference)
    return said.first()


def object_to(correction: Submission, *, why: str) -> None:
    """Raise ObjectedAlready."""
    vendor = correction.vendor
    with transaction.atomic():
        Vendor.objects.select_for_update().get(pk=vendor.pk)
        if objection(vendor, correction) is not None:
            raise ObjectedAlready
        changes.note(correction, Kind.CORRECTION_DISPUTED, by=vendor.user, reason=why)
    cases.report(
        stage=Failure.Stage.ONBOARDING,
        reason="correction_disputed",
        user=vendor.user,
        address=vendor.address,
    )
