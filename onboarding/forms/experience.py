"""The rows that say how long somebody has translated. One row with a year in it is enough for most."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from identity.typed import cleaning
from onboarding.forms.base import StepForm, Typed
from onboarding.forms.languages import label_of_key, pair_key, pair_label
from vendors.answers import dates, languages, service_catalogue
from vendors.answers.fields import LastMonthField, MonthField
from vendors.qualifications.experience import FULL_TIME, KINDS_OF_WORK, TRANSLATION

MAX_PERIODS = 8
# More of them are written, or the page would be too big.
MOST_BOXES = 5
MOST_BOXES_ON_THE_PAGE = 30
SHARES = [100, 90, 80, 75, 70, 60, 50, 40, 30, 25, 20, 10]
EARLIEST = "1940-01"
SUBJECTS = dict(service_catalogue.SPECIALISMS)
MOST_ROWS_WITH_BOXES = 3


class PairsField(forms.MultipleChoiceField):
    """Pairs of this vendor, and pairs that were: what was chosen once is not lost with the pair."""

    def to_python(self, value: Any) -> list[str]:
        return _keys_in(super().to_python(value))

    def valid_value(self, value: Any) -> bool:
        return label_of_key(str(value)) is not None


class PairBoxes(forms.CheckboxSelectMultiple):
    """They tick what was written by name while there were more rows."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        written = data.getlist(name)
        with contextlib.suppress(ValidationError):
            return _keys_in(written)
        return written


class PairsInput(forms.TextInput):
    """The same by name, separated by semicolons."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return data.getlist(name)

    def format_value(self, value: Any) -> str:
        return "; ".join(label_of_key(key) or key for key in value or [])


class SubjectsField(forms.MultipleChoiceField):
    """Specialisms by code or by name: what was chosen once is not lost when it is no longer offered."""

    def to_python(self, value: Any) -> list[str]:
        codes, unknown = _subjects_in(super().to_python(value))
        if unknown:
            raise ValidationError(
                _("We don't know the subject “%(text)s”. Enter subjects as they appear in “Services and subjects”.")
                % {"text": unknown[0]},
                code="subject",
            )
        return codes

    def valid_value(self, value: Any) -> bool:
        return value in SUBJECTS


class SubjectBoxes(forms.CheckboxSelectMultiple):
    """They tick what was written by name while there were more rows."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        codes, unknown = _subjects_in(data.getlist(name))
        return [*codes, *unknown]


class SubjectsInput(forms.TextInput):
    """The same by name, separated by semicolons."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return data.getlist(name)

    def format_value(self, value: Any) -> str:
        return "; ".join(str(SUBJECTS.get(code, code)) for code in value or [])


class ExperienceRows(StepForm):
    work = forms.CharField(widget=forms.HiddenInput, required=False)

    PERIOD_PARTS = ("since", "until", "share", "kind", "pairs", "subjects")

    def build(self) -> None:
        super().build()
        self.initial["work"] = self.period_count
        pairs = self.known_pairs
        for number in range(self.period_count):
            self._add_period(number, pairs)

    @property
    def known_pairs(self) -> list[Mapping[str, Any]]:
        return list(self.earlier.get("languages", {}).get("pairs", []))

    @property
    def period_count(self) -> int:
        return self.row_count("work", at_most=MAX_PERIODS)

    def _add_period(self, number: int, pairs: list[Mapping[str, Any]]) -> None:
        name, values = f"work-{number}", {"number": number + 1}
        self.fields[f"{name}-since"] = MonthField(
            label=_("From"),
            help_text="" if number else _("For example, 03/2012, or just the year, 2012."),
            required=False,
            error_messages={"required": _("Enter when period %(number)s began. A year is enough.") % values},
        )
        self.fields[f"{name}-until"] = LastMonthField(
            label=_("Until"),
            help_text="" if number else _("Leave this empty if you still do this work."),
            required=False,
        )
        shares = [(str(share), _("%(share)s%%") % {"share": share}) for share in SHARES]
        shares[0] = (str(FULL_TIME), _("full time"))
        self.fields[f"{name}-share"] = forms.ChoiceField(
            label=_("How much of your time?"), choices=shares, required=False
        )
        self.fields[f"{name}-kind"] = forms.ChoiceField(
            label=_("What kind of work?"), choices=KINDS_OF_WORK, required=False
        )
        chosen = self.data.getlist(self.add_prefix(f"{name}-pairs")) if self.is_bound else []  # type: ignore[attr-defined]
        # What was done in one pair does not become work in another because that pair is gone.
        if len(pairs) > 1 or any(chosen):
            choices = [(pair_key(pair), pair_label(pair)) for pair in pairs]
            known = {key for key, _name in choices}
            choices += [(key, label) for key in chosen if key not in known and (label := label_of_key(key))]
            are_boxes = len(choices) <= MOST_BOXES and len(choices) * self.period_count <= MOST_BOXES_ON_THE_PAGE
            self.fields[f"{name}-pairs"] = PairsField(
                label=_("Which of your language pairs?"),
                help_text="" if are_boxes else _("Separate them with semicolons: German → Polish; French → Polish."),
                choices=choices if are_boxes else [],
                widget=PairBoxes if are_boxes else PairsInput,
                required=False,
            )
        self._add_subjects(name, number)
        self.fields[f"{name}-remove"] = forms.BooleanField(label=_("Remove period %(number)s") % values, required=False)

    def _add_subjects(self, name: str, number: int) -> None:
        """Revisers qualify subject by subject, by work they did in it: a ticked specialism is no experience."""
        chosen = self.data.getlist(self.add_prefix(f"{name}-subjects")) if self.is_bound else []  # type: ignore[attr-defined]
        offered = {*self.earlier.get("services", {}).get("specialisms", []), *_subjects_in(chosen)[0]}
        if not offered:
            return
        are_boxes = self.period_count <= MOST_ROWS_WITH_BOXES
        hint = _("Revisers need experience in each subject they revise.")
        if not are_boxes:
            hint = _("Separate them with semicolons: Law and contracts; Patents.")
        self.fields[f"{name}-subjects"] = SubjectsField(
            label=_("Which of your subjects?"),
            help_text="" if number else hint,
            choices=[(code, label) for code, label in SUBJECTS.items() if code in offered] if are_boxes else [],
            widget=SubjectBoxes if are_boxes else SubjectsInput,
            required=False,
        )

    @property
    def periods(self) -> list[dict[str, Any]]:
        rows = []
        for number in range(self.period_count):
            name = f"work-{number}"
            row = {part: self[f"{name}-{part}"] for part in ("since", "until", "share", "kind")}
            pairs = self[f"{name}-pairs"] if f"{name}-pairs" in self.fields else None
            subjects = self[f"{name}-subjects"] if f"{name}-subjects" in self.fields else None
            rows.append(
                {
                    **row,
                    "number": number + 1,
                    "is_settled": self.is_settled(*(field.name for field in (*row.values(), pairs, subjects) if field)),
                    "pairs": pairs,
                    "has_chosen_pairs": bool(pairs and (pairs.value() or pairs.errors)),
                    "subjects": subjects,
                    "has_chosen_subjects": bool(subjects and (subjects.value() or subjects.errors)),
                    "remove": self[f"{name}-remove"] if self.period_count > 1 else None,
                }
            )
        return rows

    @property
    def may_add_period(self) -> bool:
        return self.period_count < MAX_PERIODS

    def clean_periods(self) -> None:
        this_month = f"{timezone.localdate():%Y-%m}"
        for number in range(self.period_count):
            since_name, until_name = f"work-{number}-since", f"work-{number}-until"
            if self._is_left_out(number):
                for part in ("since", "until"):
                    self.errors.pop(f"work-{number}-{part}", None)
                    self.cleaned_data[f"work-{number}-{part}"] = ""
                continue
            self.require(since_name)
            since, until = self.cleaned_data.get(since_name), self.cleaned_data.get(until_name)
            if since and not EARLIEST <= since <= this_month:
                message = _("%(month)s can't be right. Check the year.")
                self.add_error(since_name, _wrong(message, since))
            elif until and until > this_month:
                message = _("%(month)s is in the future. Leave this empty if you still do this work.")
                self.add_error(until_name, _wrong(message, until))
            elif since and until and until < since:
                message = _("This period ends in %(month)s, before it begins. Check both dates.")
                self.add_error(until_name, _wrong(message, until))

    def _is_left_out(self, number: int) -> bool:
        """Ticked for removal, or a row that nobody has begun."""
        names = [self.add_prefix(f"work-{number}-{part}") for part in ("since", "until")]
        return bool(self.cleaned_data.get(f"work-{number}-remove")) or not any(
            self.data.get(name, "").strip() for name in names
        )

    def periods_given(self) -> list[dict[str, Any]]:
        """Those that can be read; all of them once the page is valid."""
        cleaned = self.cleaned_data
        given = []
        for number in range(self.period_count):
            since, until = cleaned.get(f"work-{number}-since"), cleaned.get(f"work-{number}-until")
            if not since or until is None or (until and until < since):
                continue
            given.append(
                {
                    "since": since,
                    "until": until,
                    "share": int(cleaned.get(f"work-{number}-share") or FULL_TIME),
                    "kind": cleaned.get(f"work-{number}-kind") or TRANSLATION,
                    "pairs": cleaned.get(f"work-{number}-pairs", []),
                    "subjects": cleaned.get(f"work-{number}-subjects", []),
                }
            )
        return given

    def close_up_periods(self, typed: Typed, *, another_row: bool) -> None:
        """Rows that were removed or never begun make room for those after them."""
        rows = []
        for number in range(self.period_count):
            row = {part: typed.pop(self.add_prefix(f"work-{number}-{part}"), []) for part in self.PERIOD_PARTS}
            removed = typed.pop(self.add_prefix(f"work-{number}-remove"), None)
            if not removed and any(value.strip() for part in ("since", "until") for value in row[part]):
                rows.append(row)
        empty: dict[str, list[str]] = {"since": [""], "until": [""], "share": [str(FULL_TIME)], "kind": [TRANSLATION]}
        rows = rows or [empty]
        if another_row and len(rows) < MAX_PERIODS:
            rows.append(empty)
        for number, row in enumerate(rows):
            typed |= {self.add_prefix(f"work-{number}-{part}"): values for part, values in row.items() if values}
        typed[self.add_prefix("work")] = [str(len(rows))]

    @staticmethod
    def periods_typed(experience: list[Mapping[str, Any]]) -> Typed:
        typed: Typed = {"work": [str(max(1, len(experience)))]}
        for number, row in enumerate(experience):
            typed |= {
                f"work-{number}-since": [dates.written_month(row["since"])],
                f"work-{number}-until": [dates.written_month(row["until"]) if row["until"] else ""],
                f"work-{number}-share": [str(row["share"])],
                f"work-{number}-kind": [row["kind"]],
            }
            if row["pairs"]:
                typed[f"work-{number}-pairs"] = [*row["pairs"]]
            if row.get("subjects"):  # not asked for in answers of earlier days
                typed[f"work-{number}-subjects"] = [*row["subjects"]]
        return typed


def _wrong(message: str, month: str) -> ValidationError:
    return ValidationError(message % {"month": dates.month_name(month)}, code="period")


def _keys_in(written: list[str]) -> list[str]:
    """Pairs as boxes send them (de.pl) or as people write them (German → Polish)."""
    keys = []
    for item in re.split(r"[;\n]|,(?![^(]*\))", ";".join(written)):
        text = item.strip()
        if not text or label_of_key(text):
            keys += [text] if text else []
            continue
        sides = [side for side in re.split(r"\s*(?:→|->|>|/|\binto\b|\bto\b)\s*", text) if side]
        if len(sides) != 2:
            raise ValidationError(
                _("We can't read “%(text)s”. Enter pairs like this: German → Polish; French → Polish.")
                % {"text": text},
                code="pair",
            )
        try:
            keys.append(".".join(map(languages.parse, sides)))
        except languages.UnknownLanguage as error:
            raise ValidationError(str(error), code="unknown_language") from error
    return list(dict.fromkeys(keys))


@cache
def _subjects_by_name(_language: str) -> dict[str, str]:
    return {cleaning.folded(str(label)): code for code, label in SUBJECTS.items()}


def _subjects_in(written: list[str]) -> tuple[list[str], list[str]]:
    """The codes of subjects that are written by code or by name, and what is neither."""
    by_name = _subjects_by_name(get_language())
    texts = [text for item in written for text in map(str.strip, re.split(r"[;\n]", item)) if text]
    read = {text: text if text in SUBJECTS else by_name.get(cleaning.folded(text), "") for text in texts}
    return list(dict.fromkeys(filter(None, read.values()))), [text for text, code in read.items() if not code]
