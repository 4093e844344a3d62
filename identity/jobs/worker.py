"""The process that runs durable tasks."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string
from procrastinate import App
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.periodic import PeriodicRegistry

from identity.jobs.queue import defer
from identity.jobs.retries import rescue_stalled_jobs

# Graph takes 150 invitations in 5 s and may need half a second for each. Each job under way holds a thread and a
# connection to the database.
CONCURRENCY = 24
CONCURRENCY_ONCE = 8
ROUNDS_AT_MOST = 100


def _options() -> dict[str, Any]:
    return {
        "update_heartbeat_interval": 10.0,
        "stalled_worker_timeout": 30.0,
        "task_middleware": [import_string(path) for path in settings.TASK_MIDDLEWARE],
    }


@dataclass
class Tally:
    done: int
    failed: int
    waiting: int
    until: dt.datetime | None

    def __str__(self) -> str:
        until = f" until {self.until:%Y-%m-%d %H:%M:%S} UTC" if self.until else ""
        return f"done {self.done}, failed {self.failed}, waiting {self.waiting}{until}"


def _own_app() -> App:
    """The app with a connector for workers.

    Not `replace_connector`: the tasks themselves must go on deferring through Django's connection, or what they defer
    would not belong to their transaction.
    """
    return app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]


def run() -> None:
    """Work until stopped by SIGINT or SIGTERM; jobs under way are finished first."""
    connection.ensure_connection()  # the pool would keep trying for half a minute, with a line in the log for each try
    asyncio.run(_work(_own_app()))


async def _work(worker_app: App) -> None:
    _provide_threads(CONCURRENCY)
    async with worker_app.open_async():
        await worker_app.run_worker_async(concurrency=CONCURRENCY, **_options())


def _provide_threads(number: int) -> None:
    """The loop's own executor has four threads more than there are processors, however many jobs may run."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(number))


def run_once() -> Tally:
    """Rescue stalled jobs, run every periodic task once, drain what is due."""
    worker_app = _own_app()
    worker_app.perform_import_paths()
    timestamp = int(time.time())
    for periodic in worker_app.periodic_registry.periodic_tasks.values():
        with contextlib.suppress(AlreadyEnqueued):
            defer(periodic.task.name, timestamp=timestamp)
    # They are queued now, so the worker need not look at the clock as well.
    worker_app.periodic_registry = PeriodicRegistry()
    jobs_done, troubled = asyncio.run(_drain(worker_app))
    waiting = ProcrastinateJob.objects.filter(status="todo")
    return Tally(
        done=jobs_done,
        failed=ProcrastinateJob.objects.filter(id__in=troubled, status="failed").count(),
        waiting=waiting.count(),
        until=waiting.order_by("scheduled_at").values_list("scheduled_at", flat=True).first(),
    )


async def _drain(worker_app: App) -> tuple[int, list[int]]:
    """How many jobs were done, and the ids of those that raised."""
    jobs_done = 0
    troubled: list[int] = []

    async def count(call_next: Any, context: Any, worker: Any) -> Any:
        nonlocal jobs_done
        try:
            result = await call_next()
        except BaseException:
            troubled.append(context.job.id)
            raise
        jobs_done += 1
        return result

    _provide_threads(CONCURRENCY_ONCE)
    async with worker_app.open_async():
        await rescue_stalled_jobs(worker_app.job_manager)
        for _round in range(ROUNDS_AT_MOST):
            before = jobs_done + len(troubled)
            # A task that ends last may have deferred another, so look again until there was nothing.
            await worker_app.run_worker_async(
                wait=False, worker_middleware=[count], concurrency=CONCURRENCY_ONCE, **_options()
            )
            if jobs_done + len(troubled) == before:
                break
    return jobs_done, troubled
