"""Writing down what a task has done outside the database, which cannot be taken back."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any, TypeVar

from django.db import connections, transaction

from identity import outages
from identity.jobs.job_manager import LastingJobManager

Answer = TypeVar("Answer")

# Set while a worker runs a task. A web process does not wait: somebody is waiting for it.
_manager: ContextVar[LastingJobManager | None] = ContextVar("manager", default=None)


@contextlib.contextmanager
def in_task_of(worker: Any) -> Iterator[None]:
    manager = worker.app.job_manager
    token = _manager.set(manager if isinstance(manager, LastingJobManager) else None)
    try:
        yield
    finally:
        _manager.reset(token)


def keep(write: Callable[[], Answer]) -> Answer:
    """Write, again and again while the database is out of reach, or the task would do once more what it has done. No
    longer than the worker's patience: one that cron began must not wait beside all those that cron begins after it.

    `write` must be a whole transaction that may run twice: whether it was committed can be unknown.
    """
    manager = _manager.get()
    if manager is None or transaction.get_connection().in_atomic_block:
        return write()
    asked_at = time.monotonic()
    for pause in outages.pauses():
        try:
            return write()
        except Exception as error:
            is_over = manager.stops_at is not None or time.monotonic() > asked_at + manager.patience
            if not outages.is_outage(error) or is_over:
                raise
            connections.close_all()
            time.sleep(pause)
    raise AssertionError("there is always another pause")
