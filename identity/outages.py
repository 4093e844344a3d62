"""Recognising that the database is out of reach, whatever was being asked of it."""

from __future__ import annotations

from collections.abc import Iterator

import django.db
import psycopg
from psycopg.errors import DiskFull, ReadOnlySqlTransaction

_OF_THE_DATABASE = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    django.db.OperationalError,
    django.db.InterfaceError,
    ReadOnlySqlTransaction,  # the standby answers, after a failover
)
# Classes of SQLSTATE that PostgreSQL files under operation, but that are about a statement and its rivals.
_OF_A_STATEMENT = ("40", "55", "57014")
LONGEST_LINE = 300
SHORTEST_PAUSE, LONGEST_PAUSE = 0.5, 15.0


def is_outage(error: BaseException) -> bool:
    """Stopped, starting, unreachable, full of connections, or it closed ours."""
    return any(
        isinstance(cause, _OF_THE_DATABASE) and not (_sqlstate(cause) or "").startswith(_OF_A_STATEMENT)
        for cause in _causes(error)
    )


def is_disk_full(error: BaseException) -> bool:
    """The database responds, but has no room for what it was to write."""
    return any(_sqlstate(cause) == DiskFull.sqlstate for cause in _causes(error))


def one_line(error: BaseException) -> str:
    """For whoever runs a command. The driver's own text has several lines, and the deepest cause says the most."""
    *_rest, deepest = _causes(error)
    what = "The database has no space left on its disk" if is_disk_full(error) else "The database cannot be reached"
    return f"{what}: {' '.join(str(deepest).split())}"[:LONGEST_LINE]


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__


def _sqlstate(error: BaseException) -> str | None:
    """Django keeps psycopg's error as the cause of its own."""
    original = error if isinstance(error, psycopg.Error) else error.__cause__
    return original.sqlstate if isinstance(original, psycopg.Error) else None


def pauses() -> Iterator[float]:
    """Seconds to wait before each try to reach it again."""
    pause = SHORTEST_PAUSE
    while True:
        yield pause
        pause = min(2 * pause, LONGEST_PAUSE)
