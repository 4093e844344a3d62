"""What the worker asks of its queue, in such a way that the database may go away and come back meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
import math
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import psycopg
from asgiref.sync import sync_to_async
from django.db import close_old_connections, connections
from procrastinate.connector import BaseAsyncConnector
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

from identity import outages, outbound
from identity.jobs.waiting import LET_THROUGH

log = logging.getLogger(__name__)

STALLED_AFTER = 30.0  # seconds without a heartbeat; longer than the longest pause, or others would take our jobs
GRACE = 3.0  # seconds for which what has been done is still written down after the worker was asked to stop

# Also when another worker has taken us for dead and deleted the row.
SHOW_LIFE = """
INSERT INTO procrastinate_workers (id, last_heartbeat) OVERRIDING SYSTEM VALUE VALUES (%s, now())
ON CONFLICT (id) DO UPDATE SET last_heartbeat = now()
"""

SECONDS_BETWEEN_LOOKS = 2.0  # at whether outgoing traffic is on hold

Answer = TypeVar("Answer")


def _is_held() -> bool:
    close_old_connections()  # of this thread: only if it is ten minutes old, or of no use
    return outbound.is_held()


class LastingJobManager(JobManager):
    """Asks again when the database is back. Between the loss and the return nothing is known but what is kept here.

    `patience` is how long to wait for it, in seconds. Raise ConnectorException, or psycopg's error, when that is over.
    """

    def __init__(self, connector: BaseAsyncConnector, *, patience: float) -> None:
        super().__init__(connector)
        self.patience = patience
        self.stops_at: float | None = None
        self._worker_id: int | None = None
        self._under_way: set[int] = set()
        self._recovery: asyncio.Task[None] | None = None
        self._back_at: float | None = None
        self._lost_at = -math.inf
        self._pauses = outages.pauses()
        self._is_fetching = False
        self._held = False
        self._asked_whether_held_at = -math.inf
        # A thread with a connection of its own: reconnecting for each look took most of the time of an idle worker.
        self._looking = ThreadPoolExecutor(1, thread_name_prefix="looking-whether-held")

    def ask_to_stop(self) -> None:
        self.stops_at = time.monotonic() + GRACE

    def may_end_with(self, error: BaseException) -> bool:
        """Nobody misses anything if it was asked to stop while the database was away, and had nothing under way."""
        return self.stops_at is not None and not self._under_way and outages.is_outage(error)

    @contextlib.contextmanager
    def quiet_when_stopped(self) -> Iterator[None]:
        """What runs beside the tasks says nothing of an outage by then; procrastinate would log a traceback."""
        try:
            yield
        except (ConnectorException, psycopg.Error) as error:
            if self.stops_at is None or not outages.is_outage(error):
                raise

    async def register_worker(self) -> int:
        self._worker_id = await self._ask(super().register_worker)
        return self._worker_id

    async def unregister_worker(self, worker_id: int) -> None:
        try:
            await self._ask(super().unregister_worker, worker_id)
        except (ConnectorException, psycopg.Error) as error:
            if not self.may_end_with(error):
                raise
            log.warning("Stopped while the database could not be reached. Nothing was under way.")
        finally:
            await asyncio.wrap_future(self._looking.submit(connections.close_all))

    async def update_heartbeat(self, worker_id: int) -> None:
        with self.quiet_when_stopped():
            await self._ask(super().update_heartbeat, worker_id)

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> Job | None:
        if await self._ask(self._is_held):
            queues = LET_THROUGH
        self._is_fetching = True
        try:
            job = await self._ask(super().fetch_job, queues, worker_id)
        finally:
            self._is_fetching = False
        if job is not None and job.id is not None:
            self._under_way.add(job.id)
        return job

    async def _is_held(self) -> bool:
        """Looked up now and then, not for each job; what is under way by then is refused where it would go out."""
        if time.monotonic() > self._asked_whether_held_at + SECONDS_BETWEEN_LOOKS:
            self._held = await sync_to_async(_is_held, thread_sensitive=False, executor=self._looking)()
            self._asked_whether_held_at = time.monotonic()
        return self._held

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        await self._settle(super().finish_job, job, status=status, delete_job=delete_job)

    async def retry_job(
        self,
        job: Job,
        retry_at: dt.datetime | None = None,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        try:
            await self._settle(super().retry_job, job, retry_at=retry_at, priority=priority, queue=queue, lock=lock)
        except UniqueViolation:  # a periodic task that is queued once more already
            await self.finish_job(job, status=Status.ABORTED, delete_job=True)

    async def _settle(self, settle: Callable[..., Awaitable[None]], job: Job, **how: Any) -> None:
        try:
            await self._ask(settle, job, **how)
        except ConnectorException as error:
            if not isinstance(error.__cause__, psycopg.errors.RaiseException):
                raise
            log.warning(
                "Job %s has already been settled: by us, before the database's response was lost, "
                "or by another worker.",
                job.id,
            )
        if job.id is not None:
            self._under_way.discard(job.id)

    async def prune_stalled_workers(self, seconds_since_heartbeat: float) -> list[int]:
        if self._is_just_back():
            return []
        return await self._ask(super().prune_stalled_workers, seconds_since_heartbeat)

    async def get_stalled_jobs(self, *args: Any, **kwargs: Any) -> Iterable[Job]:
        if self._is_just_back():
            return []
        under_way_before = set(self._under_way)
        stalled = list(await self._ask(super().get_stalled_jobs, *args, **kwargs))
        if self._worker_id is not None:
            stalled += await self._ask(super().list_jobs_async, status="doing", worker_id=self._worker_id)
        # The answer to a fetch may have got lost after the job had become ours: nobody does it, and nobody ever would.
        known = under_way_before | self._under_way
        return [] if self._is_fetching else [job for job in stalled if job.id not in known]

    def _is_just_back(self) -> bool:
        """The others may not be: that they showed no life is the database's fault."""
        return self._back_at is not None and time.monotonic() < self._back_at + STALLED_AFTER

    async def list_jobs_to_abort_async(self, queue: str | None = None) -> Iterable[int]:
        with self.quiet_when_stopped():
            return await self._ask(super().list_jobs_to_abort_async, queue)
        return []

    async def listen_for_jobs(self, *, on_notification: Any, queues: Iterable[str] | None = None) -> None:
        with self.quiet_when_stopped():
            await self._ask(super().listen_for_jobs, on_notification=on_notification, queues=queues)

    async def _ask(self, question: Callable[..., Awaitable[Answer]], *args: Any, **kwargs: Any) -> Answer:
        while True:
            try:
                return await question(*args, **kwargs)
            except ConnectorException as error:
                await self.until_back(error)

    async def until_back(self, error: Exception) -> None:
        """Wait until the database can be asked again; whoever else asks meanwhile waits for the same.

        Raise `error` if it is no outage, and the latest one when patience is over.
        """
        if not outages.is_outage(error) or self._is_stopped():
            raise error
        if self._recovery is None or self._recovery.done():
            self._recovery = asyncio.create_task(self._recover(error), name="recovery")
            self._recovery.add_done_callback(lambda task: task.cancelled() or task.exception())  # raised by who waits
        await asyncio.shield(self._recovery)

    async def _recover(self, error: Exception) -> None:
        is_full = outages.is_disk_full(error)
        # On a full disk there may be room for a sign of life and for nothing else: then it goes on where it was.
        if not (is_full and self._is_just_back()):
            self._lost_at, self._pauses = time.monotonic(), outages.pauses()
        elif self._is_over(self._lost_at):
            raise error
        log.warning("%s. Trying again.", outages.one_line(error))
        for pause in self._pauses:
            await self._sleep(pause)
            try:
                await self._show_life()
                break
            except psycopg.Error as still:
                if not outages.is_outage(still) or self._is_over(self._lost_at):
                    raise
        self._back_at = time.monotonic()
        if not is_full:
            log.warning("The database is back after %.0f seconds.", self._back_at - self._lost_at)

    def _is_over(self, lost_at: float) -> bool:
        return time.monotonic() > lost_at + self.patience or self._is_stopped()

    def _is_stopped(self) -> bool:
        """Asked to, and the grace is over."""
        return self.stops_at is not None and time.monotonic() > self.stops_at

    async def _sleep(self, seconds: float) -> None:
        """Or until the grace after being asked to stop is over."""
        ends_at = time.monotonic() + seconds
        while (now := time.monotonic()) < min(ends_at, self.stops_at or ends_at):
            await asyncio.sleep(min(0.2, ends_at - now))

    async def _show_life(self) -> None:
        """By a connection of its own, since the pool's may be dead. Asking how to connect starts an embedded server."""
        parameters = await sync_to_async(connector_params, thread_sensitive=False)()
        async with await psycopg.AsyncConnection.connect(**parameters, autocommit=True) as connection:
            if self._worker_id is None:
                await connection.execute("SELECT 1")
            else:
                await connection.execute(SHOW_LIFE, [self._worker_id])
