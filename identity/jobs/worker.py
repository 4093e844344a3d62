"""The process that runs durable tasks."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
import math
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import psycopg
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connection, connections
from django.utils.module_loading import import_string
from procrastinate import App, PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Status
from procrastinate.periodic import PeriodicRegistry
from procrastinate.worker import Worker
from psycopg.abc import PQGen

from identity.jobs import log_lines
from identity.jobs.job_manager import STALLED_AFTER, LastingJobManager
from identity.jobs.queue import defer
from identity.jobs.retries import rescue_stalled_jobs

log = logging.getLogger("passport.worker")

# Graph takes 150 invitations in 5 s and may need half a second for each. Each job under way holds a thread and a
# connection to the database.
CONCURRENCY = 24
CONCURRENCY_ONCE = 8
ROUNDS_AT_MOST = 100
# In seconds. How long `--once` waits for a database that has gone away; cron begins anew anyway.
PATIENCE_ONCE = 120.0
# The pool gives up soon, and asks anew when it is asked.
RECONNECT = 2.0
LONGEST_WAIT = 3.0
LOOK_UP = 10.0  # from waiting for the server, which wakes us when it has something to say

Answer = TypeVar("Answer")


def _options() -> dict[str, Any]:
    return {
        "update_heartbeat_interval": 10.0,
        # A worker hears at once of a job that is to be aborted. It asks as well, in case it had not been listening.
        "abort_job_polling_interval": 60.0,
        "stalled_worker_timeout": STALLED_AFTER,
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


class StoppedByItself(Exception):
    """Nobody had asked it to."""


class _Worker(Worker):
    """procrastinate's, but the clock survives the database as well, and an ending has a reason."""

    app: App
    trouble: BaseException | None = None

    async def _periodic_deferrer(self) -> None:
        while True:
            try:
                await super()._periodic_deferrer()
                return
            except ConnectorException as error:
                await sync_to_async(connections.close_all)()  # in the one thread in which it is deferred
                manager: LastingJobManager = self.app.job_manager  # type: ignore[assignment]
                with manager.quiet_when_stopped():
                    await manager.until_back(error)
                    continue
                return

    async def _monitor_side_tasks(self, side_tasks: list[asyncio.Task[Any]]) -> None:
        await super()._monitor_side_tasks(side_tasks)
        ended = [task for task in side_tasks if task.done() and not task.cancelled()]
        self.trouble = next((error for task in ended if (error := task.exception())), None)

    def _log_job_outcome(
        self, status: Status, context: Any, job_result: Any, job_retry: Any, exc_info: bool | BaseException = False
    ) -> None:
        """procrastinate's own lines say it in a sentence."""
        log_lines.of_task(
            context.job, status=status, result=job_result, is_tried_again=bool(job_retry), error=exc_info or None
        )

    async def work(self) -> None:
        await self.run()
        if self.trouble is not None:
            raise self.trouble


class _Connection(psycopg.AsyncConnection[Any]):
    """psycopg's, but it waits without looking up ten times a second whether Ctrl-C was pressed.

    A loop of asyncio has its signal handlers for that. Looking up took half the time of an idle worker, which listens
    for new jobs all the time.
    """

    async def wait(self, gen: PQGen[Answer], interval: float = LOOK_UP, timeout: float | None = None) -> Answer:
        return await super().wait(gen, interval, timeout)


def _own_app(*, patience: float) -> tuple[App, LastingJobManager]:
    """The app with a connector for workers.

    Not `replace_connector`: the tasks themselves must go on deferring through Django's connection, or what they defer
    would not belong to their transaction.
    """
    connector = PsycopgConnector(
        connection_class=_Connection,
        kwargs=connector_params(),
        reconnect_timeout=RECONNECT,
        timeout=LONGEST_WAIT,
    )
    worker_app = app.with_connector(connector)
    manager = worker_app.job_manager = LastingJobManager(connector, patience=patience)
    return worker_app, manager


def run() -> None:
    """Work until stopped by SIGINT or SIGTERM; jobs under way are finished first. The database may come and go.

    Raise StoppedByItself, or whatever was the trouble.
    """
    connection.ensure_connection()  # the pool would keep trying for half a minute, with a line in the log for each try
    asyncio.run(_work())


async def _work() -> None:
    _provide_threads(CONCURRENCY + 1)  # one to look whether the database is back
    worker_app, manager = _own_app(patience=math.inf)
    worker_app.perform_import_paths()
    worker = _Worker(app=worker_app, concurrency=CONCURRENCY, install_signal_handlers=False, **_options())

    def stop() -> None:
        manager.ask_to_stop()
        worker.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    log.info("Worker started. It runs up to %d tasks at once.", CONCURRENCY)
    async with worker_app.open_async():
        try:
            await worker.work()
        except (ConnectorException, psycopg.Error) as error:
            if not manager.may_end_with(error):
                raise
    if manager.stops_at is None:
        raise StoppedByItself("It stopped without being asked to.")
    log.info("Worker stopped.")


def _provide_threads(number: int) -> None:
    """The loop's own executor has four threads more than there are processors, however many jobs may run."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(number))


def run_once() -> Tally:
    """Rescue stalled jobs, run every periodic task once, drain what is due."""
    app.perform_import_paths()
    timestamp = int(time.time())
    for periodic in app.periodic_registry.periodic_tasks.values():
        with contextlib.suppress(AlreadyEnqueued):
            defer(periodic.task.name, timestamp=timestamp)
    return run_due()


def run_due() -> Tally:
    """Rescue stalled jobs and drain what is due, without looking at the clock for periodic tasks."""
    worker_app, _manager = _own_app(patience=PATIENCE_ONCE)
    worker_app.perform_import_paths()
    worker_app.periodic_registry = PeriodicRegistry()
    jobs_done, troubled = asyncio.run(_drain(worker_app))
    connection.close_if_unusable_or_obsolete()  # the database may have been away meanwhile
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
            worker = _Worker(
                app=worker_app, wait=False, worker_middleware=[count], concurrency=CONCURRENCY_ONCE, **_options()
            )
            await worker.work()
            if jobs_done + len(troubled) == before:
                break
    return jobs_done, troubled
