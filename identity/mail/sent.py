"""Which emails went to whom, kept while a report about one may come back: only what is known here was sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.conf import settings
from django.utils import timezone

from identity.mail import message_ids
from identity.models import SentEmail

KEPT_FOR = dt.timedelta(days=30)


def note(message_id: str, *, to: Sequence[str], user_id: int | None) -> None:
    """Before it goes out: a report can be faster than whoever would write it down afterwards."""
    if not settings.BOUNCE_MAILBOX:
        return
    now = timezone.now()
    SentEmail.objects.bulk_create(
        (
            SentEmail(token=message_ids.token(message_id), address=address, user_id=user_id, sent_at=now)
            for address in to
        ),
        ignore_conflicts=True,
    )
