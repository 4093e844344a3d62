"""A profile from another system, page by page: the vendor says of each that it is right, or changes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.db import transaction
from django.utils.functional import Promise

from onboarding.change import lifecycle as changes
from onboarding.change.in_force import answers_in_force, approved_submission
from onboarding.change.proposal import CHANGEABLE, lay_out, propose, under_way
from onboarding.draft.steps import CANNOT_START, COMPLETED, PAYMENT, QUALIFICATIONS, asked_of, kind_in, read
from onboarding.models import Draft
from onboarding.submission.summary import OWN, Section, sections
from vendors.documents import lifecycle as documents
from vendors.models import Vendor
from vendors.still_right import lifecycle as still_right

State = Literal["open", "missing", "right", "changed"]


class NotToConfirm(Exception):
    """There is nothing carried over to confirm, or the page lacks something that only a change adds."""


@dataclass(frozen=True)
class Page:
    step: str
    title: str | Promise
    section: Section
    state: State

    @property
    def is_done(self) -> bool:
        return self.state in ("right", "changed")


@dataclass(frozen=True)
class Confirmation:
    pages: list[Page]
    has_unsent: bool

    @property
    def unfolded(self) -> str:
        """The page that comes next: one that needs a look before one that needs work."""
        waiting = [*(page for page in self.pages if page.state == "open"), *self.pages]
        return next((page.step for page in waiting if not page.is_done), "")

    @property
    def left(self) -> int:
        return sum(not page.is_done for page in self.pages)


def of(vendor: Vendor) -> Confirmation:
    """Changes nothing. Raise NotToConfirm."""
    approved = approved_submission(vendor)
    check = still_right.open_check(vendor)
    if approved is None or check is None or not vendor.is_carried_over:
        raise NotToConfirm
    approved.vendor = vendor
    draft = Draft.objects.filter(vendor=vendor).first() or Draft(vendor=vendor)
    draft.vendor = vendor
    in_force = answers_in_force(approved)
    lay_out(draft, approved, under_way(vendor), in_force=in_force)
    files = documents.current_documents(vendor)
    reading = read(draft, documents=files)
    proposal = propose(draft, in_force=in_force, documents=files, reading=reading)
    shown = {section.step: section for section in sections(proposal.answers, clearance=OWN)}
    pages = []
    for step in asked_of(kind_in(draft.answers)):
        if step not in CHANGEABLE or step.name == PAYMENT:
            continue
        state: State = "right" if step.name in check.pages else "open"
        if step.name in proposal.to_complete or _lacks_something(step.name, reading.states[step.name], in_force):
            state = "missing"
        elif step.name in proposal.changed:
            state = "changed"
        pages.append(Page(step.name, step.title, shown.get(step.name) or Section(step.name, step.title), state))
    return Confirmation(pages, has_unsent=bool(draft.saved_since))


def _lacks_something(step: str, state: str, in_force: Mapping[str, Any]) -> bool:
    """What proves the evidence is on file elsewhere, so its files need not be sent again to say that it is right. And
    a page that another one holds up is complete in itself.
    """
    if step in in_force and (step == QUALIFICATIONS or state == CANNOT_START):
        return False
    return state != COMPLETED


@transaction.atomic
def say_right(vendor: Vendor, step: str) -> Confirmation:
    """The last page of all answers the question. Raise NotToConfirm or lifecycle.WrongState."""
    vendor = changes.lock_approved(vendor)
    confirmation = of(vendor)
    page = next((page for page in confirmation.pages if page.step == step), None)
    if page is None or page.state not in ("open", "right"):
        raise NotToConfirm
    done = {page.step for page in confirmation.pages if page.is_done}
    asked = [page.step for page in confirmation.pages]
    is_last = still_right.note_pages(vendor, {step, *done}, asked=asked)
    if is_last and not confirmation.has_unsent:
        still_right.confirm(vendor)
        return Confirmation([], has_unsent=False)
    return of(vendor)
