"""Has what must happen every night happened?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.db.models import Max
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateEvent

from identity import outbound
from identity.jobs import heartbeat
from passport.self_check.findings import Finding, State, found

PURGE, BACKUP = "purge_not_run", "backup_too_old"
AT_MOST = dt.timedelta(hours=36)
DELETING = (
    "identity.tasks.purge_identity",
    "onboarding.tasks.sweep_documents",
    "onboarding.tasks.forget_drafts",
    "vendors.tasks.forget_imports",
    "vendors.tasks.forget_bulk_runs",
    "vendors.tasks.forget_times_away",
    "vendors.tasks.forget_feed_lines",
    "vendors.tasks.erase_what_is_due",
)


def look() -> Iterator[Finding]:
    """A copy on hold has its past from somewhere else, so nothing is asked of it."""
    if outbound.is_held():
        return
    yield from _purge()
    yield from _backup()


def _purge() -> Iterator[Finding]:
    claimed = outbound.owner()
    since = claimed.claimed_at if claimed is not None else timezone.now()
    late = timezone.now() - AT_MOST
    # Finished jobs are kept for a week, and the task that forgets them is one of these.
    done = ProcrastinateEvent.objects.filter(type="succeeded", job__task_name__in=DELETING)
    last = dict(done.values_list("job__task_name").annotate(at=Max("at")).order_by())
    missing = [name for name in DELETING if last.get(name, since) < late]
    problem = f"Not finished in the last 36 hours: {', '.join(missing)}." if missing else ""
    yield found("nightly deletion", PURGE, problem, well="It has run.")


def _backup() -> Iterator[Finding]:
    """Whoever has never made one with Passport makes them in another way."""
    made_at = heartbeat.last("backup")
    if made_at is None:
        return
    said = f"The last one was made on {made_at:%-d %B %Y at %H:%M} UTC."
    is_old = made_at < timezone.now() - AT_MOST
    yield Finding("backup", said, State.PROBLEM if is_old else State.WELL, BACKUP)
