"""The same note about each of many vendors."""

from __future__ import annotations

from vendors.models import BulkRow, Vendor, VendorState
from vendors.notes import lifecycle as notes

ACTION = "add-note"


def can_be_added(vendor: Vendor) -> bool:
    return vendor.state != VendorState.ERASED


def add(vendor: Vendor, row: BulkRow) -> None:
    """Raise notes.Erased."""
    parameters = row.run.parameters
    notes.add(vendor, text=parameters["text"], by=row.run.by, is_pinned=parameters["is_pinned"])
