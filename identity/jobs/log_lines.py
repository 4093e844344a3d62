"""One line in the log for each task that was run."""

from __future__ import annotations

import logging
from typing import Any

from procrastinate.job_context import JobResult
from procrastinate.jobs import Job, Status

from identity.jobs.retries import RetryLater

log = logging.getLogger("passport.tasks")


def of_task(job: Job, *, status: Status, result: JobResult | None, is_tried_again: bool, error: Any) -> None:
    """`error` is what it raised, if it did. Of one that is tried again because it said so, only its name is told."""
    level, came_of_it = logging.INFO, "done"
    if is_tried_again:
        level, came_of_it = logging.WARNING, "trying again"
    elif status == Status.ABORTED:
        came_of_it = "stopped"
    elif status == Status.FAILED:
        level, came_of_it = logging.ERROR, "failed"
    if isinstance(error, RetryLater):
        level = logging.INFO
    started, ended = (result.start_timestamp, result.end_timestamp) if result else (None, None)
    log.log(
        level,
        "task",
        extra={
            "task": job.task_name,
            "job": job.id,
            "queue": job.queue,
            "arguments": job.task_kwargs,  # ids, see identity/tasks.py
            "attempt": job.attempts + 1,
            "duration_ms": round((ended - started) * 1000, 1) if started and ended else None,
            "result": came_of_it,
        }
        | ({"error": type(error).__name__} if error else {}),
        exc_info=error if error and level > logging.INFO else None,
    )
