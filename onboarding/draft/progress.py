"""How far a vendor has got, where it is stuck, and when somebody should be told."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from identity.failures import cases
from identity.models import Failure
from onboarding.draft.steps import CANNOT_START, COMPLETED, PROBLEM, QUESTIONS, STATE_LABELS, STEPS, Reading, Step
from onboarding.forms import StepForm
from onboarding.models import Draft, of_vendors_in
from vendors.models import Vendor, VendorState

log = logging.getLogger(__name__)

TOO_OFTEN = 5
KEEPS_FAILING = "field_keeps_failing"
INDEX = "index"  # stands among the names of steps for the page that lists them
# Where a vendor may have stopped.
ANYWHERE, CHANGES = "any", "changes"
PLACES = {ANYWHERE, CHANGES, *STEPS}
BROKEN = "!"  # stands among the names of fields for the step as a whole


def listing(reading: Reading, *, current: str, asked: Collection[str] = ()) -> list[dict[str, Any]]:
    """The steps with their states, for the list on every page. What VM asked for is a problem until it is answered."""
    steps = []
    for name, state in reading.states.items():
        step = STEPS[name]
        label = STATE_LABELS[state]
        if step.name in asked and state != CANNOT_START:
            state, label = PROBLEM, _("Please change")
        steps.append(
            {
                "name": step.name,
                "title": step.title,
                "state": state,
                "state_label": label,
                "is_current": step.name == current,
                "url": "" if state == CANNOT_START else reverse("onboarding:step", kwargs={"step": step.name}),
            }
        )
    return steps


def goes_on_at(step: str, reading: Reading) -> str:
    """The step at which the vendor left off, unless there is nothing left to do on it or it cannot be started."""
    if reading.states.get(step, CANNOT_START) in (COMPLETED, CANNOT_START):
        return reading.next_to_do
    return step


def stopped_at(draft: Draft) -> str | Promise:
    """Where an unfinished draft stands, in words, by what is stored of it."""
    if draft.current_step in STEPS:
        return STEPS[draft.current_step].title
    if draft.vendor.state == VendorState.CHANGES_REQUESTED:
        return _("the changes you asked for")
    return QUESTIONS[0].title


def stopped_vendors(vendors: QuerySet[Vendor], *, at: str) -> QuerySet[Vendor]:
    """Those who stopped in this one of PLACES some days ago."""
    # See also DraftQuerySet.stopped: one join here, so that a list can be in the order of leaving.
    stopped_before = timezone.now() - Draft.STOPPED_AFTER
    stopped = vendors.filter(draft__left_at__lte=stopped_before)
    if at == CHANGES:
        return of_vendors_in([VendorState.CHANGES_REQUESTED], stopped, state="state").filter(draft__current_step="")
    stopped = of_vendors_in(Draft.EDITABLE_IN, stopped, state="state")
    if at == ANYWHERE:
        return stopped
    if at == QUESTIONS[0].name:
        # An index finds the steps; an OR over both tables would read all drafts.
        not_opened = Q(draft__current_step="")
        is_there = Q(draft__current_step__in=[at, ""])
        return stopped.filter(is_there).exclude(not_opened & ~Q(state=VendorState.ONBOARDING))
    return stopped.filter(draft__current_step=at)


def count_refusals(draft: Draft, step: str, form: StepForm) -> dict[str, str]:
    """Count how often in a row each question was refused; which of them VM should hear of now, in the page's words."""
    before = draft.failing.get(step, {})
    counts = {question: before.get(question, 0) + 1 for question in map(form.question, form.errors)}
    draft.failing[step] = counts
    return {question: _in_words(form, question) for question, count in counts.items() if count % TOO_OFTEN == 0}


def is_stubborn(draft: Draft, step: str) -> bool:
    """Whether VM has been told of a question on this page, and nothing has been accepted since."""
    return any(count >= TOO_OFTEN for name, count in draft.failing.get(step, {}).items() if name != BROKEN)


def tell_vm(vendor: Vendor, step: Step, stubborn: Mapping[str, str]) -> Failure | None:
    """Once the answers are safe. The case, if VM knows of everything that keeps failing on this page."""
    for field, question in stubborn.items():
        failure = cases.report(
            stage=Failure.Stage.ONBOARDING,
            reason=KEEPS_FAILING,
            user=vendor.user,
            address=vendor.address,
            topic=f"{step.name}/{field}",
            detail={"step": step.name, "field": field, "page": str(step.title), "question": question},
        )
        if failure is None:
            return None
    return Failure.objects.open().filter(user=vendor.user_id, reason=KEEPS_FAILING).first()


def _in_words(form: StepForm, question: str) -> str:
    refused = next(name for name in form.errors if form.question(name) == question)
    return form.question_label(refused) if refused in form.fields else str(_("the step as a whole"))


def note_success(draft: Draft, step: str) -> None:
    """Close the case when this step's was the last one that VM was told of."""
    mended = [draft.failing.pop(page, {}) for page in (step, INDEX)]
    if any(map(_was_reported, mended)) and not any(map(_was_reported, draft.failing.values())):
        cases.resolve_for(draft.vendor.user, stages=[Failure.Stage.ONBOARDING], how=f"step {step} completed")


def note_failed_page(vendor: Vendor, page: str) -> None:
    """Remember that a case was opened, so that the next success closes it. Never raises: an error is being handled."""
    try:
        with transaction.atomic():
            draft = Draft.objects.select_for_update().get(vendor=vendor)
            draft.failing.setdefault(page, {})[BROKEN] = 1
            draft.save(update_fields=["failing"])
    except (DatabaseError, Draft.DoesNotExist):
        log.error("The failed page could not be recorded")


def _was_reported(counts: dict[str, int]) -> bool:
    return BROKEN in counts or any(count >= TOO_OFTEN for count in counts.values())
