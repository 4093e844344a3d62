"""Taking back what an import did to those who have not signed in since."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import islice

from django.db.models import QuerySet

from identity.models import User
from identity.text_direction import gettext as _
from vendors.bulk_import import csv_rows
from vendors.bulk_import.csv_rows import Kind
from vendors.going_live import lifecycle as going_live
from vendors.models import ImportRow, Vendor, VendorEvent, VendorImport

State = VendorImport.State


class Outcome(Enum):
    WITHDRAWN = "withdrawn"
    CARRIED_OVER = "withdrawn, and still approved: the profile was carried over"
    SIGNED_IN = "not withdrawn: has signed in"
    NOTHING_TO_DO = "not withdrawn: there is nothing to withdraw"


WITHDRAWN = (Outcome.WITHDRAWN, Outcome.CARRIED_OVER)


@dataclass(frozen=True)
class Withdrawn:
    vendor: Vendor
    outcome: Outcome


class NotDone(Exception):
    """The import is waiting or under way."""

    def __init__(self) -> None:
        super().__init__(_("This import has not finished yet. Wait until it has, then withdraw it."))


def added(run: VendorImport) -> QuerySet[ImportRow]:
    """The rows of those whom the import added, who are all it may be withdrawn from. Raise NotDone."""
    if run.state != State.DONE:
        raise NotDone
    return ImportRow.objects.filter(run=run, kind=Kind.ADDED, is_done=True, vendor__isnull=False).order_by("line")


def numbers(run: VendorImport) -> tuple[int, int]:
    """How many of those whom it added have had their invitation withdrawn since, and of how many it can be. Raise
    NotDone.
    """
    vendors = added(run).order_by().values("vendor")
    withdrawn = VendorEvent.objects.filter(vendor__in=vendors, kind=VendorEvent.Kind.INVITATION_WITHDRAWN)
    left = going_live.withdrawable().filter(pk__in=vendors)
    return withdrawn.order_by().values("vendor").distinct().count(), left.count()


def withdraw(
    run: VendorImport, *, reason: str, by: User | None = None, via: str = "", dry_run: bool = False
) -> Iterator[Withdrawn]:
    """Whom the import added, each in a transaction of its own. It may be run again. Raise NotDone."""
    rows = added(run).select_related("vendor__user").iterator(chunk_size=csv_rows.TOGETHER)
    while vendors := [row.vendor for row in islice(rows, csv_rows.TOGETHER) if row.vendor]:
        why_not = going_live.why_not_withdrawn(vendors) if dry_run else {}
        for vendor in vendors:
            refusal = why_not.get(vendor.pk) if dry_run else _refusal(vendor, reason=reason, by=by, via=via)
            yield Withdrawn(vendor, _outcome(vendor, refusal))


def _refusal(vendor: Vendor, *, reason: str, by: User | None, via: str) -> Exception | None:
    try:
        going_live.withdraw_unused(vendor, reason=reason, by=by, via=via)
    except (going_live.KeepsAccess, going_live.NothingToWithdraw) as refusal:
        return refusal
    return None


def _outcome(vendor: Vendor, refusal: Exception | None) -> Outcome:
    if isinstance(refusal, going_live.KeepsAccess):
        return Outcome.SIGNED_IN
    if refusal:
        return Outcome.NOTHING_TO_DO
    return Outcome.CARRIED_OVER if vendor.is_carried_over else Outcome.WITHDRAWN
