"""What the services cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onboarding.forms.base import StepForm, Typed
from onboarding.forms.languages import pair_key, pair_label
from vendors import catalogue
from vendors.form_fields import AmountField


class RatesForm(StepForm):
    """Each service has a usual rate; a pair that differs gets its own. So one pair is as quick as fifty."""

    currency = forms.ChoiceField(
        label=gettext_lazy("Currency of your rates and invoices"),
        choices=[(code, catalogue.currency_name(code)) for code in catalogue.CURRENCIES],
    )
    minimum_fee = AmountField(
        label=gettext_lazy("Minimum fee for a small job"),
        help_text=gettext_lazy("For example, if 50 words should never cost less than 20.00, write 20."),
        decimals=2,
        required=False,
    )
    keeps_unasked_answers = True
    css = {"currency": "narrow", "minimum_fee": "narrow"}

    def build(self) -> None:
        self.pairs_of_service: dict[str, list[Mapping[str, Any]]] = {}
        for pair in self.earlier.get("services", {}).get("pairs", []):
            for service in pair["services"]:
                self.pairs_of_service.setdefault(service, []).append(pair)
        for service, pairs in self.pairs_of_service.items():
            name = catalogue.service_name(service)
            units = [(unit, catalogue.unit_name(unit)) for unit in catalogue.UNITS_OF_SERVICE[service]]
            missing = _("Please fill in your rate for: %(service)s") % {"service": name}
            self.fields[f"usual-{service}"] = AmountField(
                label=_("Your rate"), decimals=4, error_messages={"required": missing}
            )
            self.fields[f"unit-{service}"] = forms.ChoiceField(label=_("Unit"), choices=units)
            if len(pairs) > 1:
                for pair in pairs:
                    self._add_own_rate(service, pair, units)
        self.conditional = [name for name in self.fields if name.startswith("own-")]
        self.initial.setdefault("currency", "EUR")

    def _add_own_rate(self, service: str, pair: Mapping[str, Any], units: list[tuple[str, str]]) -> None:
        key = f"{service}-{pair_key(pair)}"
        label = pair_label(pair)
        self.fields[f"own-amount-{key}"] = AmountField(label=label, decimals=4, required=False)
        self.fields[f"own-unit-{key}"] = forms.ChoiceField(
            label=_("Unit for %(pair)s") % {"pair": label}, choices=[("", _("same unit")), *units], required=False
        )

    def full_label(self, name: str) -> str:
        label = super().full_label(name)
        service = next((code for code in self.pairs_of_service if f"-{code}" in name), "")
        return f"{catalogue.service_name(service)}: {label}" if service else label

    @property
    def services(self) -> list[dict[str, Any]]:
        groups = []
        for service, pairs in self.pairs_of_service.items():
            keys = [f"{service}-{pair_key(pair)}" for pair in pairs] if len(pairs) > 1 else []
            own = [{"amount": self[f"own-amount-{key}"], "unit": self[f"own-unit-{key}"]} for key in keys]
            groups.append(
                {
                    "name": catalogue.service_name(service),
                    "amount": self[f"usual-{service}"],
                    "unit": self[f"unit-{service}"],
                    "own": own,
                    "open": any(field.errors or field.value() for row in own for field in (row["amount"], row["unit"])),
                }
            )
        return groups

    def clean(self) -> dict[str, Any]:
        for name in list(self.cleaned_data):
            key = name.removeprefix("own-unit-")
            if key != name and self.cleaned_data[name] and self.cleaned_data.get(f"own-amount-{key}", 0) is None:
                amount = self.fields[f"own-amount-{key}"]
                message = _("Please fill in the rate for %(pair)s too.") % {"pair": amount.label}
                self.add_error(f"own-amount-{key}", ValidationError(message, code="required"))
        return self.cleaned_data

    @classmethod
    def typed_from(cls, answer: Mapping[str, Any]) -> Typed:
        """The rate that most pairs share is the usual one."""
        typed = {"currency": [answer["currency"]], "minimum_fee": [answer["minimum_fee"]]}
        by_service: dict[str, list[Mapping[str, Any]]] = {}
        for rate in answer["rates"]:
            by_service.setdefault(rate["service"], []).append(rate)
        for service, rates in by_service.items():
            (amount, unit), _count = Counter((rate["amount"], rate["unit"]) for rate in rates).most_common(1)[0]
            typed |= {f"usual-{service}": [amount], f"unit-{service}": [unit]}
            for rate in rates:
                if (rate["amount"], rate["unit"]) != (amount, unit):
                    key = f"{service}-{pair_key(rate)}"
                    typed |= {f"own-amount-{key}": [rate["amount"]], f"own-unit-{key}": [rate["unit"]]}
        return typed

    def answer(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        rates = []
        for service, pairs in self.pairs_of_service.items():
            for pair in pairs:
                key = f"{service}-{pair_key(pair)}"
                rates.append(
                    {
                        "source": pair["source"],
                        "target": pair["target"],
                        "service": service,
                        "unit": cleaned.get(f"own-unit-{key}") or cleaned[f"unit-{service}"],
                        "amount": str(cleaned.get(f"own-amount-{key}") or cleaned[f"usual-{service}"]),
                        "currency": cleaned["currency"],
                    }
                )
        fee = cleaned["minimum_fee"]
        return {"currency": cleaned["currency"], "minimum_fee": str(fee) if fee else "", "rates": rates}
