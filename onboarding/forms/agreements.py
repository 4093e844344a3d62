"""What the vendor agrees to, text by text."""

from __future__ import annotations

from typing import Any

from onboarding.forms.base import StepForm
from vendors import agreements
from vendors.agreement_ticks import AgreementTicks


class AgreementsForm(AgreementTicks, StepForm):
    def build(self) -> None:
        self.ask_for(agreements.current())

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
