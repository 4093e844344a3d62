"""Native languages and language pairs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onboarding.forms.base import StepForm, Typed
from vendors.answers import languages
from vendors.answers.fields import LanguageField
from vendors.answers.keeping_odd_answers import keeping, mark

MAX_PAIRS = 60


class LanguagesForm(StepForm):
    native_1 = LanguageField(
        label=gettext_lazy("Your native language"),
        help_text=gettext_lazy(
            "Start typing and choose from the list, or write the name in English. Name the variety if it matters, "
            "for example Spanish (Mexico)."
        ),
        error_messages={"required": gettext_lazy("Enter your native language.")},
    )
    native_2 = LanguageField(
        label=gettext_lazy("A second native language"),
        help_text=gettext_lazy("If you grew up with two."),
        required=False,
    )
    pairs = forms.CharField(widget=forms.HiddenInput, required=False)
    asks_by_kind = True

    def build(self) -> None:
        if self.is_agency:
            self.ask_not("native_1", "native_2")
        else:
            self._translate_into_native()
        # Looked up once for the hundreds of fields of a long page.
        from_language, into_language, remove = _("From"), _("Into"), _("Remove pair %(number)s")
        no_source = _("Enter the language you translate from in pair %(number)s.")
        no_target = _("Enter the language you translate into in pair %(number)s.")
        for number in range(self.count):
            values = {"number": number + 1}
            self.fields[f"pairs-{number}-source"] = LanguageField(
                label=from_language, required=False, error_messages={"required": no_source % values}
            )
            self.fields[f"pairs-{number}-target"] = LanguageField(
                label=into_language, required=False, error_messages={"required": no_target % values}
            )
            self.fields[f"pairs-{number}-remove"] = forms.BooleanField(label=remove % values, required=False)
        self.conditional = [name for name in self.fields if name.startswith("pairs-")]
        self.initial["pairs"] = self.count

    def _translate_into_native(self) -> None:
        """As nearly everybody does: where it is left empty, the target is the native language, unless the source is."""
        native = self._written("native_1")
        rows = [
            self.add_prefix(f"pairs-{number}-target")
            for number in range(self.count if native else 0)
            if (source := self._written(f"pairs-{number}-source"))
            and not self._written(f"pairs-{number}-target")
            and _tag(source) != _tag(native)
        ]
        if rows:
            data: Any = self.data
            self.data = MultiValueDict(dict(data.lists()) | {name: [native] for name in rows})

    def _written(self, name: str) -> str:
        return str(self.data.get(self.add_prefix(name), "")).strip() if self.is_bound else ""

    @property
    def may_keep(self) -> list[str]:  # type: ignore[override]
        return ["native_1", "native_2", *(name for name in self.fields if name.endswith(("-source", "-target")))]

    @property
    def count(self) -> int:
        return self.row_count("pairs", at_most=MAX_PAIRS)

    def full_label(self, name: str) -> str:
        _pairs, _dash, rest = name.partition("-")
        number = rest.partition("-")[0]
        label = super().full_label(name)
        return f"{_('Pair')} {int(number) + 1}: {label}" if number.isdecimal() else label

    @property
    def may_add_row(self) -> bool:
        return self.count < MAX_PAIRS

    @property
    def language_names(self) -> list[str]:
        """What the boxes suggest: what is on the page already, then what is usual."""
        return languages.names_usual_first(*(str(self[name].value()) for name in self.may_keep if name in self.fields))

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [
            {
                "number": number + 1,
                "languages": [self[f"pairs-{number}-source"], self[f"pairs-{number}-target"]],
                "remove": self[f"pairs-{number}-remove"] if self.count > 1 else None,
            }
            for number in range(self.count)
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        native = cleaned.get("native_1")
        if native and native == cleaned.get("native_2"):
            self.add_error(
                "native_2", _("This is the same language as the first one. Choose another, or leave it empty.")
            )
        seen: set[tuple[str, str]] = set()
        for number in range(self.count):
            source_name, target_name = f"pairs-{number}-source", f"pairs-{number}-target"
            if self._is_left_out(number):
                for name in (source_name, target_name):
                    self.errors.pop(name, None)
                    cleaned[name] = ""
                continue
            self.require(source_name, target_name)
            source, target = cleaned.get(source_name), cleaned.get(target_name)
            if not source or not target:
                continue
            if source == target:
                self.add_error(
                    target_name,
                    _("Both languages in pair %(number)s are the same. Change one of them.") % {"number": number + 1},
                )
            elif (source, target) in seen:
                self.add_error(
                    target_name,
                    _("Pair %(number)s, %(pair)s, is listed twice. Change or remove one of them.")
                    % {"number": number + 1, "pair": languages.pair_name(source, target)},
                )
            seen.add((source, target))
        if not seen and not any(name.startswith("pairs-") for name in self.errors):
            self.require("pairs-0-source", "pairs-0-target")
        return cleaned

    def _is_left_out(self, number: int) -> bool:
        """Ticked for removal, or a further row that nobody has begun."""
        names = [self.add_prefix(f"pairs-{number}-{part}") for part in ("source", "target")]
        is_empty = not any(self.data.get(name, "").strip() for name in names)
        return bool(self.cleaned_data.get(f"pairs-{number}-remove")) or (is_empty and number > 0)

    def typed(self, *, another_row: bool = False) -> Typed:
        """Rows that were removed or never begun are closed up."""
        typed = super().typed()
        rows: list[tuple[Typed, Typed]] = []
        for number in range(self.count):
            row = {part: typed.pop(self.add_prefix(f"pairs-{number}-{part}"), [""]) for part in ("source", "target")}
            kept = {part: typed.pop(self.add_prefix(keeping(f"pairs-{number}-{part}")), []) for part in row}
            removed = typed.pop(self.add_prefix(f"pairs-{number}-remove"), None)
            if not removed and any(value[-1].strip() for value in row.values()):
                rows.append((row, kept))
        empty: Typed = {"source": [""], "target": [""]}
        rows = rows or [(empty, {})]
        if another_row and len(rows) < MAX_PAIRS:
            rows.append((empty, {}))
        for number, (row, kept) in enumerate(rows):
            typed |= {self.add_prefix(f"pairs-{number}-{part}"): values for part, values in row.items()}
            typed |= {self.add_prefix(keeping(f"pairs-{number}-{part}")): said for part, said in kept.items() if said}
        typed[self.add_prefix("pairs")] = [str(len(rows))]
        return typed

    @classmethod
    def typed_from(cls, answer: Mapping[str, Any]) -> Typed:
        typed = {"pairs": [str(len(answer["pairs"]))]}
        tags: dict[str, str] = {}
        if answer["native"]:  # nobody asks an agency
            tags = {"native_1": answer["native"][0], "native_2": [*answer["native"], ""][1]}
            typed |= {name: [_as_written(tag) if tag else ""] for name, tag in tags.items()}
        for number, pair in enumerate(answer["pairs"]):
            typed[f"pairs-{number}-source"] = [_as_written(pair["source"])]
            typed[f"pairs-{number}-target"] = [_as_written(pair["target"])]
        for number, pair in enumerate(answer["pairs"]):
            tags |= {f"pairs-{number}-{part}": pair[part] for part in ("source", "target")}
        return typed | {
            keeping(name): [mark(typed[name][0])] for name, tag in tags.items() if tag and languages.is_odd(tag)
        }

    def last_row_id(self, typed: Typed) -> str:
        last = int(typed[self.add_prefix("pairs")][0]) - 1
        return f"id_{self.add_prefix(f'pairs-{last}-source')}"

    def answer(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        pairs = [
            {"source": cleaned[f"pairs-{number}-source"], "target": cleaned[f"pairs-{number}-target"]}
            for number in range(self.count)
        ]
        return {
            "native": [tag for tag in (cleaned.get("native_1"), cleaned.get("native_2")) if tag],
            "pairs": [pair for pair in pairs if pair["source"] and pair["target"]],
        }


def _tag(text: str) -> str:
    try:
        return languages.parse(text)
    except languages.UnknownLanguage:
        return text


def _as_written(tag: str) -> str:
    """The name, if it is read as this language again; a few varieties are clear by their tag only."""
    name = languages.name(tag)
    try:
        return name if languages.parse(name) == tag else tag
    except languages.UnknownLanguage:
        return tag


def pair_key(pair: Mapping[str, Any]) -> str:
    return f"{pair['source']}.{pair['target']}"


def pair_label(pair: Mapping[str, Any]) -> str:
    return languages.pair_name(pair["source"], pair["target"])


def label_of_key(key: str) -> str | None:
    """None when it is the key of no pair."""
    source, _dot, target = key.partition(".")
    are_tags = languages.is_tag(source) and languages.is_tag(target)
    return languages.pair_name(source, target) if are_tags else None
