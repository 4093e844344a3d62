"""Where the wizard keeps what was typed: the vendor's draft in the database, never the session."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from formtools.wizard.storage.base import BaseStorage

from onboarding.draft import progress, reminders
from onboarding.draft.steps import COMPLETED, PROBLEM, Reading
from onboarding.models import Draft
from vendors.models import Vendor


class DraftStorage(BaseStorage):
    """A POST holds the draft's row until its transaction ends, so that saves from two tabs come one after the other."""

    def __init__(self, prefix: str, request: HttpRequest, file_storage: Any = None) -> None:
        super().__init__(prefix, request, file_storage)
        vendor_id = request.user.vendor.pk  # type: ignore[union-attr]
        drafts = Draft.objects.all()
        if request.method == "POST":
            drafts = drafts.select_for_update()
        self.draft, _created = drafts.get_or_create(vendor_id=vendor_id)
        # Read after the lock: whoever held it may have submitted.
        self.draft.vendor = Vendor.objects.select_related("user").get(pk=vendor_id)
        self.init_data()
        self.data[self.step_data_key] = self.draft.answers

    def reset(self) -> None:
        """Nothing that was typed is ever dropped by the wizard."""

    def revision(self, step: str) -> int:
        return self.draft.revisions.get(step, self.draft.first_revision)

    def was_saved_since(self, step: str, revision: int) -> bool:
        """Has a page that shows this revision been overtaken? Not by a draft that says nothing about the step yet."""
        return step in self.draft.revisions and revision != self.revision(step)

    def put(self, step: str, typed: dict[str, list[str]]) -> None:
        self.set_step_data(step, typed)
        self.draft.notes.pop(step, None)
        self.draft.overtake(step)
        for names in (self.draft.saved_since, self.draft.touched):
            if step not in names:
                names.append(step)

    def note(self, step: str, noted: dict[str, Any]) -> None:
        """What the step's page has to say besides the answers, until its next save."""
        self.draft.notes[step] = noted | {"revision": self.revision(step)}

    def noted(self, step: str) -> dict[str, Any]:
        noted = self.draft.notes.get(step, {})
        return noted if noted.get("revision") == self.revision(step) else {}

    def note_case(self, step: str, reference: str) -> None:
        """Once the answers are safe, hence in a statement of its own; not if a page was saved meanwhile."""
        self.note(step, self.noted(step) | {"case": reference})
        unchanged = Draft.objects.filter(pk=self.draft.pk, revisions=self.draft.revisions)
        unchanged.update(notes=self.draft.notes)

    def save(self, reading: Reading, *, left_off_at: str) -> None:
        self.draft.completed = [name for name, state in reading.states.items() if state == COMPLETED]
        self.draft.problems = [name for name, state in reading.states.items() if state == PROBLEM]
        self.draft.current_step = progress.goes_on_at(left_off_at, reading)
        self.note_progress()
        self.draft.save()

    def note_progress(self) -> None:
        reminders.note_progress(self.draft)
