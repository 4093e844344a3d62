"""Bars drawn by the server; the same numbers are in the text alternative and in the table below."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from onboarding.models import Report
from onboarding.reports import figures
from onboarding.reports.tables import rows_in_words, table

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
        bars.append(Bar(row[0], row[column], round(number * step + 3, 1), 14 + HEIGHT - height, step - 6, height))
    return bars


def of_counts(report: Report) -> Chart | None:
    """Lying bars of the biggest ones."""
    about = table(report.name)
    rows = rows_in_words(report, at_most=BARS_AT_MOST)
    if about is None or not rows or report.name not in (figures.STOPS, figures.CASES):
        return None
    widest = max(1, *(row[1] for row in rows))
    bars = [
        Bar(row[0], row[1], 0, number * BAR_STEP + 20, round(WIDTH * row[1] / widest, 1), 12)
        for number, row in enumerate(rows)
    ]
    return Chart(report.name, str(about.title), bars, is_by_month=False)
