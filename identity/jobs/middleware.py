"""What surrounds every task (settings.TASK_MIDDLEWARE)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pghistory
from django.db import connections
from structlog.contextvars import bound_contextvars

from identity.jobs import side_effects


def with_fresh_connections(call_next: Callable[[], Any], context: Any, worker: Any) -> Any:
    """Each task has a connection of its own, closed at its end: the worker's threads keep none alive.

    What is logged meanwhile names the task.
    """
    try:
        with side_effects.in_task_of(worker), bound_contextvars(task=context.job.task_name, job=context.job.id):
            return call_next()
    finally:
        connections.close_all()


def named_in_history(call_next: Callable[[], Any], context: Any, worker: Any) -> Any:
    """What the task changes in tables with a history is recorded with its name. Its arguments say more than is kept."""
    with pghistory.context(task=context.job.task_name):
        return call_next()
