"""How the vendor is paid. A browser that stays signed in for weeks may be in other hands, so pages hide the account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.datastructures import MultiValueDict
from django.utils.html import format_html
from django.utils.translation import gettext as _

from identity.text_direction import isolated
from onboarding.forms.base import StepForm, Typed
from vendors.payment import details as payment
from vendors.payment.form import PaymentForm


class PaymentStepForm(StepForm, PaymentForm):
    LATER = "later"
    conditional = [*PaymentForm.base_fields]
    css = {"bic": "narrow", "bank_code": "narrow", "payout_currency": "medium"}
    takes_somebody_elses = True
    hides_saved = True
    # What is hidden, and the number that it belongs to: another account has another bank.
    HIDDEN = {"iban": "", "bic": "iban", "account_number": "", "bank_code": "account_number", "paypal": ""}

    def build(self) -> None:
        self.hidden: dict[str, str] = {}
        self.hidden_texts: dict[str, str] = {}
        self.fields["method"].choices = [  # type: ignore[attr-defined]
            *payment.METHODS,
            (self.LATER, _("I'll do this later")),
        ]
        about, contact = self.earlier.get("about", {}), self.earlier.get("contact", {})
        self.expect(holder=about.get("company_legal_name") or about.get("full_name"), country=contact.get("country"))

    def answer(self) -> dict[str, Any]:
        return self.details()

    def with_saved(self, typed: Typed, saved: Typed) -> Typed:
        keys = {self.add_prefix(name): owner and self.add_prefix(owner) for name, owner in self.HIDDEN.items()}
        return typed | {
            key: saved[key]
            for key, owner in keys.items()
            if _has_text(saved.get(key)) and not _has_text(typed.get(key)) and not _is_another(owner, typed, saved)
        }

    def hide_saved(self, typed: Mapping[str, str]) -> None:
        if not isinstance(self.data, MultiValueDict):
            return  # nothing is saved yet
        _judged = self.errors  # by all of it
        data = {name: list(values) for name, values in self.data.lists()}
        for name in self.HIDDEN:
            key = self.add_prefix(name)
            if _has_text(data.get(key)) and not typed.get(key, "").strip():
                self.hidden_texts[name] = data[key][-1]
                self.hidden[name] = payment.end_of(name, data[key][-1].strip())
                data[key] = [""]
                text = _("We have {}. Leave this empty to keep it, or enter another.")
                self[name].help_text = format_html(text, isolated(self.hidden[name]))
        self.data = MultiValueDict(data)

    def text_of(self, name: str) -> str:
        return self.hidden_texts.get(name) or super().text_of(name)

    def shown(self, name: str) -> str:
        return self.hidden.get(name) or super().shown(name)


def _has_text(values: list[str] | None) -> bool:
    return bool("".join(values or []).strip())


def _is_another(key: str, typed: Typed, saved: Typed) -> bool:
    return bool(key) and _has_text(typed.get(key)) and typed.get(key) != saved.get(key)
