"""Is what must keep running still running?"""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from identity.models import Heartbeat

DEAD_AFTER = dt.timedelta(minutes=5)


def beat(name: str) -> None:
    Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": timezone.now()})


def last(name: str) -> dt.datetime | None:
    return Heartbeat.objects.filter(name=name).values_list("beat_at", flat=True).first()


def is_dead(name: str) -> bool:
    """Not seen for five minutes, or never."""
    return not Heartbeat.objects.filter(name=name, beat_at__gt=timezone.now() - DEAD_AFTER).exists()
