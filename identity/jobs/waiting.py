"""What waits while outgoing traffic is on hold."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import connection
from procrastinate.contrib.django import app

# Queues whose tasks reach nobody but operations.
LET_THROUGH = ["upkeep", "operations"]

_WAITING = """
SELECT job.id, job.task_name, coalesce(min(event.at), now())
FROM procrastinate_jobs job
LEFT JOIN procrastinate_events event ON event.job_id = job.id AND event.type = 'deferred'
WHERE job.status = 'todo' AND job.queue_name <> ALL(%s) AND job.task_name <> ALL(%s)
GROUP BY job.id
ORDER BY job.task_name, job.id
"""


@dataclass(frozen=True)
class Waiting:
    id: int
    task: str
    since: dt.datetime


def waiting() -> list[Waiting]:
    """Tasks that somebody wanted; the periodic ones wait as well, but decide anew when they run."""
    app.perform_import_paths()
    periodic = [task.task.name for task in app.periodic_registry.periodic_tasks.values()]
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [LET_THROUGH, periodic])
        return [Waiting(*row) for row in cursor.fetchall()]


def cancel(job: Waiting) -> bool:
    """False when it does not wait any more."""
    return app.job_manager.cancel_job_by_id(job.id)
