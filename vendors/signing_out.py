"""Ending the sessions of a vendor, all of them or one, by VM, operations or the vendor."""

from __future__ import annotations

from django.db import transaction

from identity.models import User
from identity.sessions import active_sessions
from vendors import lifecycle
from vendors.models import Vendor, VendorEvent

Kind = VendorEvent.Kind


@transaction.atomic
def sign_out(vendor: Vendor, *, handle: str = "", by: User | None = None, via: str = "") -> int:
    """End all sessions of the vendor now and forget their devices, or end the one with this handle. How many ended."""
    if handle:
        ended = int(active_sessions.end(vendor.user, handle=handle))
    else:
        ended = active_sessions.end_all(vendor.user)
    if ended or not handle:
        lifecycle.record(vendor, Kind.SESSIONS_ENDED, by=by, via=via, data={"sessions": ended})
    return ended


@transaction.atomic
def sign_out_elsewhere(vendor: Vendor, *, this: str | None, handle: str = "") -> int:
    """The vendor ends another session or remembered browser of their own, or all others. How many ended."""
    ended = active_sessions.end_from(vendor.user, this=this, handle=handle)
    if ended:
        lifecycle.record(vendor, Kind.SESSIONS_ENDED, by=vendor.user, data={"sessions": ended})
    return ended
