"""Vendors are told 60, 30 and 7 days before one of their documents expires."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from identity.jobs.queue import defer
from vendors.models import Document, VendorState

DAYS_BEFORE = (60, 30, 7)


def remind(*, today: dt.date | None = None) -> int:
    """Queue what is due; answer how many. Idempotent: each of the three once, and only the latest that is due.

    Somebody whose reminders were missed (no worker for weeks) gets one, not three.
    """
    today = today or timezone.now().date()
    reminded = 0
    for days in sorted(DAYS_BEFORE):
        due = (
            # In force although the vendor may have chosen another file: that one may never be sent.
            Document.objects.in_force().filter(
                Q(reminded_days_before=None) | Q(reminded_days_before__gt=days),
                expires_on__gte=today,
                expires_on__lte=today + dt.timedelta(days=days),
                vendor__state=VendorState.APPROVED,
            )
        )
        for document in due.order_by("expires_on").iterator():
            reminded += _remind(document, days=days)
    return reminded


@transaction.atomic
def _remind(document: Document, *, days: int) -> int:
    due = Document.objects.in_force().filter(pk=document.pk, reminded_days_before=document.reminded_days_before)
    first = due.update(reminded_days_before=days)
    if first:
        defer("vendors.tasks.mail_document_expiring", document_id=str(document.pk), days=days)
    return first
