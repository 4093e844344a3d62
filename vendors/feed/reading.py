"""The feed, read in an order in which nothing is missed, however long a transaction takes to be committed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from vendors.feed import cursor as cursors
from vendors.feed import epoch, lines
from vendors.feed.cursor import Cursor
from vendors.models import FeedLine, VendorState

CHUNK = 200
# What is committed from now on is in transactions from this one on, or in later ones.
SETTLED = """
    SELECT pg_snapshot_xmin(now)::text::bigint, pg_snapshot_xmax(now)::text::bigint FROM pg_current_snapshot() now
"""


def read(since: str = "") -> Iterator[dict[str, Any]]:
    """Everything after the cursor, or every approved vendor and the cursor to go on with.

    Raise Unreadable or Outdated before the first line.
    """
    cursor = cursors.parse(since) if since else None
    name = epoch.current_epoch()
    with transaction.atomic(durable=True), connection.cursor() as database:
        # One view of the database for all of it: what a line says and which lines there are fit together.
        database.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        database.execute(SETTLED)
        settled, newest = database.fetchone()
        if cursor and (cursor.epoch != name or cursor.transaction > newest):
            raise cursors.Outdated
        if cursor is None:
            cursor = Cursor(name, settled, listed=0)
        yield from _everybody(cursor) if cursor.listed is not None else _after(cursor, settled)


def _everybody(cursor: Cursor) -> Iterator[dict[str, Any]]:
    vendors = lines.approved_vendors().filter(pk__gt=cursor.listed).order_by("pk").prefetch_related(*lines.related())
    for vendor in vendors.iterator(chunk_size=CHUNK):
        cursor = cursor.after_vendor(vendor.pk)
        yield lines.line(FeedLine.Kind.APPROVED, at=vendor.state_changed_at, cursor=cursor, pk=vendor.pk, vendor=vendor)
    yield {"event": "cursor", "cursor": str(cursor.after_list())}


def _after(cursor: Cursor, settled: int) -> Iterator[dict[str, Any]]:
    later = Q(transaction__gt=cursor.transaction) | Q(transaction=cursor.transaction, pk__gt=cursor.line)
    # Whoever is not approved now is told with the line that says why, and in full with the one that ends it.
    told = ~Q(kind=FeedLine.Kind.CHANGED) | Q(vendor__state=VendorState.APPROVED)
    rows = FeedLine.objects.filter(later, told, transaction__gte=cursor.transaction, transaction__lt=settled)
    rows = rows.order_by("transaction", "pk").select_related("vendor").prefetch_related(*lines.related("vendor__"))
    for row in rows.iterator(chunk_size=CHUNK):
        yield lines.line(
            row.kind,
            at=row.at,
            cursor=Cursor(cursor.epoch, row.transaction, row.pk),
            pk=row.vendor_id,
            vendor=row.vendor if row.kind in lines.WITH_VENDOR else None,
        )
