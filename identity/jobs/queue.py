"""The one way to leave work for the worker."""

from __future__ import annotations

import datetime as dt
from typing import Any

from procrastinate.contrib.django import app


def defer(task: str, *, at: dt.datetime | None = None, queue: str = "", **arguments: Any) -> None:
    """Have the worker run a task (at that time, or as soon as it can) once the caller's transaction has committed.

    By name: tasks call the domain modules, so a domain module cannot import them. `queue` is another than the task's.
    """
    options: dict[str, Any] = {"queue": queue} if queue else {}
    app.configure_task(task, allow_unknown=False, schedule_at=at, **options).defer(**arguments)
