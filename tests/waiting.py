"""Waiting until something is so, rather than for a time in which it usually becomes so."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.db import connection


def wait_for(condition: Callable[[], Any], *, timeout: float = 60) -> Any:
    """The first answer that counts as true."""
    deadline = time.monotonic() + timeout
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"after {timeout:g} s it is not so yet"
        time.sleep(0.02)
    return answer


def somebody_waits_for_a_lock(table: str = "") -> bool:
    """Whether another connection to the database of the test is held up by a lock: on this table, or on any row."""
    with connection.cursor() as cursor:
        if table:
            cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted AND relation = %s::regclass", [table])
        else:
            cursor.execute(
                "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
        return cursor.fetchone() is not None
