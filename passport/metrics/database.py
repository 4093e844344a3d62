"""Numbers worked out when they are asked for, the same whichever process is asked, in as many statements whatever there
is."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import Error, connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from identity import outbound
from identity.failures import reasons
from identity.jobs import heartbeat
from identity.microsoft import credentials
from identity.models import Failure, GraphAnswers, Invitation, SignInAttempt
from passport.version import VERSION

log = logging.getLogger(__name__)

MAIL_QUEUE = "mail"
SECONDS_AT_MOST = 5  # for each statement: whoever asks comes again, and must not occupy one process after the other
SIGN_INS_OF = dt.timedelta(hours=1)

# A job is due from when it was meant for, or from when it was queued.
_WAITING = """
WITH waiting AS (
    SELECT queue_name,
           count(*) FILTER (WHERE task_name <> ALL(%s)) AS jobs,
           min(scheduled_at) FILTER (WHERE scheduled_at <= now()) AS due_since,
           min(id) FILTER (WHERE scheduled_at IS NULL) AS first
    FROM procrastinate_jobs WHERE status = 'todo' GROUP BY queue_name
)
SELECT queue_name, jobs, greatest(extract(epoch FROM now() - least(due_since, (
    SELECT min(at) FROM procrastinate_events WHERE job_id = waiting.first AND type = 'deferred'
))), 0) FROM waiting
"""
_FAILED = "SELECT queue_name, count(*) FROM procrastinate_jobs WHERE status = 'failed' GROUP BY queue_name"
_INVITATIONS = f"SELECT state, count(*) FROM {Invitation._meta.db_table} GROUP BY state"
_OPEN_CASES = f"SELECT reason, count(*) FROM {Failure._meta.db_table} WHERE state = 'open' GROUP BY reason"
_SIGN_INS = f"""
SELECT outcome, count(*) FROM {SignInAttempt._meta.db_table} WHERE started_at >= %s AND NOT by_program GROUP BY outcome
"""
_GRAPH_ANSWERS = f"SELECT kind, status, count FROM {GraphAnswers._meta.db_table} ORDER BY kind, status"


class DatabaseNumbers:
    """For a registry of prometheus_client."""

    def collect(self) -> Iterator[Metric]:
        yield _gauge("passport_info", "The version that is running.", "version", {VERSION: 1})
        yield _gauge(
            "passport_credential_expires_in_days",
            "Days until Entra ID no longer accepts the credential.",
            "credential",
            _days_left(),
        )
        try:
            with transaction.atomic():
                _rows(f"SET LOCAL statement_timeout = '{SECONDS_AT_MOST}s'")
                found = [*_jobs(), *_invitations(), *_sign_ins(), *_open_cases(), *_microsoft(), *_running()]
        except Error as error:
            log.warning("The database did not respond (%s), so there are no metrics from it.", type(error).__name__)
            found = []
        yield _gauge("passport_database_up", "Whether the database responded: 1, or 0.", value=bool(found))
        yield from found


def _jobs() -> Iterator[Metric]:
    periodic = [task.task.name for task in app.periodic_registry.periodic_tasks.values()]
    waiting = _rows(_WAITING, [periodic])
    queues = {task.queue for task in app.tasks.values() if not task.name.startswith("builtin:")}
    ages = dict.fromkeys(queues, 0.0) | {queue: float(age or 0) for queue, _jobs, age in waiting}
    failed = dict.fromkeys(queues, 0) | dict(_rows(_FAILED))
    emails = sum(jobs for queue, jobs, _age in waiting if queue == MAIL_QUEUE)
    yield _gauge("passport_oldest_job_age_seconds", "How long the oldest job has been due.", "queue", ages)
    yield _gauge("passport_failed_jobs", "Jobs abandoned in the last seven days.", "queue", failed)
    yield _gauge("passport_emails_waiting", "Emails that have not been sent yet.", value=emails)


def _invitations() -> Iterator[Metric]:
    counts = dict.fromkeys(Invitation.State.values, 0) | dict(_rows(_INVITATIONS))
    yield _gauge("passport_invitations", "Invitations by state.", "state", counts)


def _sign_ins() -> Iterator[Metric]:
    counts = dict.fromkeys(SignInAttempt.Outcome.values, 0) | dict(_rows(_SIGN_INS, [timezone.now() - SIGN_INS_OF]))
    named = {outcome or "under_way": count for outcome, count in counts.items()}
    yield _gauge("passport_sign_ins_last_hour", "Sign-ins started in the last hour, by outcome.", "outcome", named)


def _open_cases() -> Iterator[Metric]:
    counts = {reasons.VM: 0, reasons.OPERATIONS: 0}
    for code, count in _rows(_OPEN_CASES):
        known = reasons.CATALOGUE.get(code)
        # A reason that this version lacks is for operations, as in cases.dealt_with_by.
        counts[known.audience if known else reasons.OPERATIONS] += count
    yield _gauge("passport_open_cases", "Open cases, by who deals with them.", "audience", counts)


def _microsoft() -> Iterator[Metric]:
    answers = CounterMetricFamily(
        "passport_graph_answers", "Responses from Microsoft Graph and its token endpoint.", labels=["kind", "status"]
    )
    for kind, status, count in _rows(_GRAPH_ANSWERS):
        answers.add_metric([kind, status], count)
    yield answers


def _running() -> Iterator[Metric]:
    seen_at = heartbeat.last("worker")
    yield _gauge(
        "passport_worker_last_seen_timestamp_seconds",
        "When a worker was last seen; 0 if never.",
        value=seen_at.timestamp() if seen_at else 0,
    )
    yield _gauge(
        "passport_outbound_held",
        "Whether outgoing email and requests to Graph are on hold: 1, or 0.",
        value=bool(outbound.reason()),
    )


def _days_left() -> dict[str, float]:
    """Of what is used and known; `manage.py check` says what is wrong with the settings."""
    now = timezone.now()
    left = {}
    if settings.ENTRA_CLIENT_SECRET_EXPIRES:
        try:
            day = dt.date.fromisoformat(settings.ENTRA_CLIENT_SECRET_EXPIRES)
        except ValueError:
            pass
        else:
            left["client_secret"] = dt.datetime.combine(day, dt.time(), dt.UTC) - now
    if settings.ENTRA_CLIENT_CERTIFICATE:
        try:
            left["certificate"] = (
                credentials.read_certificate(settings.ENTRA_CLIENT_CERTIFICATE).not_valid_after_utc - now
            )
        except (OSError, ValueError):
            left["certificate"] = dt.timedelta()  # nobody can sign in with it
    return {name: round(time_left / dt.timedelta(days=1), 2) for name, time_left in left.items()}


def _gauge(
    name: str, told: str, label: str = "", values: Mapping[str, float] | None = None, *, value: float | None = None
) -> Metric:
    if values is None:
        return GaugeMetricFamily(name, told, value=value)
    family = GaugeMetricFamily(name, told, labels=[label])
    for key, number in sorted(values.items()):
        family.add_metric([key], number)
    return family


def _rows(statement: str, parameters: Sequence[Any] | None = None) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []
