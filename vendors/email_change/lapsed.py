"""Planned changes whose new address nobody uses."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from identity.failures import cases
from identity.models import Failure
from vendors.models import EmailChange

AFTER = dt.timedelta(days=14)


def report(*, now: dt.datetime | None = None) -> int:
    """Open a case for each planned change whose new address has not been used for 14 days. Once for each change."""
    before = (now or timezone.now()) - AFTER
    lapsed = EmailChange.objects.filter(
        state=EmailChange.State.OPEN, mode=EmailChange.Mode.PLANNED, created_at__lt=before
    )
    reported = 0
    for change in lapsed.select_related("vendor__user").iterator():
        known = Failure.objects.filter(
            user=change.vendor.user, reason="change_not_accepted", last_seen_at__gte=change.created_at
        )
        if not known.exists():
            cases.report(
                stage=Failure.Stage.EMAIL_CHANGE,
                reason="change_not_accepted",
                user=change.vendor.user,
                address=change.new,
            )
            reported += 1
    return reported
