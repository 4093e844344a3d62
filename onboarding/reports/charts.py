"""Bars drawn by the server; the same numbers are in the text alternative and in the table below."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from onboarding.models import Report
from onboarding.reports import figures
from onboarding.reports.tables import rows_in_words, table
from vendors.answers import languages, service_catalogue

WIDTH, HEIGHT = 360, 120
BAR_STEP = 44
BARS_AT_MOST = 8


@dataclass(frozen=True)
class Bar:
    label: str
    count: int
    x: float
    y: float
    width: float
    height: float
    text: str  # all that the bar says, for those who do not see it
    part: int | None = None  # how many of them, drawn into the bar
    part_width: float = 0

    @property
    def text_y(self) -> float:
        return self.y - 6


@dataclass(frozen=True)
class Chart:
    name: str
    title: str
    bars: list[Bar]
    is_by_month: bool

    @property
    def height(self) -> int:
        return HEIGHT + 30 if self.is_by_month else BAR_STEP * len(self.bars)


def by_month(report: Report) -> list[Chart]:
    """One for each stage, all by the same scale."""
    about = table(report.name)
    rows = rows_in_words(report)
    if about is None or not rows:
        return []
    highest = max(1, *(count for row in rows for count in row[1:]))
    return [
        Chart(f"{report.name}-{column}", str(title), _upright(rows, column, highest=highest), is_by_month=True)
        for column, title in enumerate(about.columns[1:], start=1)
    ]


def _upright(rows: list[list[Any]], column: int, *, highest: int) -> list[Bar]:
    step = WIDTH / len(rows)
    bars = []
    for number, row in enumerate(rows):
        height = round(HEIGHT * row[column] / highest, 1)
        x, text = round(number * step + 3, 1), f"{row[0]}: {row[column]}"
        bars.append(Bar(row[0], row[column], x, 14 + HEIGHT - height, step - 6, height, text))
    return bars


def of_counts(report: Report) -> Chart | None:
    """Lying bars of the biggest ones."""
    about = table(report.name)
    rows = rows_in_words(report, at_most=BARS_AT_MOST)
    if about is None or not rows or report.name not in (figures.STOPS, figures.CASES):
        return None
    widest = max(1, *(row[1] for row in rows))
    bars = [
        Bar(row[0], row[1], 0, number * BAR_STEP + 20, round(WIDTH * row[1] / widest, 1), 12, f"{row[0]}: {row[1]}")
        for number, row in enumerate(rows)
    ]
    return Chart(report.name, str(about.title), bars, is_by_month=False)


def of_pairs(report: Report) -> Chart | None:
    """Lying bars of the pairs and services that most vendors offer, and how many of these are verified."""
    # One that is paid by several units or in several currencies has several rows.
    offered = {tuple(row[:3]): (row[3], row[4]) for row in report.rows}
    if not offered:
        return None
    widest = max(1, *(approved for approved, _verified in offered.values()))
    bars = [
        _of_pair(offer, approved, verified, y=number * BAR_STEP + 20, widest=widest)
        for number, (offer, (approved, verified)) in enumerate(list(offered.items())[:BARS_AT_MOST])
    ]
    title = _("Approved and verified vendors, by language pair and service")
    return Chart(report.name, title, bars, is_by_month=False)


def _of_pair(offer: tuple[str, str, str], approved: int, verified: int | None, *, y: float, widest: int) -> Bar:
    source, target, service = offer
    name = service_catalogue.service_name(service)
    values = {"what": f"{languages.pair_name(source, target)}, {name}", "approved": approved, "verified": verified}
    if verified is None:
        text = _("%(what)s: %(approved)s approved") % values
    else:
        text = _("%(what)s: %(approved)s approved, %(verified)s verified") % values
    width, part_width = (round(WIDTH * (number or 0) / widest, 1) for number in (approved, verified))
    # Names of languages would not fit beside each other.
    label = f"{source} → {target}, {name}"
    return Bar(label, approved, 0, y, width, 12, text, part=verified, part_width=part_width)
