"""Withdrawing the invitations of many vendors, as far as nobody has used them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vendors.bulk.refusals import Parameters
from vendors.going_live import lifecycle as going_live
from vendors.models import BulkRow, Vendor

ACTION = "withdraw-invitation"


def why_not(vendors: Sequence[Vendor], parameters: Parameters) -> Mapping[int, str]:
    return {pk: str(reason) for pk, reason in going_live.why_not_withdrawn(vendors).items()}


def withdraw(vendor: Vendor, row: BulkRow) -> None:
    """Raise going_live.KeepsAccess or going_live.NothingToWithdraw."""
    going_live.withdraw_unused(vendor, by=row.run.by, reason=row.run.parameters["reason"])
