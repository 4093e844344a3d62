"""How long Graph wants no more requests of a kind ("invitations", "users", …).

Each 429, or 503 with Retry-After, answers one request only, but it holds for all: whoever asks sooner is refused as
well, in whatever worker and on whatever machine. So the end is kept in the database, and by its clock, as those of the
workers differ.
"""

from __future__ import annotations

import datetime as dt
import time

from django.db import transaction
from django.db.models import DurationField, ExpressionWrapper, F
from django.db.models.functions import Greatest, Now

from identity.models import GraphPause

UNSAID = 5.0  # seconds, the window of the limit on invitations
HOLD = 10.0  # seconds that a request is held back at most


def begin(kind: str, *, seconds: float | None) -> None:
    """Ask for nothing of this kind for so long. A longer pause stays as it is."""
    ends_at = Now() + dt.timedelta(seconds=UNSAID if seconds is None else seconds)
    with transaction.atomic():  # a worker that dies in between would leave a pause that is over already
        GraphPause.objects.bulk_create([GraphPause(kind=kind, ends_at=Now())], ignore_conflicts=True)
        GraphPause.objects.filter(pk=kind).update(ends_at=Greatest(F("ends_at"), ends_at))


def left(kind: str) -> float:
    """Seconds to the end of the pause."""
    remaining = ExpressionWrapper(F("ends_at") - Now(), output_field=DurationField())
    time_left = GraphPause.objects.filter(pk=kind, ends_at__gt=Now()).values_list(remaining, flat=True).first()
    return time_left.total_seconds() if time_left else 0.0


def wait(kind: str) -> float:
    """Wait for the end of a short pause. Of a long one return at once how many seconds are left, else 0."""
    gives_up_at = time.monotonic() + HOLD
    while seconds := left(kind):
        if time.monotonic() + seconds > gives_up_at:
            return seconds
        time.sleep(seconds)
    return 0.0
