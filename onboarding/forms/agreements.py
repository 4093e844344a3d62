"""What the vendor agrees to, text by text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from onboarding.forms.base import StepForm, Typed
from vendors.agreements import texts as agreements
from vendors.agreements.form import AgreementTicks


class AgreementsForm(AgreementTicks, StepForm):
    # Ticks below texts for freelancers wait while it is a company that accepts, and the other way round.
    keeps_unasked_answers = True
    asks_by_kind = True

    def build(self) -> None:
        self.ask_for(agreements.current(audience=agreements.audience_of(self.works_as)))
        if self.is_agency:
            self.initial.setdefault("signatory", self.earlier.get("about", {}).get("full_name", ""))
        else:
            self.ask_not(*self.OF_A_COMPANY)

    @classmethod
    def typed_from(cls, answer: Mapping[str, Any]) -> Typed:
        typed: Typed = {}
        if signatory := answer.get("signatory"):
            typed = {"signatory": [signatory], "position": [answer["position"]], "may_sign": ["on"]}
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
            ],
            # Of freelancers nobody has ever asked this.
            **({name: self.cleaned_data[name] for name in ("signatory", "position")} if self.asks_signatory else {}),
        }
