"""The numbers in words: the tables of the page and of the CSV files."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from identity.failures.headlines import headline
from onboarding.draft.steps import STEPS
from onboarding.models import Report
from onboarding.reports import figures
from vendors.answers import languages, service_catalogue
from vendors.models import VendorEvent

Words = str | Promise
# What a spreadsheet takes for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True)
class Table:
    name: str
    title: Words
    explanation: Words
    columns: Sequence[Words]


_STAGES = (_("Invited"), _("Signed in for the first time"), _("Submitted"), _("Approved"))
TABLES = (
    Table(
        figures.FUNNEL,
        _("From invitation to approval, by month"),
        _("How many vendors reached each stage in that month. They need not be the same vendors."),
        (_("Month"), *_STAGES),
    ),
    Table(
        figures.DAYS,
        _("Days between the stages"),
        _(
            "For vendors who reached the later stage in the last twelve months. Half of them took fewer days, half "
            "took more."
        ),
        (_("From"), _("To"), _("Vendors"), _("Median days")),
    ),
    Table(
        figures.STOPS,
        _("Where people stop"),
        _("Vendors who have made no progress for three days or more, by the step where they stopped."),
        (_("Step"), _("Vendors")),
    ),
    Table(
        figures.CASES,
        _("Open cases by reason"),
        _("Cases for Vendor Management and for operations."),
        (_("Reason"), _("Open cases"), _("Oldest case opened")),
    ),
    Table(
        figures.PAIRS,
        _("Language pairs and services"),
        _(
            "Approved vendors, how many of them are verified under the service's standard, how many are away today, "
            "and the median rate for each unit and currency. “Verified” is empty for services that no standard covers."
        ),
        (
            _("Language pair"),
            _("Service"),
            _("Approved"),
            _("Verified"),
            _("Away"),
            _("Unit"),
            _("Currency"),
            _("Median rate"),
            _("Rates"),
        ),
    ),
)


def table(name: str) -> Table | None:
    return next((each for each in TABLES if each.name == name), None)


def rows_in_words(report: Report, *, at_most: int | None = None) -> list[list[Any]]:
    in_words = _IN_WORDS[report.name]
    return [in_words(row) for row in report.rows[:at_most]]


def _stage(kind: str) -> str:
    kinds = [each.value for each in figures.STAGES]
    return str(_STAGES[kinds.index(kind)]) if kind in kinds else str(VendorEvent.Kind(kind).label)


def month_name(month: str) -> str:
    year, number = map(int, month.split("-"))
    return f"{dt.date(year, number, 1):%B %Y}"


def step_name(step: str) -> str:
    return str(STEPS[step].title) if step in STEPS else str(_("nothing filled in yet"))


def _of_pair(row: list[Any]) -> list[Any]:
    source, target, service, approved, verified, away, unit, currency, median, rates = row
    unit_name = service_catalogue.unit_name(unit) if unit else ""
    names = [languages.pair_name(source, target), service_catalogue.service_name(service)]
    price = [unit_name, currency, "" if median is None else f"{median:g}", rates or ""]
    return [*names, approved, "" if verified is None else verified, away, *price]


_IN_WORDS = {
    figures.FUNNEL: lambda row: [month_name(row[0]), *row[1:]],
    figures.DAYS: lambda row: [_stage(row[0]), _stage(row[1]), row[2], "–" if row[3] is None else row[3]],
    figures.STOPS: lambda row: [step_name(row[0]), row[1]],
    figures.CASES: lambda row: [str(headline(row[0])), row[1], row[2]],
    figures.PAIRS: _of_pair,
}


def as_csv(report: Report) -> str:
    """For a spreadsheet, which must take nothing in it for a formula."""
    about = table(report.name)
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow([_safe(str(column)) for column in about.columns] if about else [])
    writer.writerows([_safe(value) for value in row] for row in rows_in_words(report))
    return f"\ufeff{file.getvalue()}"


def _safe(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
