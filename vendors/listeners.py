"""What follows for a vendor from what happens to an invitation (settings.INVITATION_LISTENER)."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from identity.models import Invitation
from vendors import lifecycle
from vendors.email_change import lifecycle as email_change
from vendors.models import EmailChange, Vendor, VendorEvent, VendorState

Kind = VendorEvent.Kind

RECORDED = {
    "sent": Kind.INVITATION_SENT,
    "same_guest": Kind.INVITATION_SENT,
    "refused": Kind.INVITATION_REFUSED,
    "accepted": Kind.INVITATION_ACCEPTED,
}


@transaction.atomic
def invitation_settled(invitation: Invitation, event: str) -> None:
    vendor = Vendor.objects.filter(user=invitation.user_id).first()
    if vendor is None:
        return
    data = {"invitation": str(invitation.pk)}
    if event in RECORDED:
        if event == "refused":
            data["reason"] = invitation.reason
        lifecycle.record(vendor, RECORDED[event], data=data)
    if event in ("withdrawn", "expired"):
        _back_to_prepared(vendor, data=data)
    elif event in ("sent", "same_guest"):
        _answered(invitation, vendor)


def _back_to_prepared(vendor: Vendor, *, data: dict[str, str]) -> None:
    """Whoever has signed in once keeps their state; lifecycle.withdraw_invitation has moved the vendor already."""
    moved = Vendor.objects.filter(pk=vendor.pk, state=VendorState.INVITED).update(
        state=VendorState.PREPARED, state_changed_at=timezone.now()
    )
    if moved:
        lifecycle.record(vendor, Kind.INVITATION_WITHDRAWN, data=data)


def _answered(invitation: Invitation, vendor: Vendor) -> None:
    change = (
        EmailChange.objects.filter(vendor=vendor, state=EmailChange.State.OPEN, invitation=invitation)
        .select_related("vendor__user", "invitation__account")
        .first()
    )
    if change is None:
        return
    if invitation.account_id == change.old_account_id:
        email_change.same_guest(change)
    elif change.mode == EmailChange.Mode.REPAIR:
        lifecycle.record(vendor, Kind.SIGN_IN_REPAIRED, data={"email_change": change.pk})
