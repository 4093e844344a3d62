"""`make bench`: each row of DESIGN's table of speed as ratios. Only those of the admin's pages are asserted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

ROWS: list[tuple[str, str, str]] = []


@pytest.fixture(scope="session")
def report() -> Callable[..., None]:
    """Say in the table at the end what was measured: the work, what came out, and what is wanted."""

    def _report(work: str, measured: object, *, wanted: str = "") -> None:
        ROWS.append((work, str(measured), wanted))

    return _report


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if not ROWS:
        return
    head = ("work", "measured", "wanted")
    widths = [max(len(row[at]) for row in [head, *ROWS]) for at in range(3)]
    terminalreporter.section("speed (ratio: median of the rounds, quartiles)")
    for row in [head, tuple("-" * width for width in widths), *ROWS]:
        terminalreporter.write_line(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )
