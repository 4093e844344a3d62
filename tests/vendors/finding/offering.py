"""Approved vendors who offer something at a rate."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.factories import create_vendor
from tests.vendors.profiles import approved
from vendors.models import Vendor, VendorState
from vendors.profile import approved_profile
from vendors.profile.approved_profile import ApprovedPair, ApprovedRate


def offer(
    pair: str, amount: str, currency: str = "EUR", *, service: str = "translation", unit: str = "source_word"
) -> ApprovedPair:
    source, target = pair.split(">")
    rate = ApprovedRate(service=service, unit=unit, amount=Decimal(amount), currency=currency)
    return ApprovedPair(source=source, target=target, services=[service], rates=[rate])


def offering(name: str, *offers: ApprovedPair, state: str = VendorState.APPROVED, **profile: Any) -> Vendor:
    vendor = create_vendor(state=state, name=name)
    pairs = list(offers) or [offer("en-GB>sv", "0.10")]
    approved_profile.adopt(vendor, approved(full_name=name, pairs=pairs, **profile))
    return vendor
