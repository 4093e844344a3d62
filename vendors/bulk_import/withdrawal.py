"""Taking back what an import did to those who have not signed in since."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from django.utils import timezone

from identity import accounts
from identity.direction import gettext as _
from identity.models import User
from vendors import lifecycle
from vendors.bulk_import import csv_rows
from vendors.bulk_import.csv_rows import Kind
from vendors.going_live import lifecycle as going_live
from vendors.models import ImportRow, Vendor, VendorImport

State = VendorImport.State


class Outcome(Enum):
    WITHDRAWN = "withdrawn"
    CARRIED_OVER = "withdrawn, and still approved: the profile was carried over"
    SIGNED_IN = "not withdrawn: has signed in"
    NOTHING_TO_DO = "not withdrawn: there is nothing to withdraw"


@dataclass(frozen=True)
class Withdrawn:
    vendor: Vendor
    outcome: Outcome


class NotDone(Exception):
    """The import is waiting or under way."""

    def __init__(self) -> None:
        super().__init__(_("This import has not finished yet. Wait until it has, then withdraw it."))


def withdraw(
    run: VendorImport, *, reason: str, by: User | None = None, via: str = "", dry_run: bool = False
) -> Iterator[Withdrawn]:
    """Whom the import added, each in a transaction of its own. It may be run again. Raise NotDone."""
    if run.state != State.DONE:
        raise NotDone
    rows = ImportRow.objects.filter(run=run, kind=Kind.ADDED, is_done=True, vendor__isnull=False)
    for row in rows.select_related("vendor__user").order_by("line").iterator(chunk_size=csv_rows.TOGETHER):
        vendor = row.vendor
        assert vendor is not None
        yield Withdrawn(vendor, _would_be(vendor) if dry_run else _withdraw(vendor, reason=reason, by=by, via=via))
    if not dry_run:
        VendorImport.objects.filter(pk=run.pk).update(withdrawn_at=timezone.now())


def _withdraw(vendor: Vendor, *, reason: str, by: User | None, via: str) -> Outcome:
    try:
        going_live.withdraw_unused(vendor, reason=reason, by=by, via=via)
    except lifecycle.HasSignedIn:
        return Outcome.SIGNED_IN
    except lifecycle.WrongState:
        return Outcome.NOTHING_TO_DO
    return Outcome.CARRIED_OVER if vendor.is_carried_over else Outcome.WITHDRAWN


def _would_be(vendor: Vendor) -> Outcome:
    if accounts.has_signed_in(vendor.user):
        return Outcome.SIGNED_IN
    if not going_live.may_be_withdrawn(vendor):
        return Outcome.NOTHING_TO_DO
    return Outcome.CARRIED_OVER if vendor.is_carried_over else Outcome.WITHDRAWN
