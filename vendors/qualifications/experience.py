"""Work in months of full time: overlaps are counted once, and nobody works more than full time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

FULL_TIME = 100

TRANSLATION, BOTH, REVISION, OTHER = "translation", "both", "revision", "other"
KINDS_OF_WORK = [
    (TRANSLATION, _("Translating")),
    (BOTH, _("Translating and revising")),
    (REVISION, _("Revising other people's translations")),
    (OTHER, _("Something else, such as teaching or interpreting")),
]
# ISO 17100 asks for experience "in translating" (3.1.4), and of revisers for "translation and/or revision" (3.1.5).
COUNTS_AS_TRANSLATING = {TRANSLATION, BOTH}
COUNTS_FOR_REVISING = {TRANSLATION, BOTH, REVISION}


@dataclass(frozen=True)
class Period:
    """Whole months, the first and the last included; `until` is empty while it goes on."""

    since: str  # 2012-03
    until: str = ""
    share: int = FULL_TIME
    kind: str = TRANSLATION
    pairs: tuple[str, ...] = ()  # as in de.pl; none are all of them

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Period:
        return cls(row["since"], row["until"], row["share"], row["kind"], tuple(row["pairs"]))

    def covers(self, pair: str) -> bool:
        return not self.pairs or pair in self.pairs


def full_time_months(periods: Iterable[Period], *, today: dt.date) -> int:
    """What the periods come to, rounded down to whole months. What lies ahead does not count yet."""
    this_month = _number(f"{today:%Y-%m}")
    # Where the share of full time goes up and down, so that a row costs the same however long it is.
    steps: dict[int, int] = {}
    for period in periods:
        first = _number(period.since)
        last = min(_number(period.until) if period.until else this_month, this_month)
        if first <= last:
            steps[first] = steps.get(first, 0) + period.share
            steps[last + 1] = steps.get(last + 1, 0) - period.share
    total = share = since = 0
    for month in sorted(steps):
        total += (month - since) * min(share, FULL_TIME)
        share, since = share + steps[month], month
    return total // FULL_TIME


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:7]) - 1
