"""Steps of the sign-in that belong to vendors (settings.SOCIAL_AUTH_PIPELINE)."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.db.models import Exists, OuterRef

from identity.models import EntraAccount, User
from identity.sign_in.pipeline import NotAllowed
from vendors import lifecycle
from vendors.email_change import lifecycle as email_change
from vendors.models import EmailChange, Vendor, VendorState

REFUSED = {
    VendorState.SUSPENDED: "vendor_suspended",
    VendorState.ENDED: "vendor_ended",
    VendorState.DECLINED: "vendor_declined",
    VendorState.PREPARED: "access_revoked",
    VendorState.ERASED: "access_revoked",
}


def admit(backend: Any, user: User, account: EntraAccount, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
    """A guest comes in as a vendor, and only in a state that lets them in."""
    if not account.guest:
        return None
    vendor = _vendor(user)
    if vendor is None:
        raise NotAllowed(backend, "vendor_missing", user=user)
    if vendor.state in REFUSED:
        raise NotAllowed(backend, REFUSED[VendorState(vendor.state)], user=user)
    return {"vendor": vendor}


def sign_in(
    backend: Any, user: User, account: EntraAccount, vendor: Vendor | None = None, *args: Any, **kwargs: Any
) -> None:
    """The first sign-in opens the onboarding; the first one with a new address confirms the email change."""
    if not account.guest:
        return
    vendor = vendor or _vendor(user)
    if vendor is None:
        return
    if vendor.state == VendorState.INVITED:
        with suppress(lifecycle.WrongState):  # another tab was first
            lifecycle.start_onboarding(vendor)
    if vendor.has_open_change:  # type: ignore[attr-defined]  # annotated by _vendor
        email_change.note_sign_in(vendor, account=account)


def _vendor(user: User) -> Vendor | None:
    """One statement for all that a sign-in needs to know."""
    open_change = EmailChange.objects.filter(vendor=OuterRef("pk"), state=EmailChange.State.OPEN)
    return Vendor.objects.filter(user=user).annotate(has_open_change=Exists(open_change)).first()
