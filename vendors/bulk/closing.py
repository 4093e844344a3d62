"""Closing many vendors, all in the same way and for the same reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vendors import lifecycle
from vendors.bulk.refusals import NotInThisWay, Parameters
from vendors.closing import lifecycle as closing
from vendors.models import BulkRow, ClosedAs, Vendor

WAYS = (*closing.REASONS_TO_CLOSE, ClosedAs.LEFT)


def seen(vendor: Vendor) -> str:
    return vendor.state


def why_not(vendors: Sequence[Vendor], parameters: Parameters) -> Mapping[int, str]:
    way = parameters.get("closed_as", "")
    reasons = {vendor.pk: _refusal(vendor, way) for vendor in vendors}
    return {pk: str(reason) for pk, reason in reasons.items() if reason}


def close(vendor: Vendor, row: BulkRow) -> None:
    """Raise lifecycle.WrongState or NotInThisWay."""
    parameters = row.run.parameters
    if refusal := _refusal(vendor, parameters["closed_as"]):
        raise refusal
    carry_out = closing.end if vendor.can("end") else closing.close
    carry_out(vendor, closed_as=ClosedAs(parameters["closed_as"]), by=row.run.by, reason=parameters["reason"])


def _refusal(vendor: Vendor, way: str) -> Exception | None:
    if not (vendor.can("end") or vendor.can("decline")):
        return lifecycle.WrongState(vendor)
    if way and (way == ClosedAs.LEFT) != vendor.can("end"):
        return NotInThisWay(vendor)
    return None
