"""Putting tags on many vendors, and taking them off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from identity.text_direction import gettext as _
from vendors import lifecycle
from vendors.bulk.refusals import Parameters
from vendors.models import BulkRow, Vendor, VendorState, VendorTag
from vendors.tags import lifecycle as tags


def why_not_add(vendors: Sequence[Vendor], parameters: Parameters) -> Mapping[int, str]:
    refused, wanted, known = _erased(vendors), _tags(parameters), _known(vendors)
    for vendor in vendors:
        now = known.get(vendor.pk, set())
        if wanted and wanted <= now:
            refused.setdefault(vendor.pk, _("%(vendor)s already has these tags.") % {"vendor": vendor})
        elif len(wanted | now) > tags.MOST:
            refused.setdefault(vendor.pk, str(tags.TooMany(vendor)))
    return refused


def why_not_remove(vendors: Sequence[Vendor], parameters: Parameters) -> Mapping[int, str]:
    refused, wanted, known = _erased(vendors), _tags(parameters), _known(vendors)
    for vendor in vendors:
        if wanted and not wanted & known.get(vendor.pk, set()):
            refused.setdefault(vendor.pk, _("%(vendor)s has none of these tags.") % {"vendor": vendor})
    return refused


def add(vendor: Vendor, row: BulkRow) -> None:
    """Raise lifecycle.WrongState or tags.TooMany."""
    _refuse_erased(vendor)
    tags.add(vendor, _tags(row.run.parameters), by=row.run.by)


def remove(vendor: Vendor, row: BulkRow) -> None:
    """Raise lifecycle.WrongState."""
    _refuse_erased(vendor)
    tags.remove(vendor, _tags(row.run.parameters), by=row.run.by)


def _tags(parameters: Parameters) -> set[str]:
    return set(tags.parse(parameters.get("tags", "")))


def _known(vendors: Sequence[Vendor]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    rows = VendorTag.objects.filter(vendor__in=[vendor.pk for vendor in vendors]).order_by()
    for vendor, tag in rows.values_list("vendor", "tag"):
        found.setdefault(vendor, set()).add(tag)
    return found


def _erased(vendors: Sequence[Vendor]) -> dict[int, str]:
    return {vendor.pk: str(lifecycle.WrongState(vendor)) for vendor in vendors if vendor.state == VendorState.ERASED}


def _refuse_erased(vendor: Vendor) -> None:
    if vendor.state == VendorState.ERASED:
        raise lifecycle.WrongState(vendor)
