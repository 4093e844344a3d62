"""Where the vendor pays taxes, and the numbers that invoices need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.typed.fields import Code
from onboarding.forms.about import is_company
from onboarding.forms.base import StepForm, Typed
from vendors.answers import countries, tax_numbers
from vendors.models import VatStatus


class TaxForm(StepForm):
    tax_residence = forms.ChoiceField(
        label=gettext_lazy("Country where you pay tax"),
        choices=countries.usual_first(),
        help_text=gettext_lazy("The country of your address, unless you pay tax elsewhere."),
        error_messages={"required": gettext_lazy("Choose the country where you pay tax.")},
    )
    registration_number = Code(
        label=gettext_lazy("Company registration number"),
        max_length=100,
        required=False,
        error_messages={"required": gettext_lazy("Enter the company's registration number.")},
    )
    vat_status = forms.ChoiceField(
        label=gettext_lazy("Do you charge VAT?"),
        choices=[
            (VatStatus.REGISTERED, gettext_lazy("Yes, I have a VAT number")),
            (VatStatus.EXEMPT_SMALL, gettext_lazy("No, my business is too small to have to charge it")),
            (VatStatus.NOT_IN_SCOPE, gettext_lazy("No, VAT doesn't apply in my country or to my work")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose whether you charge VAT.")},
    )
    vat_number = Code(
        label=gettext_lazy("VAT number"),
        help_text=gettext_lazy("With or without the country code, for example DE 136 695 976."),
        max_length=100,
        required=False,
        error_messages={"required": gettext_lazy("Enter your VAT number.")},
    )
    tax_id = Code(
        label=gettext_lazy("Tax number"),
        max_length=100,
        required=False,
        error_messages={"required": gettext_lazy("Enter your tax number.")},
    )
    css = {"tax_id": "medium", "vat_number": "medium", "registration_number": "medium"}
    come_and_go = ("registration_number", "tax_id")
    may_keep = ("registration_number", "vat_number", "tax_id")
    # A company's numbers come back when somebody calls the business a company again.
    keeps_unasked_answers = True

    # Whose answers they are. Those of a company are never taken for those of the person behind it, or the other way
    # round: each wait under the party's name while the other is asked.
    COMPANY, PERSON = "company", "person"
    OF_A_PARTY = ("tax_residence", "vat_status", "vat_number", "tax_id")

    def build(self) -> None:
        self.is_company = is_company(self.earlier.get("about", {}).get("kind"))
        self.home = self.earlier.get("contact", {}).get("country", "")
        if self.home:
            self.fields["tax_residence"].choices = countries.usual_first(self.home)  # type: ignore[attr-defined]
        if self.is_bound:
            data: Any = self.data
            self.data = MultiValueDict(self.as_asked({name: data.getlist(name) for name in data}))
        self.initial.setdefault("tax_residence", self.home)
        if self.country in tax_numbers.WITHOUT_VAT:
            self.initial.setdefault("vat_status", VatStatus.NOT_IN_SCOPE)
        self.kind = tax_numbers.tax_number(self.country)
        self._name("tax_id", self.kind)
        self.conditional = ["vat_number", *(["tax_id"] if self.kind.is_needed else [])]
        self.fields["tax_id"].help_text = (
            _("It must appear on your invoices.")
            if self.kind.is_needed
            else _("Only if it must appear on your invoices. Please don't enter a personal identity number.")
        )
        if not self.is_company:
            del self.fields["registration_number"]
            return
        register = tax_numbers.register_number(self.country)
        self._name("registration_number", register)
        self.fields["registration_number"].required = True
        if is_one_number(self.country):
            del self.fields["tax_id"]

    @property
    def party(self) -> str:
        """The page carries it, because it may be sent after the kind of business was changed."""
        return self.COMPANY if self.is_company else self.PERSON

    def as_asked(self, stored: Typed) -> Typed:
        """With the answers of the party that is asked now, and those of the other put aside."""
        party = self.party
        answered = (stored.get(self.add_prefix("party")) or [""])[-1]
        if not answered:  # only companies are asked for this number
            answered = self.COMPANY if any(stored.get(self.add_prefix("registration_number"), [])) else party
        turned = stored | {self.add_prefix("party"): [party]}
        if answered != party and answered in (self.COMPANY, self.PERSON):
            for name in map(self.add_prefix, self.OF_A_PARTY):
                if name in turned:
                    turned[f"{name}-{answered}"] = turned.pop(name)
                if f"{name}-{party}" in turned:
                    turned[name] = turned.pop(f"{name}-{party}")
            # Until somebody says otherwise, both pay taxes in the same country.
            residence = self.add_prefix("tax_residence")
            if residence not in turned and residence in stored:
                turned[residence] = stored[residence]
        return turned

    def asked(self) -> set[str]:
        aside = {
            self.add_prefix(f"{name}-{party}") for name in self.OF_A_PARTY for party in (self.COMPANY, self.PERSON)
        }
        return super().asked() | {self.add_prefix("party")} | aside.intersection(self.data)

    def _name(self, field: str, kind: tax_numbers.Kind) -> None:
        """The number's own name in the country beside ours."""
        ours = str(self.base_fields[field].label)
        self.fields[field].label = ours if str(kind.name) == ours else f"{ours} ({kind.name})"

    @property
    def country(self) -> str:
        """Whose rules count: what was chosen on this page, else the country of the address."""
        chosen = str(self.data.get(self.add_prefix("tax_residence"), "")) if self.is_bound else ""
        return chosen or self.home

    @property
    def shows_tax_id(self) -> bool:
        """Whatever is said about VAT: an invoice with a VAT number needs no other, but what was typed is seen."""
        return bool(self["tax_id"].value() or self["tax_id"].errors)

    @property
    def may_need_us_form(self) -> bool:
        return "US" in (self.country, self.home)

    def clean(self) -> dict[str, Any]:
        status = self.cleaned_data.get("vat_status")
        if status == VatStatus.REGISTERED:
            self.require("vat_number")
            self._read("vat_number", partial(tax_numbers.parse_vat, country=self.country))
        else:
            self.leave_out("vat_number")
        # An invoice with a VAT number needs no other.
        if status and status != VatStatus.REGISTERED and self.kind.is_needed:
            self.require("tax_id")
        for name, kind in (("tax_id", self.kind), ("registration_number", tax_numbers.register_number(self.country))):
            self._read(name, partial(tax_numbers.parse_number, kind=kind, country=self.country))
        return self.cleaned_data

    def _read(self, name: str, parse: Callable[[str], str]) -> None:
        self.read(name, parse, tax_numbers.NotANumber, code="not_a_number")

    @classmethod
    def typed_from(cls, answer: Mapping[str, Any]) -> Typed:
        typed = super().typed_from(answer) | {"party": [cls.COMPANY if answer["registration_number"] else cls.PERSON]}
        if answer["registration_number"] and is_one_number(answer["tax_residence"]):
            del typed["tax_id"]  # it was not typed
        return typed

    def answer(self) -> dict[str, Any]:
        number = self.cleaned_data.get("registration_number", "")
        return {"registration_number": number, "tax_id": number, **self.without_kept()}


def is_one_number(country: str) -> bool:
    """Is the number of a company in the register its tax number as well? Then nobody types it twice."""
    return tax_numbers.register_number(country).name == tax_numbers.tax_number(country).name
