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


def somebody_waits_for_us() -> bool:
    """Whether another connection to the database is held up by a lock that the test's own one holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))")
        return cursor.fetchone() is not None
