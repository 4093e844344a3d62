"""How many linguists an agency has, how they are chosen, and what they do in-house."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.typed.fields import Prose, WholeNumber
from onboarding.forms.base import StepForm
from onboarding.forms.languages import label_of_key, pair_key, pair_label
from vendors.answers import service_catalogue
from vendors.models import Revision, Selection

MOST_LINGUISTS = 100_000


class KnownPairs(forms.MultipleChoiceField):
    """What was ticked for a pair that is gone since is no mistake. It counts again when the pair comes back."""

    def valid_value(self, value: Any) -> bool:
        return label_of_key(str(value)) is not None


class KnownServices(forms.MultipleChoiceField):
    def valid_value(self, value: Any) -> bool:
        return value in service_catalogue.UNITS_OF_SERVICE


def _count(label: Any, *, missing: Any, help_text: Any = "") -> WholeNumber:
    return WholeNumber(
        label=label,
        help_text=help_text,
        min_value=0,
        max_value=MOST_LINGUISTS,
        error_messages={
            "required": missing,
            "min_value": gettext_lazy("Enter a whole number, 0 or more."),
            "max_value": gettext_lazy("Enter the number of people who translate or revise for you."),
        },
    )


class TeamForm(StepForm):
    linguists_in_house = _count(
        gettext_lazy("How many linguists work for you in-house?"),
        help_text=gettext_lazy("Employees who translate or revise. Enter 0 if you have none."),
        missing=gettext_lazy("Enter how many linguists work for you in-house, or 0."),
    )
    linguists_freelance = _count(
        gettext_lazy("How many freelance linguists do you work with?"),
        missing=gettext_lazy("Enter how many freelance linguists you work with, or 0."),
    )
    selection = forms.MultipleChoiceField(
        label=gettext_lazy("How do you choose your linguists?"),
        choices=[(value, capfirst(label)) for value, label in Selection.choices],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Tick at least one way in which you choose your linguists.")},
    )
    revision = forms.ChoiceField(
        label=gettext_lazy("Who checks a translation?"),
        choices=[(value, capfirst(label)) for value, label in Revision.choices],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose who checks a translation.")},
    )
    working_notes = Prose(
        label=gettext_lazy("Anything else about how you choose linguists and check their work?"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    css = {
        "linguists_in_house": "narrow",
        "linguists_freelance": "narrow",
        "in_house_pairs": "columns",
        "in_house_services": "columns",
    }

    def build(self) -> None:
        self.fields["in_house_pairs"] = KnownPairs(
            label=_("Which language pairs do you cover in-house?"),
            help_text=_("Leave out those that only freelancers work in."),
            choices=[(pair_key(pair), pair_label(pair)) for pair in self.pairs],
            widget=forms.CheckboxSelectMultiple,
            required=False,
        )
        self.fields["in_house_services"] = KnownServices(
            label=_("Which services do you provide in-house?"),
            help_text=_("Leave out those that only freelancers provide."),
            choices=[(service, service_catalogue.service_name(service)) for service in self.services],
            widget=forms.CheckboxSelectMultiple,
            required=False,
        )

    @property
    def pairs(self) -> list[Mapping[str, Any]]:
        return self.earlier.get("services", {}).get("pairs", [])

    @property
    def services(self) -> list[str]:
        offered = {service for pair in self.pairs for service in pair["services"]}
        return [code for code, _label in service_catalogue.SERVICES if code in offered]

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        in_house, freelance = cleaned.get("linguists_in_house"), cleaned.get("linguists_freelance")
        if in_house == 0 and freelance == 0:
            text = _("Enter how many linguists you work with: in-house, freelance or both.")
            self.add_error("linguists_in_house", ValidationError(text, code="nobody"))
        elif in_house == 0 and (cleaned.get("in_house_pairs") or cleaned.get("in_house_services")):
            text = _("Below, you've ticked what you cover in-house. Enter how many linguists work for you in-house.")
            self.add_error("linguists_in_house", ValidationError(text, code="nobody"))
        return cleaned

    @classmethod
    def typed_from(cls, answer: Mapping[str, Any]) -> dict[str, list[str]]:
        together = {name: [*answer[name]] for name in ("in_house_pairs", "in_house_services")}
        return super().typed_from(answer) | together

    def answer(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        pairs = [key for key in map(pair_key, self.pairs) if key in cleaned["in_house_pairs"]]
        services = [service for service in self.services if service in cleaned["in_house_services"]]
        return {**cleaned, "in_house_pairs": pairs, "in_house_services": services}
