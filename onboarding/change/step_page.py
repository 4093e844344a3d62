"""The wizard's pages over the approved answers."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse

from onboarding.change.access import INDEX, nothing_to_change, step_url
from onboarding.change.in_force import approved_submission
from onboarding.change.proposal import (
    CHANGEABLE,
    marks,
    propose,
    under_way,
)
from onboarding.change.storage import ChangeStorage
from onboarding.models import SectionReview
from onboarding.submission import section_reviews
from onboarding.wizard.step_page import StepPage
from vendors.access import vendor_of
from vendors.models import Vendor, VendorState


class ChangePage(StepPage):
    """After a page come those that build on it and do not fit any more, and those that VM marked."""

    storage_name = "onboarding.change.storage.ChangeStorage"
    storage: ChangeStorage
    index_name = INDEX

    def is_open_for(self, vendor: Vendor) -> bool:
        return vendor.state == VendorState.APPROVED

    def marks(self, vendor: Vendor) -> dict[str, SectionReview]:
        return marks(under_way(vendor))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        vendor = vendor_of(request)
        if kwargs["step"] not in [step.name for step in CHANGEABLE]:
            raise Http404
        if self.is_open_for(vendor) and approved_submission(vendor) is None:
            return nothing_to_change(request)
        return super().dispatch(request, *args, **kwargs)

    def following(self) -> str:
        proposal = propose(
            self.storage.draft, in_force=self.storage.in_force, documents=self.documents, reading=self.reading
        )
        marks = self.marks(self.storage.draft.vendor).values()
        marked = [mark.step for mark in section_reviews.unanswered(marks, self.storage.draft)]
        return next(iter([*proposal.to_complete, *marked]), "")

    def step_url(self, step: str) -> str:
        return step_url(step) if step else reverse(INDEX)

    def wants_check(self) -> bool:
        return False

    def get_context_data(self, form: Any, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(form=form, **kwargs) | {"is_change": True, "steps": []}
