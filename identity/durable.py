"""How Passport's durable tasks are retried, and what surrounds each of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db import connections
from django.utils import timezone
from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.jobs import Job

DELAYS = (10, 30, 60, 300, 900)


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


def with_fresh_connections(call_next: Callable[[], Any], context: Any, worker: Any) -> Any:
    """Each task has a connection of its own, closed at its end: the worker's threads keep none alive."""
    try:
        return call_next()
    finally:
        connections.close_all()
