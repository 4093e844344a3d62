"""Lines of the feed that no reader needs any more: a line says what is so now, so a later one says the same."""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from vendors.models import FeedLine

KEPT_FOR = dt.timedelta(days=90)


def forget_superseded(*, now: dt.datetime | None = None, dry_run: bool = False) -> int:
    """At least one line of each vendor stays, so that cursors never grow too old."""
    later = FeedLine.objects.filter(
        vendor=OuterRef("vendor"), transaction__gte=OuterRef("transaction"), pk__gt=OuterRef("pk")
    )
    # That somebody changed is told only while they are approved, so it stands for nothing else.
    is_superseded = Exists(later.exclude(kind=FeedLine.Kind.CHANGED)) | (Q(kind=FeedLine.Kind.CHANGED) & Exists(later))
    old = FeedLine.objects.filter(is_superseded, at__lt=(now or timezone.now()) - KEPT_FOR)
    return old.count() if dry_run else old.delete()[0]
