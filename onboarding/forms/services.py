"""What is offered in which pair, specialisms and tools."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.typed.fields import Code, Name
from onboarding.forms.base import Typed
from onboarding.forms.languages import label_of_key, pair_key, pair_label
from onboarding.forms.pairwise import PairwiseForm
from vendors.answers import service_catalogue
from vendors.answers.choices import FixedChoices
from vendors.answers.fields import DayField

TRANSLATION, SWORN = "translation", "sworn_translation"
FEW_PAIRS = 6
SERVICES = FixedChoices(service_catalogue.SERVICES)


class ServicesForm(PairwiseForm):
    everywhere = forms.MultipleChoiceField(
        choices=SERVICES,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        error_messages={"required": gettext_lazy("Choose at least one service.")},
    )
    specialisms = forms.MultipleChoiceField(
        label=gettext_lazy("Which subjects do you know best?"),
        help_text=gettext_lazy("One to five subjects. We offer you work in these first, so fewer is better."),
        choices=FixedChoices(service_catalogue.SPECIALISMS),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one subject.")},
    )
    cat_tools = forms.MultipleChoiceField(
        label=gettext_lazy("Which CAT tools do you work with?"),
        help_text=gettext_lazy("Only those you have now. It's fine to have none."),
        choices=FixedChoices(service_catalogue.CAT_TOOLS),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    other_tools = Name(
        label=gettext_lazy("Other tools"),
        help_text=gettext_lazy("Separate them with commas."),
        max_length=200,
        required=False,
    )
    sworn_authority = Name(
        label=gettext_lazy("Who swore you in?"),
        help_text=gettext_lazy("The court, ministry or association, and its country."),
        max_length=200,
        required=False,
    )
    sworn_number = Code(
        label=gettext_lazy("Your registration number there, if you have one"), max_length=60, required=False
    )
    sworn_until = DayField(
        label=gettext_lazy("Valid until, if it expires"),
        help_text=gettext_lazy("For example, 31 March 2027."),
        required=False,
    )
    conditional = ["everywhere", "sworn_authority", "sworn_number", "sworn_until"]
    css = {"everywhere": "columns", "specialisms": "columns", "cat_tools": "columns"}
    asks_by_kind = True
    OF_A_PERSON = ("sworn_authority", "sworn_number", "sworn_until")

    @property
    def pairs(self) -> list[Mapping[str, Any]]:
        return self.earlier.get("languages", {}).get("pairs", [])

    def own_fields(self, key: str) -> list[str]:
        return [f"only-{key}"] if len(self.pairs) > 1 else []

    def build(self) -> None:
        if self.is_agency:
            self.ask_not(*self.OF_A_PERSON)
        self.has_many = len(self.pairs) > FEW_PAIRS
        everywhere = self.fields["everywhere"]
        if not self.is_agency:
            self.initial.setdefault("everywhere", [TRANSLATION])  # as nearly everybody does
        if len(self.pairs) == 1:
            everywhere.label = _("What do you offer in %(pair)s?") % {"pair": pair_label(self.pairs[0])}
            self._take_together()
            return
        everywhere.label = _("What do you offer in all your language pairs?")
        everywhere.help_text = _("You can add more for a single pair below.")
        alone = [f"only-{pair_key(pair)}" for pair in self.pairs]
        for name, pair in zip(alone, self.pairs, strict=True):
            error = _("Choose at least one service for %(pair)s.") % {"pair": pair_label(pair)}
            self.fields[name] = forms.MultipleChoiceField(
                label=pair_label(pair),
                choices=SERVICES,
                widget=forms.CheckboxSelectMultiple,
                required=False,
                error_messages={"required": error},
            )
        self.order_fields(["everywhere", *alone])
        self.conditional = [*self.conditional, *alone]
        self.css = {**self.css, **dict.fromkeys(alone, "columns")}

    def _take_together(self) -> None:
        """Of a pair that is the only one left: what was offered in all pairs, and what in this one besides."""
        everywhere, alone = self.add_prefix("everywhere"), self._alone_in_the_only_pair()
        if not self.is_bound or alone not in self.data:
            return
        data = MultiValueDict({name: self.data.getlist(name) for name in self.data})  # type: ignore[attr-defined]
        chosen = {*data.getlist(everywhere), *data.getlist(alone)}
        data.setlist(everywhere, [code for code, _label in service_catalogue.SERVICES if code in chosen])
        data.setlist(alone, [])
        self.data = data

    def _alone_in_the_only_pair(self) -> str:
        return self.add_prefix(f"only-{pair_key(self.pairs[0])}")

    def asked(self) -> set[str]:
        asked = super().asked()
        if len(self.pairs) == 1 and self.was_shown(pair_key(self.pairs[0])):
            asked.add(self._alone_in_the_only_pair())
        return asked

    def is_of_another_time(self, name: str) -> bool:
        return name.startswith("only-") and label_of_key(name.removeprefix("only-")) is not None

    @property
    def offers_sworn(self) -> bool:
        """By what was typed, right or wrong."""
        names = [self.add_prefix(name) for name in self.fields if name == "everywhere" or name.startswith("only-")]
        return self.is_bound and any(SWORN in self.data.getlist(name) for name in names)  # type: ignore[attr-defined]

    @property
    def tools_in_words(self) -> str:
        return ", ".join(filter(None, (self.shown(name) for name in ("cat_tools", "other_tools"))))

    @property
    def closed_pairs(self) -> list[dict[str, Any]]:
        """The buttons that open a pair, and what is said about it already."""
        shown = {pair["key"] for pair in self.open_pairs}
        return [
            {"key": key, "label": pair_label(pair), "services": self.shown(f"only-{key}")}
            for pair in self.pairs
            if self.has_many and (key := pair_key(pair)) not in shown
        ]

    def clean_specialisms(self) -> list[str]:
        chosen = self.cleaned_data["specialisms"]
        if len(chosen) > 5:
            raise ValidationError(
                _("You have chosen %(count)s subjects. Keep the five you know best.") % {"count": len(chosen)},
                code="too_many",
            )
        return chosen

    def clean_other_tools(self) -> str:
        text = self.cleaned_data["other_tools"]
        if any(len(tool.strip()) > 32 for tool in text.split(",")):
            raise ValidationError(
                _("Separate the tools with commas, and use no more than 32 characters for each."), code="too_long"
            )
        return text

    def clean(self) -> dict[str, Any]:
        if self.offers_sworn:
            self.require("sworn_authority")
        elif not self.is_agency:
            self.leave_out(*self.OF_A_PERSON)
        without = [pair for pair in self.pairs if not self.cleaned_data.get(f"only-{pair_key(pair)}")]
        if self.cleaned_data.get("everywhere") or not without:
            return self.cleaned_data
        if len(without) == len(self.pairs):
            self.require("everywhere")
        elif self.has_many:
            message = _("%(count)s of your pairs have no service yet, for example %(pair)s.")
            values = {"count": len(without), "pair": pair_label(without[0])}
            self.add_error("everywhere", ValidationError(message % values, code="required"))
        else:
            self.require(*(f"only-{pair_key(pair)}" for pair in without))
        return self.cleaned_data

    @classmethod
    def typed_from(cls, answer: Mapping[str, Any]) -> Typed:
        offered = {pair_key(pair): pair["services"] for pair in answer["pairs"]}
        everywhere = set.intersection(*map(set, offered.values()))
        known = dict(service_catalogue.CAT_TOOLS)
        typed = {
            "everywhere": [code for code, _label in service_catalogue.SERVICES if code in everywhere],
            "specialisms": [*answer["specialisms"]],
            "cat_tools": [tool for tool in answer["cat_tools"] if tool in known],
            "other_tools": [", ".join(tool for tool in answer["cat_tools"] if tool not in known)],
            **{name: [answer.get(name, "")] for name in ("sworn_authority", "sworn_number", "sworn_until")},
        }
        for key, services in offered.items():
            if alone := [service for service in services if service not in everywhere]:
                typed[f"only-{key}"] = alone
        return typed

    def answer(self) -> dict[str, Any]:
        order = [code for code, _label in service_catalogue.SERVICES]
        pairs = []
        for pair in self.pairs:
            alone = self.cleaned_data.get(f"only-{pair_key(pair)}", [])
            chosen = {*self.cleaned_data["everywhere"], *alone}
            pairs.append({**pair, "services": sorted(chosen, key=order.index)})
        until = self.cleaned_data.get("sworn_until")
        other = [tool.strip() for tool in self.cleaned_data["other_tools"].split(",") if tool.strip()]
        return {
            "pairs": pairs,
            "specialisms": self.cleaned_data["specialisms"],
            "cat_tools": [*self.cleaned_data["cat_tools"], *other],
            "sworn_authority": self.cleaned_data.get("sworn_authority", ""),
            "sworn_number": self.cleaned_data.get("sworn_number", ""),
            "sworn_until": until.isoformat() if until else "",
        }
