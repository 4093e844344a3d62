"""What the vendor agrees to, text by text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from onboarding.forms.base import StepForm, Typed
from vendors.agreements import texts as agreements
from vendors.agreements.form import AgreementTicks


class AgreementsForm(AgreementTicks, StepForm):
    def build(self) -> None:
        self.ask_for(agreements.current())

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
                for agreement in self.asked_for
            ]
        }
