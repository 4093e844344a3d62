"""When durable tasks are tried again, and by whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

from django.db import connection
from django.utils import timezone
from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.jobs import Job
from procrastinate.manager import JobManager

DELAYS = (10, 30, 60, 300, 900)  # seconds; the last one again and again
TELL_AFTER_ATTEMPTS = 3  # trouble that lasts longer than a moment
ATTEMPTS_AT_MOST = 100


class RetryLater(Exception):
    """The task must be run again, after so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"again in {seconds:g} s")
        self.seconds = seconds


def delay_after(failed: int, *, retry_after: float | None = None) -> float:
    """How many seconds to wait after so many tries that failed, or when the other side has said how long."""
    if retry_after is not None:
        return retry_after + 1  # one second more than asked for: our clock and theirs are not the same
    return float(DELAYS[min(max(failed, 1), len(DELAYS)) - 1])


class Retry(BaseRetryStrategy):
    """By the schedule, up to a hundred times. RetryLater says itself when, and is never given up."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, RetryLater):
            seconds = exception.seconds
        elif job.attempts >= ATTEMPTS_AT_MOST:
            return None
        else:
            seconds = delay_after(job.attempts + 1)
        return RetryDecision(retry_at=timezone.now() + dt.timedelta(seconds=seconds))


RETRY = Retry()


async def rescue_stalled_jobs(manager: JobManager) -> None:
    """Put back what a killed worker was doing: its jobs stay "doing" for ever otherwise."""
    for job in await manager.get_stalled_jobs():
        await manager.retry_job(job)


def forget_jobs(ids: Mapping[str, Collection[str]]) -> int:
    """Delete the jobs with one of these values as the argument of that name, unless they are under way."""
    return _jobs_with(ids, "DELETE FROM procrastinate_jobs WHERE status <> 'doing' AND")


def is_any_under_way(ids: Mapping[str, Collection[str]]) -> bool:
    return bool(_jobs_with(ids, "SELECT 1 FROM procrastinate_jobs WHERE status = 'doing' AND"))


def _jobs_with(ids: Mapping[str, Collection[str]], statement: str) -> int:
    """How many rows the statement concerned. Procrastinate's models are for reading only."""
    asked = {name: list(values) for name, values in ids.items() if values}
    if not asked:
        return 0
    condition = " OR ".join(["args->>%s = ANY(%s)"] * len(asked))
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} ({condition})", [part for pair in asked.items() for part in pair])
        return cursor.rowcount
