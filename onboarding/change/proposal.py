"""What an approved vendor would change: the wizard's steps over the answers in force.

Only what the vendor touched is judged by today's rules; the rest is taken over as it was approved.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from identity.compiled_queries import Compiled, Given
from onboarding.change.in_force import answers_sent
from onboarding.draft.steps import (
    AGENCIES,
    AGREEMENTS,
    COMPLETED,
    EVERYONE,
    PAYMENT,
    QUESTIONS,
    STEPS,
    Reading,
    read,
    typed_from,
)
from onboarding.models import Draft, SectionReview, Submission
from onboarding.submission import section_reviews
from onboarding.submission.differences import as_stored
from vendors.models import Document, Vendor

State = Submission.State

# Accepting is no answer that could be changed; the account has a page of its own, behind a fresh sign-in.
CHANGEABLE = [step for step in QUESTIONS if step.name != AGREEMENTS]


@dataclass(frozen=True)
class Proposal:
    """What would be sent: all the answers, which steps differ, and which must be completed first."""

    answers: dict[str, Any]
    changed: list[str]
    to_complete: list[str]


LATEST = Compiled(lambda: Submission.objects.filter(vendor=Given("vendor")).order_by("-pk")[:1])


def under_way(vendor: Vendor) -> Submission | None:
    """The change that waits for VM, or that VM has asked to change. A decided one is none."""
    latest = LATEST.first(vendor=vendor.pk)
    is_open = latest is not None and latest.state in (State.WAITING, State.CHANGES_REQUESTED)
    return latest if is_open and latest and latest.is_change else None


def marks(change: Submission | None) -> dict[str, SectionReview]:
    """What VM asks to change in the change."""
    return section_reviews.marked(change) if change and change.state == State.CHANGES_REQUESTED else {}


def lay_out(draft: Draft, approved: Submission, change: Submission | None, *, in_force: Mapping[str, Any]) -> None:
    """Put the answers in force, or those of the change under way, into the draft, unless it is about them already.

    Not saved here: a GET changes nothing. The draft may be new, since old ones are purged.
    """
    if draft.based_on_id == approved.pk:
        return
    touched = list(change.changed) if change else []
    # The account in force is never laid out in a page; a new one is typed from the start.
    left_out = {AGREEMENTS, PAYMENT} - set(touched)
    answers = answers_sent(change) if change else in_force
    draft.answers = _of_the_other_kind(draft, answers) | typed_from(
        {step: answer for step, answer in answers.items() if step not in left_out}
    )
    draft.based_on = approved
    draft.touched, draft.saved_since, draft.failing, draft.current_step = touched, [], {}, ""
    # Pages that were opened before show other answers.
    for name in STEPS:
        draft.overtake(name)
    draft.submission_token = uuid.uuid5(approved.token, str(change.pk if change else ""))


def _of_the_other_kind(draft: Draft, answers: Mapping[str, Any]) -> dict[str, Any]:
    """What somebody typed when they said that they work in another way comes back when they say so again."""
    kind = answers.get("about", {}).get("kind", "")
    others = [step.name for step in QUESTIONS if kind not in step.asked_of]
    return {name: draft.answers[name] for name in others if name in draft.answers}


def propose(
    draft: Draft, *, in_force: Mapping[str, Any], documents: Mapping[str, Document], reading: Reading | None = None
) -> Proposal:
    """Ask the database nothing."""
    reading = reading or read(draft, documents=documents)
    answers, changed, to_complete = dict(in_force), [], []
    is_moved = _is_moved(draft, in_force, reading)
    touched = {*draft.touched, *(_asked_differently(reading) if is_moved else [])}
    for step in CHANGEABLE:
        if step.name not in reading.states:
            if is_moved and answers.pop(step.name, None) is not None:
                changed.append(step.name)
            continue
        rests_on_changed = step.name in in_force and any(name in changed for name in step.builds_on)
        if step.name not in touched and not rests_on_changed:
            continue
        if reading.states[step.name] != COMPLETED:
            open_below = [name for name in step.builds_on if reading.states[name] != COMPLETED]
            to_complete += [name for name in open_below or [step.name] if name not in to_complete]
            changed.append(step.name)
            continue
        answers[step.name] = as_stored(reading.answers[step.name])
        if answers[step.name] != as_stored(in_force.get(step.name)):
            changed.append(step.name)
    return Proposal(answers, changed, to_complete)


def _is_moved(draft: Draft, in_force: Mapping[str, Any], reading: Reading) -> bool:
    """Is the vendor an agency that was none, or the other way round? Or an agency that was asked as a person once, and
    begins with the pages that agencies are asked now?
    """
    was_agency = in_force.get("about", {}).get("kind") in AGENCIES
    own = [name for name in _asked_differently(reading) if STEPS[name].asked_of != EVERYONE]
    return was_agency != (reading.kind in AGENCIES) or any(
        name in draft.touched and name not in in_force for name in own
    )


def _asked_differently(reading: Reading) -> list[str]:
    """The pages that agencies are not asked as others are, among those that are asked now."""
    return [name for name in reading.questions if STEPS[name].asked_of != EVERYONE or STEPS[name].form.asks_by_kind]
