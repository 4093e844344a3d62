"""Where the pages of a change keep what was typed."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest

from onboarding.change.in_force import answers_in_force, approved_submission
from onboarding.change.proposal import lay_out, under_way
from onboarding.draft.storage import DraftStorage


class ChangeStorage(DraftStorage):
    """The same draft, over the approved answers."""

    def __init__(self, prefix: str, request: HttpRequest, file_storage: Any = None) -> None:
        super().__init__(prefix, request, file_storage)
        self.approved = approved_submission(self.draft.vendor)
        self.in_force: dict[str, Any] = {}
        if self.approved is not None:
            self.approved.vendor = self.draft.vendor
            self.in_force = answers_in_force(self.approved)
            lay_out(self.draft, self.approved, under_way(self.draft.vendor), in_force=self.in_force)
            self.data[self.step_data_key] = self.draft.answers

    def put(self, step: str, typed: dict[str, list[str]]) -> None:
        """A page that offers to send what was there before is out of date now."""
        super().put(step, typed)
        self.draft.submission_token = uuid.uuid4()

    def note_progress(self) -> None:
        """Nobody is reminded of a change that they need not make."""
        self.draft.left_at = None
