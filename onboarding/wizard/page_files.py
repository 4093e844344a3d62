"""The files that came with a page of the wizard: kept, or set aside until the vendor has decided between versions."""

from __future__ import annotations

import contextlib
import uuid

from django.core.files.uploadedfile import UploadedFile
from django.forms import FileField
from django.http import HttpRequest
from django.utils.translation import gettext as _

from onboarding.forms import StepForm
from vendors.documents import lifecycle as documents
from vendors.documents.refusals import NotKept, Refused
from vendors.models import Document, Vendor

Refusals = dict[str, Refused]


class PageFiles:
    """`current` are the vendor's documents by slot; what is kept or removed is changed in it too.

    What was refused is told by field, and under "" that there was too much.
    """

    def __init__(self, request: HttpRequest, vendor: Vendor, current: dict[str, Document]) -> None:
        self.request = request
        self.vendor = vendor
        self.current = current
        self.used: set[str] = set()
        self.are_unusable = False

    def keep(self, form: StepForm) -> tuple[set[str], Refusals]:
        """Files that are good are kept even if the rest of the page is not: nobody chooses a file twice.

        The fields of those that were kept, and what was refused.
        """
        for slot in form.files_to_remove():
            documents.remove(self.current.pop(slot))
        kept: set[str] = set()
        refused = self._too_much()
        for slot, upload in form.new_files().items():
            field = form.field_of(slot)
            try:
                self.current[slot] = documents.store(
                    self.vendor, slot=slot, upload=upload, content_type=upload.content_type or ""
                )
            except Refused as refusal:
                refused[field] = refusal
                self.are_unusable |= isinstance(refusal, NotKept)
            else:
                kept.add(form.add_prefix(field))
        return kept, refused

    def would_change(self, form: StepForm) -> bool:
        """Is there anything in what was chosen or ticked for removal that is not so already?"""
        form.is_valid()
        chosen = any(not self._is_there(slot, upload) for slot, upload in form.new_files().items())
        return chosen or form.has_refused_file or bool(self._too_much() or form.files_to_remove())

    def set_aside(self, form: StepForm) -> tuple[dict[str, Document], Refusals]:
        """Those chosen on a page that is out of date, by field, and what was refused."""
        before = self._set_aside_before(form)
        there = Document.objects.filter(pk__in=before.values(), vendor=self.vendor)
        by_field = {form.field_of(document.slot): document for document in there}
        refused = self._too_much()
        refused |= {field: _no_longer_kept() for field in map(form.field_of, before) if field not in by_field}
        for slot, upload in form.new_files().items():
            if self._is_there(slot, upload):
                continue
            field = form.field_of(slot)
            try:
                by_field[field] = documents.set_aside(
                    self.vendor, slot=slot, upload=upload, content_type=upload.content_type or ""
                )
            except Refused as refusal:
                refused[field] = refusal
                self.are_unusable |= isinstance(refusal, NotKept)
        return by_field, refused

    def use_those_set_aside(self, form: StepForm) -> Refusals:
        """Saving the page again is the decision for them. What is no longer kept has to be chosen again."""
        refused: Refusals = {}
        for slot, pk in self._set_aside_before(form).items():
            try:
                self.current[slot] = documents.use(self.vendor, slot=slot, pk=pk)
                self.used.add(slot)
            except documents.NotCurrent:
                refused[form.field_of(slot)] = _no_longer_kept()
        return refused

    def _set_aside_before(self, form: StepForm) -> dict[str, uuid.UUID]:
        """By slot, unless another one was chosen since. The page carries their ids."""
        ids = {}
        for name, field in form.fields.items():
            pk = self.request.POST.get(f"aside-{name}", "")
            if isinstance(field, FileField) and pk and form.add_prefix(name) not in self.request.FILES:
                with contextlib.suppress(ValueError):
                    ids[form.slot_of(name)] = uuid.UUID(pk)
        return ids

    def _is_there(self, slot: str, upload: UploadedFile) -> bool:
        """The very file that is current: a page sent twice."""
        current = self.current.get(slot)
        return current is not None and documents.is_file_of(current, upload)

    def _too_much(self) -> Refusals:
        too_much = getattr(self.request, "files_were_too_big", None)
        return {"": too_much} if too_much else {}


def _no_longer_kept() -> Refused:
    return Refused(_("We no longer have the file you chose here. Please choose it again."))
