"""What follows for a vendor in identity, which knows no vendors: settings name these functions.

The sign-in pipeline (SOCIAL_AUTH_PIPELINE) calls `admit` and `sign_in`, invitations (INVITATION_LISTENER) call
`invitation_settled`; all of them inside the transaction of what happened.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Lower
from django.utils import timezone

from identity.compiled_queries import Compiled, Given
from identity.models import EntraAccount, Invitation, User
from identity.sign_in.pipeline import NotAllowed
from identity.typed import cleaning
from vendors import access, addresses, lifecycle
from vendors.email_change import lifecycle as email_change
from vendors.models import EmailChange, EmailChangeRequest, Vendor, VendorEvent, VendorState
from vendors.still_right import lifecycle as still_right

Kind = VendorEvent.Kind

RECORDED = {
    "sent": Kind.INVITATION_SENT,
    "same_guest": Kind.INVITATION_SENT,
    "refused": Kind.INVITATION_REFUSED,
    "accepted": Kind.INVITATION_ACCEPTED,
}


def admit(backend: Any, user: User, account: EntraAccount, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
    """A guest comes in as a vendor, and only in a state that lets them in."""
    if not account.guest:
        return None
    vendor = _vendor(user)
    if vendor is None:
        raise NotAllowed(backend, "vendor_missing", user=user)
    _check_may_come_in(backend, vendor)
    return {"vendor": vendor}


def _check_may_come_in(backend: Any, vendor: Vendor) -> None:
    if reason := access.refusal(vendor):
        raise NotAllowed(backend, reason, user=vendor.user)


def sign_in(
    backend: Any, user: User, account: EntraAccount, vendor: Vendor | None = None, *args: Any, **kwargs: Any
) -> None:
    """The first sign-in opens the onboarding or, of a profile that was carried over, its confirmation. The first one
    with a new address confirms the email change.
    """
    if not account.guest:
        return
    vendor = vendor or _vendor(user)
    if vendor is None:
        return
    if vendor.state == VendorState.INVITED:
        try:
            lifecycle.start_onboarding(vendor)
        except lifecycle.WrongState:  # another tab was first, or VM
            vendor.refresh_from_db(fields=["state"])
            _check_may_come_in(backend, vendor)
    if vendor.is_carried_over:
        still_right.ask_about_carried_over(vendor)
    if vendor.has_open_change:  # type: ignore[attr-defined]  # annotated by _vendor
        email_change.note_sign_in(vendor, account=account)


def _vendor(user: User) -> Vendor | None:
    """One statement for all that a sign-in needs to know."""
    return SIGNING_IN.first(user=user.pk)


def _signing_in() -> models.QuerySet[Vendor]:
    open_change = EmailChange.objects.filter(vendor=OuterRef("pk"), state=EmailChange.State.OPEN)
    return Vendor.objects.filter(user=Given("user")).annotate(has_open_change=Exists(open_change))


SIGNING_IN: Compiled[Vendor] = Compiled(_signing_in)


def is_address_of_vendor(address: str) -> bool:
    """Is it a vendor's, or was it once, or does a vendor ask for it? Settings name this (KNOWS_ADDRESS)."""
    address = cleaning.address(address)
    return bool(
        address
        and (
            Vendor.objects.at_address(address).exists()
            or addresses.former_holders(address)
            or EmailChangeRequest.objects.annotate(_new=Lower("new")).filter(_new=address.lower()).exists()
            or EntraAccount.objects.filter(guest=True, signed_in_as__iexact=address).exists()
        )
    )


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
    """Whoever has signed in once keeps their state; lifecycle.withdraw_invitation has moved the vendor already.

    Who is suspended is let in again to where they were, and that is "prepared" now.
    """
    moved = Vendor.objects.filter(pk=vendor.pk, state=VendorState.INVITED).update(
        state=VendorState.PREPARED, state_changed_at=timezone.now()
    ) or Vendor.objects.filter(pk=vendor.pk, state=VendorState.SUSPENDED, suspended_from=VendorState.INVITED).update(
        suspended_from=VendorState.PREPARED
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


def names_of(user_ids: Collection[int]) -> dict[int, str]:
    """Of those who are vendors (NAMES_PEOPLE). One statement."""
    return dict(Vendor.objects.filter(user__in=user_ids).values_list("user_id", "name")) if user_ids else {}
