"""Making one colleague the owner of many vendors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from identity.text_direction import gettext as _
from vendors import lifecycle
from vendors.bulk.refusals import ChangedSince, Parameters
from vendors.models import BulkRow, Vendor, VendorState


def seen(vendor: Vendor) -> str:
    return str(vendor.owner_id or "")


def why_not(vendors: Sequence[Vendor], parameters: Parameters) -> Mapping[int, str]:
    refused = {vendor.pk: str(lifecycle.WrongState(vendor)) for vendor in vendors if _is_erased(vendor)}
    if "owner" in parameters:
        already = _("%(vendor)s already has this owner.")
        refused |= {
            vendor.pk: already % {"vendor": vendor} for vendor in vendors if vendor.owner_id == parameters["owner"]
        }
    return refused


def assign(vendor: Vendor, row: BulkRow) -> None:
    """Raise ChangedSince when a colleague has assigned it to somebody else meanwhile."""
    if _is_erased(vendor):
        raise lifecycle.WrongState(vendor)
    as_seen = Vendor.objects.filter(pk=vendor.pk, owner=int(row.seen) if row.seen else None)
    if not as_seen.update(owner=row.run.parameters["owner"]):
        raise ChangedSince(vendor)


def _is_erased(vendor: Vendor) -> bool:
    return vendor.state == VendorState.ERASED
