"""What the vendor agrees to, text by text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from onboarding.forms.base import StepForm, Typed
from vendors import agreements


class AgreementsForm(StepForm):
    def build(self) -> None:
        for agreement in agreements.current():
            if agreement.document == "privacy":
                label = _("I have read the privacy notice")
            else:
                label = _("I accept: %(title)s") % {"title": agreement.title}
            missing = _("Please read and tick: %(title)s") % {"title": agreement.title}
            self.fields[agreement.document] = forms.BooleanField(label=label, error_messages={"required": missing})
            self.fields[f"{agreement.document}-text"] = forms.CharField(widget=forms.HiddenInput, required=False)

    @property
    def texts(self) -> list[dict[str, Any]]:
        """The hash goes with the text shown now, not with the one that came back from an older page."""
        return [
            {
                "agreement": agreement,
                "tick": self[agreement.document],
                "hash_name": self.add_prefix(f"{agreement.document}-text"),
            }
            for agreement in agreements.current()
        ]

    def clean(self) -> dict[str, Any]:
        for agreement in agreements.current():
            shown = self.cleaned_data.get(f"{agreement.document}-text")
            if self.cleaned_data.get(agreement.document) and shown != agreement.sha256:
                self.add_error(
                    agreement.document,
                    ValidationError(
                        _("The text of “%(title)s” has changed. Please read it again and tick it.")
                        % {"title": agreement.title},
                        code="text_changed",
                    ),
                )
        return self.cleaned_data

    @classmethod
    def typed_from(cls, answer: Mapping[str, Any]) -> Typed:
        typed: Typed = {}
        for accepted in answer["accepted"]:
            typed |= {accepted["document"]: ["on"], f"{accepted['document']}-text": [accepted["sha256"]]}
        return typed

    def answer(self) -> dict[str, Any]:
        return {
            "accepted": [
                {
                    "document": agreement.document,
                    "version": agreement.version,
                    "language": agreement.language,
                    "sha256": agreement.sha256,
                }
                for agreement in agreements.current()
            ]
        }
