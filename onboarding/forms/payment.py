"""How the vendor is paid."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from onboarding.forms.base import StepForm
from vendors.payment import details as payment
from vendors.payment.form import PaymentForm


class PaymentStepForm(StepForm, PaymentForm):
    LATER = "later"
    conditional = [*PaymentForm.base_fields]
    css = {"bic": "narrow", "bank_code": "narrow", "payout_currency": "medium"}
    takes_somebody_elses = True

    def build(self) -> None:
        self.fields["method"].choices = [  # type: ignore[attr-defined]
            *payment.METHODS,
            (self.LATER, _("I will do this later")),
        ]

    def answer(self) -> dict[str, Any]:
        return self.details()
