"""How Passport's durable tasks are retried, and what surrounds each of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from typing import Any

from django.db import connection, connections
from django.utils import timezone
from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

from identity.failures import cases
from identity.models import Failure

DELAYS = (10, 30, 60, 300, 900)
TELL_AFTER_ATTEMPTS = 3


class RetryLater(Exception):
    """The task must be run again, after so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"again in {seconds:g} s")
        self.seconds = seconds


class Retry(BaseRetryStrategy):
    """After 10, 30, 60, 300 and 900 s, then every 15 minutes up to `attempts`. RetryLater says itself when."""

    def __init__(self, *, attempts: int = 100) -> None:
        self.attempts = attempts

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, RetryLater):
            return RetryDecision(retry_at=timezone.now() + dt.timedelta(seconds=exception.seconds))
        if job.attempts >= self.attempts:
            return None
        delay = DELAYS[min(job.attempts, len(DELAYS) - 1)]
        return RetryDecision(retry_at=timezone.now() + dt.timedelta(seconds=delay))


RETRY = Retry()


async def rescue_stalled_jobs(manager: JobManager) -> None:
    """Put back what a killed worker was doing: its jobs stay "doing" for ever otherwise."""
    for job in await manager.get_stalled_jobs():
        try:
            await manager.retry_job(job)
        except UniqueViolation:  # a periodic task that is queued once more already
            await manager.finish_job(job, status=Status.ABORTED, delete_job=True)


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


def with_fresh_connections(call_next: Callable[[], Any], context: Any, worker: Any) -> Any:
    """Each task has a connection of its own, closed at its end: the worker's threads keep none alive."""
    try:
        return call_next()
    finally:
        connections.close_all()


def watching_the_mail_server(call_next: Callable[[], Any], context: Any, worker: Any) -> Any:
    """A mail server that is dead is one case, told when it lives again and listed in the admin until then."""
    if context.job.queue != "mail":
        return call_next()
    try:
        result = call_next()
    except OSError as error:  # smtplib's exceptions are such
        if context.job.attempts == TELL_AFTER_ATTEMPTS:
            cases.report(
                stage=Failure.Stage.MAIL,
                reason="mail_not_sent",
                detail={"error": type(error).__name__, "task": context.job.task_name},
            )
        raise
    cases.resolve_common(Failure.Stage.MAIL, how="mail is going out again")
    return result


TASK_MIDDLEWARE = [with_fresh_connections, watching_the_mail_server]
