"""Comparing two pieces of work on a machine that others use too: turn by turn, and the median of the pairs."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

CONTROL = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")


@dataclass(frozen=True, order=True)
class Comparison:
    """Of the first to the second, each in seconds."""

    ratio: float
    quartiles: tuple[float, float]
    first: float
    second: float

    def __str__(self) -> str:
        low, high = self.quartiles
        return f"{self.ratio:.2f} ({low:.2f}–{high:.2f})"


def compare(first: Callable[[], float], second: Callable[[], float], *, rounds: int) -> Comparison:
    """Each function answers how long it took; the first round is for warming up and not counted."""
    first(), second()
    pairs = []
    for number in range(rounds):
        if number % 2:
            later = second()
            pairs.append((first(), later))
        else:
            pairs.append((first(), second()))
    ratios = [one / other for one, other in pairs]
    low, _median, high = statistics.quantiles(ratios, n=4)
    return Comparison(
        statistics.median(ratios),
        (low, high),
        statistics.median(one for one, _other in pairs),
        statistics.median(other for _one, other in pairs),
    )


def wall(work: Callable[[], Any], *, times: int = 1) -> float:
    began = time.perf_counter()
    for _time in range(times):
        work()
    return (time.perf_counter() - began) / times


def cpu(work: Callable[[], Any]) -> float:
    """CPU seconds of this process and of the database's one that serves it: what else the machine does has no part.

    Where the database runs elsewhere, the time that has passed.
    """
    connection.ensure_connection()
    serving = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    if connection.settings_dict["ENGINE"] != "passport.postgres" or not serving.exists():
        return wall(work)

    def spent() -> float:
        return time.process_time() + int(serving.read_text().split()[0]) / 1e9

    before = spent()
    work()
    return spent() - before


def statements(work: Callable[[], Any]) -> list[str]:
    """The SQL of some work, without BEGIN and COMMIT."""
    connection.queries_log.clear()  # Django keeps the last 9,000, and tells new ones by their place in the row
    with CaptureQueriesContext(connection) as captured:
        work()
    return [query["sql"] for query in captured.captured_queries if not query["sql"].upper().startswith(CONTROL)]
