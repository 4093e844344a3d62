"""Whose pages somebody may open: only their own, and only in a state that lets them in."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from vendors.models import Vendor, VendorState

# Who may not come in, by what reason they are turned away.
REFUSED = {
    VendorState.SUSPENDED: "vendor_suspended",
    VendorState.ENDED: "vendor_ended",
    VendorState.DECLINED: "vendor_declined",
    VendorState.PREPARED: "access_revoked",
    VendorState.ERASED: "access_revoked",
}


def refusal(vendor: Vendor) -> str:
    """The reason for which this vendor may not come in; empty if they may."""
    return "vendor_withdrew" if vendor.has_withdrawn else REFUSED.get(VendorState(vendor.state), "")


class ShutOut(PermissionDenied):
    """The session is older than the decision that this vendor may not come in at the moment."""


def vendor_of(request: HttpRequest) -> Vendor:
    """Raise ShutOut, or PermissionDenied for whoever is no vendor."""
    vendor = getattr(request.user, "vendor", None)
    if vendor is None or getattr(request.user, "is_staff", False):
        raise PermissionDenied
    if vendor.state in REFUSED:
        raise ShutOut
    return vendor
