"""What is offered in which pair, specialisms and tools."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onboarding.forms.base import StepForm, Typed
from onboarding.forms.languages import pair_key, pair_label
from vendors import catalogue
from vendors.form_fields import Text


class ServicesForm(StepForm):
    everywhere = forms.MultipleChoiceField(
        choices=catalogue.SERVICES, widget=forms.CheckboxSelectMultiple, required=False
    )
    specialisms = forms.MultipleChoiceField(
        label=gettext_lazy("What do you know best?"),
        help_text=gettext_lazy("One to five subjects. We offer you work in these first, so fewer is better."),
        choices=catalogue.SPECIALISMS,
        widget=forms.CheckboxSelectMultiple,
    )
    cat_tools = forms.MultipleChoiceField(
        label=gettext_lazy("Which CAT tools do you work with?"),
        help_text=gettext_lazy("Only those you have now. None is a fine answer too."),
        choices=catalogue.CAT_TOOLS,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    other_tools = Text(
        label=gettext_lazy("Other tools"),
        help_text=gettext_lazy("Separated by commas."),
        max_length=200,
        required=False,
    )
    conditional = ["everywhere"]
    css = {"everywhere": "columns", "specialisms": "columns", "cat_tools": "columns"}
    keeps_unasked_answers = True

    def build(self) -> None:
        self.pairs = list(self.earlier.get("languages", {}).get("pairs", []))
        everywhere = self.fields["everywhere"]
        if len(self.pairs) == 1:
            everywhere.label = _("What do you offer in %(pair)s?") % {"pair": pair_label(self.pairs[0])}
            return
        everywhere.label = _("What do you offer in all your language pairs?")
        everywhere.help_text = _("You can add more for a single pair below.")
        alone = [f"only-{pair_key(pair)}" for pair in self.pairs]
        for name, pair in zip(alone, self.pairs, strict=True):
            missing = _("Please choose at least one service for %(pair)s.") % {"pair": pair_label(pair)}
            self.fields[name] = forms.MultipleChoiceField(
                label=pair_label(pair),
                choices=catalogue.SERVICES,
                widget=forms.CheckboxSelectMultiple,
                required=False,
                error_messages={"required": missing},
            )
        self.order_fields(["everywhere", *alone])
        self.conditional = ["everywhere", *alone]
        self.css = {**self.css, **dict.fromkeys(alone, "columns")}

    @property
    def single_pairs(self) -> list[dict[str, Any]]:
        """The pairs with services of their own, when there is more than one pair."""
        fields = [self[name] for name in self.fields if name.startswith("only-")]
        return [{"field": field, "open": bool(field.errors or field.value())} for field in fields]

    def clean_specialisms(self) -> list[str]:
        chosen = self.cleaned_data["specialisms"]
        if len(chosen) > 5:
            raise ValidationError(
                _("You have chosen %(count)s subjects. Please keep the five you know best.") % {"count": len(chosen)},
                code="too_many",
            )
        return chosen

    def clean_other_tools(self) -> str:
        text = self.cleaned_data["other_tools"]
        if any(len(tool.strip()) > 32 for tool in text.split(",")):
            raise ValidationError(_("Please write commas between the tools, at most 32 letters each."), code="too_long")
        return text

    def clean(self) -> dict[str, Any]:
        everywhere = self.cleaned_data.get("everywhere", [])
        alone = [f"only-{pair_key(pair)}" for pair in self.pairs] if len(self.pairs) > 1 else []
        if not everywhere and not any(self.cleaned_data.get(name) for name in alone):
            self.require("everywhere")
        elif not everywhere:
            self.require(*alone)
        return self.cleaned_data

    @classmethod
    def typed_from(cls, answer: Mapping[str, Any]) -> Typed:
        offered = {pair_key(pair): pair["services"] for pair in answer["pairs"]}
        everywhere = set.intersection(*map(set, offered.values()))
        known = dict(catalogue.CAT_TOOLS)
        typed = {
            "everywhere": [code for code, _label in catalogue.SERVICES if code in everywhere],
            "specialisms": [*answer["specialisms"]],
            "cat_tools": [tool for tool in answer["cat_tools"] if tool in known],
            "other_tools": [", ".join(tool for tool in answer["cat_tools"] if tool not in known)],
        }
        for key, services in offered.items():
            if alone := [service for service in services if service not in everywhere]:
                typed[f"only-{key}"] = alone
        return typed

    def answer(self) -> dict[str, Any]:
        order = [code for code, _label in catalogue.SERVICES]
        pairs = []
        for pair in self.pairs:
            alone = self.cleaned_data.get(f"only-{pair_key(pair)}", [])
            chosen = {*self.cleaned_data["everywhere"], *alone}
            pairs.append({**pair, "services": sorted(chosen, key=order.index)})
        other = [tool.strip() for tool in self.cleaned_data["other_tools"].split(",") if tool.strip()]
        return {
            "pairs": pairs,
            "specialisms": self.cleaned_data["specialisms"],
            "cat_tools": [*self.cleaned_data["cat_tools"], *other],
        }
