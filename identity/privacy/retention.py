"""What may be kept no longer. The nightly task and the command `purge` both come here."""

from __future__ import annotations

import datetime as dt

from django.db import connection, models
from django.utils import timezone

from identity import networks
from identity.invitations import guests
from identity.mail import sent
from identity.models import (
    Device,
    EmergencyLink,
    Failure,
    FailurePerson,
    LoggedSignIn,
    NetworkCount,
    SentEmail,
    Session,
    SignInAttempt,
)
from identity.sessions.store import STAY_ABSOLUTE

SECRETS_KEPT_FOR = dt.timedelta(minutes=30)
ATTEMPTS_KEPT_FOR = dt.timedelta(days=90)
CASES_KEPT_FOR = dt.timedelta(days=365)
LINKS_KEPT_FOR = dt.timedelta(days=365)
JOBS_KEPT_FOR = dt.timedelta(days=7)

_OLD_JOBS = """
    FROM procrastinate_jobs AS job
    WHERE job.status IN ('succeeded', 'failed', 'cancelled', 'aborted')
      AND (SELECT max(event.at) FROM procrastinate_events AS event WHERE event.job_id = job.id) < %s
"""


def purge(*, now: dt.datetime | None = None, dry_run: bool = False) -> dict[str, int]:
    """Remove it; how much of each kind. A dry run counts the same and changes nothing."""
    now = now or timezone.now()
    resolved = Failure.objects.filter(state=Failure.State.RESOLVED)
    due: dict[str, models.QuerySet] = {
        "sign_in_attempts": SignInAttempt.objects.filter(started_at__lt=now - ATTEMPTS_KEPT_FOR),
        "logged_sign_ins": LoggedSignIn.objects.filter(at__lt=now - ATTEMPTS_KEPT_FOR),
        "people_in_failures": FailurePerson.objects.filter(
            reported_at__isnull=False, resolved_at__lt=now - CASES_KEPT_FOR, failure__state=Failure.State.OPEN
        ),
        "resolved_failures": resolved.filter(resolved_at__lt=now - CASES_KEPT_FOR),
        "ended_sessions": Session.objects.filter(expire_date__lt=now),
        "network_counts": NetworkCount.objects.filter(since__lt=now - networks.KEPT_FOR),
        "ended_devices": Device.objects.exclude(ended_at=None, interactive_at__gt=now - STAY_ABSOLUTE),
        "sent_emails": SentEmail.objects.filter(sent.outdated(now=now)),
        "emergency_links": EmergencyLink.objects.filter(created_at__lt=now - LINKS_KEPT_FOR),
    }
    return {
        # Before the attempts themselves go, or those would count here in a dry run only.
        "sign_in_secrets": _empty_transactions(now, dry_run=dry_run),
        **{kind: forget(rows, dry_run=dry_run) for kind, rows in due.items()},
        "guests_of_erased_people": guests.forget_removed(dry_run=dry_run),
        "finished_jobs": _forget_finished_jobs(now, dry_run=dry_run),
    }


def forget(rows: models.QuerySet, *, dry_run: bool) -> int:
    """How many there were, whatever goes with them."""
    if dry_run:
        return rows.count()
    return rows.delete()[1].get(rows.model._meta.label, 0)


def _empty_transactions(now: dt.datetime, *, dry_run: bool) -> int:
    """Nonce and verifier of sign-ins that did not come back in time: they open nothing any more."""
    late = SignInAttempt.objects.filter(started_at__lt=now - SECRETS_KEPT_FOR).exclude(transaction={})
    return late.count() if dry_run else late.update(transaction={})


def _forget_finished_jobs(now: dt.datetime, *, dry_run: bool) -> int:
    """Procrastinate's own removal counts nothing and cannot be tried without doing it."""
    with connection.cursor() as cursor:
        if dry_run:
            cursor.execute(f"SELECT count(*) {_OLD_JOBS}", [now - JOBS_KEPT_FOR])
            return cursor.fetchone()[0]
        cursor.execute(f"DELETE {_OLD_JOBS}", [now - JOBS_KEPT_FOR])
        return cursor.rowcount
