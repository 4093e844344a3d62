"""Is what must keep running still running?"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.utils import timezone

from identity.mail import delivery, message_ids
from identity.models import Heartbeat

DEAD_AFTER = dt.timedelta(minutes=5)


def beat(name: str) -> None:
    Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": timezone.now()})


def last(name: str) -> dt.datetime | None:
    return Heartbeat.objects.filter(name=name).values_list("beat_at", flat=True).first()


def is_dead(name: str) -> bool:
    return is_too_long_ago(last(name))


def is_too_long_ago(seen_at: dt.datetime | None) -> bool:
    """Not seen for five minutes, or never."""
    return seen_at is None or seen_at <= timezone.now() - DEAD_AFTER


def tell_worker_is_dead() -> None:
    """Mail operations, once for each time that the worker stopped. Called by whoever leaves work for it."""
    seen_at = last("worker")
    told_at = last("worker_told_dead")
    if not is_dead("worker") or (told_at is not None and (seen_at is None or told_at > seen_at)):
        return
    beat("worker_told_dead")
    delivery.deliver(
        to=list(settings.OPERATIONS_EMAIL),
        template="identity/mail/worker_dead",
        context={"last": seen_at},
        message_id=message_ids.of("worker-dead", last("worker_told_dead")),
        reply_to=settings.OPERATIONS_EMAIL,
    )
