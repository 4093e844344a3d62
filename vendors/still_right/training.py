"""Training and practice: what ISO 17100 asks a translation company to have recorded of its translators."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from vendors import lifecycle
from vendors.models import TrainingRecord, Vendor, VendorEvent

Kind = VendorEvent.Kind
AT_MOST = 200


class TooMany(Exception):
    def __init__(self) -> None:
        super().__init__(_("You have already listed %(count)s. Remove one first.") % {"count": AT_MOST})


@transaction.atomic
def add(vendor: Vendor, *, what: str, month: str, hours: Decimal) -> TrainingRecord:
    """Raise TooMany or lifecycle.WrongState."""
    lifecycle.check_approved(vendor)
    if vendor.training_records.count() >= AT_MOST:
        raise TooMany
    # A second press of the button adds nothing.
    record, is_new = TrainingRecord.objects.get_or_create(vendor=vendor, what=what, month=month, hours=hours)
    if is_new:
        lifecycle.record(vendor, Kind.TRAINING_ADDED, by=vendor.user)
    return record


@transaction.atomic
def remove(vendor: Vendor, pk: int) -> bool:
    """False when it was removed already. Raise lifecycle.WrongState."""
    lifecycle.check_approved(vendor)
    removed = bool(TrainingRecord.objects.filter(vendor=vendor, pk=pk).delete()[0])
    if removed:
        lifecycle.record(vendor, Kind.TRAINING_REMOVED, by=vendor.user)
    return removed
