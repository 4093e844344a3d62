"""What the services cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.choices import BaseChoiceIterator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.typed import cleaning
from onboarding.forms.base import Typed
from onboarding.forms.languages import label_of_key, pair_key, pair_label
from onboarding.forms.pairwise import PairwiseForm
from vendors.answers import countries, money, plausible_rates, service_catalogue
from vendors.answers.fields import AmountField
from vendors.answers.keeping_odd_answers import keeping, mark
from vendors.answers.odd_answers import Odd, as_complaint

FEW_RATES = 24  # that differ by pair, all on the page
WORDS_OF_A_SMALL_JOB = 50


class _Units(BaseChoiceIterator):
    """Choices that are fit for fields and widgets already: each would make them so once more, a hundred on a page."""

    def __init__(self, units: list[tuple[str, str]]) -> None:
        self._units = units

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._units)


class RatesForm(PairwiseForm):
    """Each service has a usual rate; a pair that differs gets its own. So one pair is as quick as fifty."""

    currency = forms.ChoiceField(
        label=gettext_lazy("Currency of your rates and invoices"),
        choices=[(code, countries.currency_name(code)) for code in countries.CURRENCIES],
        error_messages={"required": gettext_lazy("Choose the currency of your rates.")},
    )
    minimum_fee = AmountField(label=gettext_lazy("Minimum fee for a small job"), decimals=2, required=False)
    css = {"currency": "narrow", "minimum_fee": "narrow"}

    @property
    def pairs(self) -> list[Mapping[str, Any]]:
        return self.earlier.get("services", {}).get("pairs", [])

    def own_fields(self, key: str) -> list[str]:
        return self.own_of_pair.get(key, [])

    def build(self) -> None:
        self.pairs_of_service: dict[str, list[Mapping[str, Any]]] = {}
        self.own_of_pair: dict[str, list[str]] = {}
        for pair in self.pairs:
            for service in pair["services"]:
                self.pairs_of_service.setdefault(service, []).append(pair)
        # Looked up once for the hundreds of fields of a long page.
        self.unit_for, same_unit = _("Unit for %(pair)s"), _("same unit")
        for service, pairs in self.pairs_of_service.items():
            name = service_catalogue.service_name(service)
            units = [(unit, service_catalogue.unit_name(unit)) for unit in service_catalogue.UNITS_OF_SERVICE[service]]
            own_units = _Units([("", same_unit), *units])
            error = _("Enter your rate for “%(service)s”.") % {"service": name}
            self.fields[f"usual-{service}"] = AmountField(
                label=_("Your rate"), decimals=4, required=False, error_messages={"required": error}
            )
            no_unit = _("Choose a unit for “%(service)s”.") % {"service": name}
            self.fields[f"unit-{service}"] = forms.ChoiceField(
                label=_("Unit"), choices=units, error_messages={"required": no_unit}
            )
            for pair in pairs:
                # A rate of its own stays that of a pair which is the only one left.
                if len(pairs) > 1 or self._typed_text(f"own-amount-{service}-{pair_key(pair)}"):
                    self._add_own_rate(service, pair, own_units)
        self.has_many = sum(map(len, self.own_of_pair.values())) > 2 * FEW_RATES
        self.conditional = [name for name in self.fields if name.startswith(("own-", "usual-"))]
        self.may_keep = [name for name, field in self.fields.items() if isinstance(field, AmountField)]
        self.initial.setdefault("currency", "EUR")
        self.fields["minimum_fee"].help_text = self._example()

    def _add_own_rate(self, service: str, pair: Mapping[str, Any], units: _Units) -> None:
        key = f"{service}-{pair_key(pair)}"
        label = pair_label(pair)
        self.fields[f"own-amount-{key}"] = AmountField(label=label, decimals=4, required=False)
        self.fields[f"own-unit-{key}"] = forms.ChoiceField(
            label=self.unit_for % {"pair": label}, choices=units, required=False
        )
        self.own_of_pair.setdefault(pair_key(pair), []).extend([f"own-amount-{key}", f"own-unit-{key}"])

    def question_label(self, name: str) -> str:
        if name.startswith(("own-", "unit-")):  # their labels name the pair
            return _("Unit") if "unit-" in name else _("Your rate")
        return super().question_label(name)

    def full_label(self, name: str) -> str:
        label = super().full_label(name)
        service = next((code for code in self.pairs_of_service if f"-{code}" in name), "")
        return f"{service_catalogue.service_name(service)}: {label}" if service else label

    def is_of_another_time(self, name: str) -> bool:
        part, _dash, rest = name.partition("-")
        if part in ("usual", "unit"):
            return rest in service_catalogue.UNITS_OF_SERVICE
        beginning, _dash, of_pair = rest.partition("-")
        service, _dash, key = of_pair.partition("-")
        is_own = part == "own" and beginning in ("amount", "unit") and service in service_catalogue.UNITS_OF_SERVICE
        return is_own and label_of_key(key) is not None

    # What the page shows

    @property
    def services(self) -> list[dict[str, Any]]:
        groups = []
        for service, pairs in self.pairs_of_service.items():
            of_pairs = [] if self.has_many else [f"{service}-{pair_key(pair)}" for pair in pairs]
            keys = [key for key in of_pairs if f"own-amount-{key}" in self.fields]
            own = [{"amount": self[f"own-amount-{key}"], "unit": self[f"own-unit-{key}"]} for key in keys]
            groups.append(
                {
                    "name": service_catalogue.service_name(service),
                    "amount": self[f"usual-{service}"],
                    "unit": self[f"unit-{service}"],
                    "own": own,
                    "open": any(field.errors for row in own for field in (row["amount"], row["unit"])),
                }
            )
        return groups

    @property
    def open_rates(self) -> list[dict[str, Any]]:
        """Of many pairs those that are open, with a row for each service."""
        return [
            {
                "key": pair["key"],
                "label": pair["label"],
                "rows": [
                    {"service": self._service_of(amount.name), "amount": amount, "unit": unit}
                    for amount, unit in zip(pair["fields"][::2], pair["fields"][1::2], strict=True)
                ],
            }
            for pair in (self.open_pairs if self.has_many else [])
        ]

    def _service_in(self, name: str) -> str:
        return name.removeprefix("own-amount-").removeprefix("usual-").partition("-")[0]

    def _service_of(self, name: str) -> str:
        return service_catalogue.service_name(self._service_in(name))

    @property
    def overview(self) -> list[dict[str, Any]]:
        """Pairs by services: which rate is the pair's own, which the usual one, and where there is none yet."""
        if len(self.pairs) < 2:
            return []
        return [
            {
                "key": pair_key(pair),
                "label": pair_label(pair),
                "cells": [self._cell(service, pair) for service in self.pairs_of_service],
            }
            for pair in self.pairs
        ]

    @property
    def gaps(self) -> list[str]:
        """Services that have no rate yet in some pair."""
        cells = [row["cells"] for row in self.overview]
        return [
            service_catalogue.service_name(service)
            for number, service in enumerate(self.pairs_of_service)
            if any(row[number]["state"] == "outstanding" for row in cells)
        ]

    def _cell(self, service: str, pair: Mapping[str, Any]) -> dict[str, str]:
        if service not in pair["services"]:
            return {"state": "none"}
        key = f"{service}-{pair_key(pair)}"
        if own := self._typed_text(f"own-amount-{key}"):
            unit = self._typed_text(f"own-unit-{key}")
            return {"state": "own", "text": f"{own} {service_catalogue.unit_name(unit)}" if unit else own}
        return {"state": "usual" if self._typed_text(f"usual-{service}") else "outstanding"}

    def _typed_text(self, name: str) -> str:
        return str(self.data.get(self.add_prefix(name), "")).strip()[:20] if self.is_bound else ""

    def _example(self) -> str:
        """What a job of 50 words comes to, with the first rate per word that is there."""
        currency = self._typed_text("currency")
        rates = (self._rate_per_word(service, currency) for service in self.pairs_of_service)
        rate = next(filter(None, rates), None)
        if rate is None or currency not in countries.CURRENCIES:
            return _("For example, if 50 words should never cost less than 20.00, enter 20.")
        job = rate * WORDS_OF_A_SMALL_JOB
        fee = _amount(self._typed_text("minimum_fee"), decimals=2)
        values = {
            "words": WORDS_OF_A_SMALL_JOB,
            "rate": money.display(rate, currency),
            "job": money.display(job, currency),
            "fee": money.display(fee or job, currency),
        }
        if fee is None:
            return (
                _("%(words)s words at %(rate)s come to %(job)s. If that's too little, enter the least you'd charge.")
                % values
            )
        if fee <= job:
            return _("%(words)s words at %(rate)s come to %(job)s, which is already more than this fee.") % values
        return _("%(words)s words at %(rate)s come to %(job)s; with this fee you get %(fee)s.") % values

    def _rate_per_word(self, service: str, currency: str) -> Decimal | None:
        """One that is asked about is no example."""
        unit = self._typed_text(f"unit-{service}")
        rate = _amount(self._typed_text(f"usual-{service}"), decimals=4)
        if rate is None or unit not in ("source_word", "target_word"):
            return None
        return None if plausible_rates.is_odd(rate, unit=unit, currency=currency) else rate

    # What was answered

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        self._compare_with_what_was_chosen()
        for service, pairs in self.pairs_of_service.items():
            if not all(cleaned.get(f"own-amount-{service}-{pair_key(pair)}") for pair in pairs):
                self.require(f"usual-{service}")
        for name in list(cleaned):
            key = name.removeprefix("own-unit-")
            if key != name and cleaned[name] and cleaned.get(f"own-amount-{key}", 0) is None:
                amount = self.fields[f"own-amount-{key}"]
                message = _("Enter the rate for %(pair)s as well.") % {"pair": amount.label}
                self.add_error(f"own-amount-{key}", ValidationError(message, code="required"))
        self._ask_about_what_is_odd()
        return cleaned

    def _compare_with_what_was_chosen(self) -> None:
        """A currency or a unit that is typed with an amount must be the one that was chosen."""
        currency = self.cleaned_data.get("currency")
        for name, field in self.fields.items():
            if not (isinstance(field, AmountField) and self.cleaned_data.get(name)):
                continue
            typed, unit = self.text_of(name), self._unit_of(name)
            parts = money.parts(typed)
            values = {"typed": cleaning.name(typed)}
            if currency and parts.currencies and currency not in parts.currencies:
                message = _("You wrote “%(typed)s”, but chose %(chosen)s as your currency. Change one of them.")
                values["chosen"] = countries.currency_name(currency)
                self.add_error(name, ValidationError(message % values, code="other_currency"))
            elif unit and parts.units and unit not in parts.units:
                message = _("You wrote “%(typed)s”, but the unit here is “%(chosen)s”. Change one of them.")
                values["chosen"] = service_catalogue.unit_name(unit)
                self.add_error(name, ValidationError(message % values, code="other_unit"))

    def _ask_about_what_is_odd(self) -> None:
        currency = self.cleaned_data.get("currency")
        for name in self.may_keep:
            amount, unit = self.cleaned_data.get(name), self._priced_by(name)
            if not (amount and currency) or self.is_kept(name):
                continue
            decimals = self.fields[name].decimals  # type: ignore[attr-defined]
            try:
                plausible_rates.check(amount, unit=unit, currency=currency, decimals=decimals)
            except Odd as odd:
                self.add_error(name, as_complaint(odd))

    def mark_of(self, name: str) -> str:
        """What was kept in one currency and unit is asked about again in another."""
        return _mark(self.text_of(name), self._priced_by(name), self.cleaned_data.get("currency", ""))

    def _priced_by(self, name: str) -> str:
        return plausible_rates.MINIMUM_FEE if name == "minimum_fee" else self._unit_of(name)

    def _unit_of(self, name: str) -> str:
        """The unit of the amount in this field."""
        if name == "minimum_fee":
            return "project"
        own = self.cleaned_data.get(name.replace("own-amount-", "own-unit-", 1)) if name.startswith("own-") else ""
        return own or self.cleaned_data.get(f"unit-{self._service_in(name)}", "")

    @classmethod
    def typed_from(cls, answer: Mapping[str, Any]) -> Typed:
        """The rate that most pairs share is the usual one."""
        currency, fee = answer["currency"], answer["minimum_fee"]
        typed = {"currency": [currency], "minimum_fee": [fee]}
        if fee:
            typed |= _kept("minimum_fee", fee, plausible_rates.MINIMUM_FEE, currency)
        by_service: dict[str, list[Mapping[str, Any]]] = {}
        for rate in answer["rates"]:
            by_service.setdefault(rate["service"], []).append(rate)
        for service, rates in by_service.items():
            (amount, unit), _count = Counter((rate["amount"], rate["unit"]) for rate in rates).most_common(1)[0]
            typed |= {f"usual-{service}": [_plain(amount)], f"unit-{service}": [unit]}
            typed |= _kept(f"usual-{service}", _plain(amount), unit, currency)
            for rate in rates:
                if (rate["amount"], rate["unit"]) != (amount, unit):
                    key = f"{service}-{pair_key(rate)}"
                    typed |= {f"own-amount-{key}": [_plain(rate["amount"])], f"own-unit-{key}": [rate["unit"]]}
                    typed |= _kept(f"own-amount-{key}", _plain(rate["amount"]), rate["unit"], currency)
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


def _mark(amount: str, unit: str, currency: str) -> str:
    return mark(" ".join([amount, unit, currency]))


def _kept(name: str, amount: str, unit: str, currency: str) -> Typed:
    """What an odd rate was kept with: it is not asked about again."""
    is_odd = plausible_rates.is_odd(Decimal(amount), unit=unit, currency=currency)
    return {keeping(name): [_mark(amount, unit, currency)]} if is_odd else {}


def _plain(amount: str) -> str:
    """As a person writes it: 0.12, not 0.1200."""
    return f"{Decimal(amount).normalize():f}"


def _amount(text: str, *, decimals: int) -> Decimal | None:
    try:
        return money.parse_amount(text, decimals=decimals)
    except money.NotAnAmount:
        return None
