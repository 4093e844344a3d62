"""The rows of an agency's list of linguists: whose initials, which pairs, which route under ISO 17100."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from identity.typed.fields import Name
from onboarding.forms.base import StepForm, Typed
from onboarding.forms.experience import MOST_BOXES, PairsField, PairsInput
from onboarding.forms.languages import pair_key, pair_label
from vendors.models import Qualification

MAX_ROWS = 15
# With more rows than these, pairs are written, or the page would be too big.
MOST_ROWS_WITH_BOXES = 10
Route = Qualification.Route


class LinguistRows(StepForm):
    linguists = forms.CharField(widget=forms.HiddenInput, required=False)

    LINGUIST_PARTS = ("initials", "pairs", "route")

    def build(self) -> None:
        super().build()
        self.initial["linguists"] = self.linguist_count
        for number in range(self.linguist_count):
            self._add_linguist(number)

    @property
    def pairs(self) -> list[Mapping[str, Any]]:
        return list(self.earlier.get("languages", {}).get("pairs", []))

    @property
    def linguist_count(self) -> int:
        return self.row_count("linguists", at_most=MAX_ROWS)

    def _add_linguist(self, number: int) -> None:
        name, values = f"linguist-{number}", {"number": number + 1}
        self.fields[f"{name}-initials"] = Name(
            label=_("Initials"),
            help_text=""
            if number
            else _("Linguists with the same language pairs and the same route can share a line: A. B., C. D."),
            max_length=200,
            required=False,
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
            error_messages={"required": _("Enter the initials on line %(number)s.") % values},
        )
        if len(self.pairs) > 1:
            self.fields[f"{name}-pairs"] = self._pairs_field(number)
        self.fields[f"{name}-route"] = forms.ChoiceField(
            label=_("Qualified through"),
            choices=[
                ("", _("Choose one")),
                *((route.value, capfirst(str(route.label))) for route in Route if route != Route.NONE),
            ],
            required=False,
            error_messages={"required": _("Choose how the linguists on line %(number)s are qualified.") % values},
        )
        self.fields[f"{name}-remove"] = forms.BooleanField(label=_("Remove line %(number)s") % values, required=False)

    def _pairs_field(self, number: int) -> PairsField:
        are_boxes = len(self.pairs) <= MOST_BOXES and self.linguist_count <= MOST_ROWS_WITH_BOXES
        return PairsField(
            label=_("Language pairs"),
            help_text=""
            if are_boxes or number
            else _("Separate them with semicolons: German → Polish; French → Polish."),
            choices=[(pair_key(pair), pair_label(pair)) for pair in self.pairs] if are_boxes else [],
            widget=forms.CheckboxSelectMultiple if are_boxes else PairsInput,
            required=False,
            error_messages={"required": _("Choose the language pairs on line %(number)s.") % {"number": number + 1}},
        )

    @property
    def linguist_rows(self) -> list[dict[str, Any]]:
        return [
            {
                "number": number + 1,
                "is_settled": self.is_settled(
                    *(name for part in self.LINGUIST_PARTS if (name := f"linguist-{number}-{part}") in self.fields)
                ),
                "initials": self[f"linguist-{number}-initials"],
                "pairs": self[f"linguist-{number}-pairs"] if len(self.pairs) > 1 else None,
                "route": self[f"linguist-{number}-route"],
                "remove": self[f"linguist-{number}-remove"] if self.linguist_count > 1 else None,
            }
            for number in range(self.linguist_count)
        ]

    @property
    def may_add_linguist(self) -> bool:
        return self.linguist_count < MAX_ROWS

    def clean_linguists_rows(self) -> None:
        for number in range(self.linguist_count):
            names = [f"linguist-{number}-{part}" for part in self.LINGUIST_PARTS]
            if self._is_left_out(number):
                self.forgive(*names)
                continue
            if f"linguist-{number}-pairs" in self.cleaned_data and not self._pairs_of(number):
                self.cleaned_data[f"linguist-{number}-pairs"] = []  # all of them are gone
            self.require(*names)
        if not self.linguists_given() and not any(name.startswith("linguist-") for name in self.errors):
            self.require("linguist-0-initials", "linguist-0-route")

    def _is_left_out(self, number: int) -> bool:
        """Ticked for removal, or a row that nobody has begun."""
        typed = [self.data.get(self.add_prefix(f"linguist-{number}-{part}"), "") for part in self.LINGUIST_PARTS]
        return bool(self.cleaned_data.get(f"linguist-{number}-remove")) or not any(text.strip() for text in typed)

    def _pairs_of(self, number: int) -> list[str]:
        """Those that are still there; the only one there is goes without saying."""
        keys = [pair_key(pair) for pair in self.pairs]
        return [key for key in keys if len(keys) == 1 or key in self.cleaned_data.get(f"linguist-{number}-pairs", [])]

    def linguists_given(self) -> list[dict[str, Any]]:
        """Those that are complete; all of them once the page is valid."""
        rows = [
            {
                "initials": self.cleaned_data.get(f"linguist-{number}-initials"),
                "pairs": self._pairs_of(number),
                "route": self.cleaned_data.get(f"linguist-{number}-route"),
            }
            for number in range(self.linguist_count)
            if not self._is_left_out(number)
        ]
        return [row for row in rows if all(row.values())]

    def close_up_linguists(self, typed: Typed, *, another_row: bool) -> None:
        """Rows that were removed or never begun make room for those after them."""
        rows = []
        for number in range(self.linguist_count):
            row = {part: typed.pop(self.add_prefix(f"linguist-{number}-{part}"), []) for part in self.LINGUIST_PARTS}
            removed = typed.pop(self.add_prefix(f"linguist-{number}-remove"), None)
            if not removed and any(value.strip() for values in row.values() for value in values):
                rows.append(row)
        empty: dict[str, list[str]] = {"initials": [""], "route": [""]}
        rows = rows or [empty]
        if another_row and len(rows) < MAX_ROWS:
            rows.append(empty)
        for number, row in enumerate(rows):
            typed |= {self.add_prefix(f"linguist-{number}-{part}"): values for part, values in row.items() if values}
        typed[self.add_prefix("linguists")] = [str(len(rows))]

    @staticmethod
    def linguists_typed(linguists: list[Mapping[str, Any]]) -> Typed:
        typed: Typed = {"linguists": [str(max(1, len(linguists)))]}
        for number, row in enumerate(linguists):
            typed |= {
                f"linguist-{number}-initials": [row["initials"]],
                f"linguist-{number}-pairs": [*row["pairs"]],
                f"linguist-{number}-route": [row["route"]],
            }
        return typed

    def last_linguist_id(self, typed: Typed) -> str:
        last = int(typed[self.add_prefix("linguists")][0]) - 1
        return f"id_{self.add_prefix(f'linguist-{last}-initials')}"
