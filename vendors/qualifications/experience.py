"""Work in months of full time: overlaps are counted once, and nobody works more than full time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

FULL_TIME = 100

TRANSLATION, BOTH, REVISION, POST_EDITING, OTHER = "translation", "both", "revision", "post_editing", "other"
KINDS_OF_WORK = [
    (TRANSLATION, _("Translating")),
    (BOTH, _("Translating and revising")),
    (REVISION, _("Revising other people's translations")),
    (POST_EDITING, _("Post-editing machine translation")),
    (OTHER, _("Something else, such as teaching or interpreting")),
]
# ISO 17100 asks for experience "in translating" (3.1.4), and of revisers for "translation and/or revision" (3.1.5).
COUNTS_AS_TRANSLATING = {TRANSLATION, BOTH}
COUNTS_FOR_REVISING = {TRANSLATION, BOTH, REVISION}
# ISO 18587 asks post-editors for experience "in translation or post-editing".
COUNTS_AS_POST_EDITING = {TRANSLATION, BOTH, POST_EDITING}


@dataclass(frozen=True)
class Period:
    """Whole months, the first and the last included; `until` is empty while it goes on."""

    since: str  # 2012-03
    until: str = ""
    share: int = FULL_TIME
    kind: str = TRANSLATION
    pairs: tuple[str, ...] = ()  # as in de.pl; none are all of them
    subjects: tuple[str, ...] = ()  # specialisms it was in; none are none, since nobody is taken to know them all

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Period:
        # What was approved before subjects were asked for says nothing about them.
        subjects = tuple(row.get("subjects", ()))
        return cls(row["since"], row["until"], row["share"], row["kind"], tuple(row["pairs"]), subjects)

    @property
    def goes_on(self) -> bool:
        return not self.until

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
