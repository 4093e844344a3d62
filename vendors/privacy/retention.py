"""Vendors, imports and files without a row that may be kept no longer. The nightly tasks and `purge` come here."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from vendors.away import lifecycle as away
from vendors.bulk import runs as bulk_runs
from vendors.bulk_import import runs
from vendors.colleagues import absences
from vendors.documents import storage as document_storage
from vendors.feed import retention as feed
from vendors.privacy import erasure, listing


def purge(*, now: dt.datetime | None = None, dry_run: bool = False, at_most: int | None = None) -> dict[str, int]:
    """Remove it; how much of each kind. A dry run counts the same and changes nothing.

    `at_most` vendors go, instead of as many as the settings allow for one night.
    """
    now = now or timezone.now()
    return {
        **listing.carry_out(now=now, dry_run=dry_run, at_most=at_most),
        "rows_of_erased_vendors": erasure.forget_strays(dry_run=dry_run),
        "times_away": away.forget_old(now=now, dry_run=dry_run),
        "actions_for_many": bulk_runs.forget_old(now=now, dry_run=dry_run),
        "absences": absences.forget_old(now=now, dry_run=dry_run),
        "imports": runs.forget_old(now=now, dry_run=dry_run),
        "feed_lines": feed.forget_superseded(now=now, dry_run=dry_run),
        "orphaned_files": document_storage.forget_orphans(now=now, dry_run=dry_run),
    }
