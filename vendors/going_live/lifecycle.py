"""What happens once, when a company begins with Passport: vendors who are guests already, and what is known of them."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction
from django.utils import timezone

from identity import accounts
from identity.invitations import lifecycle as invitations
from identity.models import EntraAccount, User
from vendors import lifecycle
from vendors.models import Vendor, VendorEvent

Kind = VendorEvent.Kind


@transaction.atomic
def bind(vendor: Vendor, *, oid: uuid.UUID, by: User | None = None, via: str = "") -> EntraAccount:
    """The vendor is a guest of the tenant already: they sign in without an invitation, and nothing is sent to them.

    Raise accounts.BoundToSomebodyElse, TooManyAccounts or WrongState.
    """
    lifecycle.lock_person(vendor)
    if not lifecycle.awaits_first_invitation(vendor):
        lifecycle.move(vendor, "bind")
    account = accounts.bind_found(vendor.user, oid=oid, address=vendor.address)
    lifecycle.record(vendor, Kind.GUEST_BOUND, by=by, via=via, data={"account": account.pk})
    return account


@transaction.atomic
def carry_over(vendor: Vendor, *, by: User | None = None, via: str = "", data: dict[str, Any] | None = None) -> None:
    """The profile comes from another system, so the vendor need not go through the onboarding. Nobody has reviewed it,
    and the vendor has not confirmed it: `confirmed_at` stays empty until they do.
    """
    lifecycle.lock_person(vendor)
    lifecycle.move(vendor, "carry_over", carried_over_at=timezone.now())
    lifecycle.record(vendor, Kind.CARRIED_OVER, by=by, via=via, data=data)


@transaction.atomic
def withdraw_unused(vendor: Vendor, *, by: User | None = None, via: str = "", reason: str = "") -> None:
    """Take back the access that nobody has used yet. Raise HasSignedIn or WrongState.

    A profile that was carried over stays: it is what the other system knew.
    """
    lifecycle.lock_person(vendor)
    vendor.refresh_from_db(fields=["state", "primary_email"])
    if accounts.has_signed_in(vendor.user):
        raise lifecycle.HasSignedIn(vendor)
    if vendor.is_carried_over:
        if not lifecycle.take_unused_access(vendor, by=by):
            raise lifecycle.WrongState(vendor)
    else:
        lifecycle.move(vendor, "withdraw_invitation")
        lifecycle.take_unused_access(vendor, by=by)
    lifecycle.record(vendor, Kind.INVITATION_WITHDRAWN, by=by, via=via, reason=reason)


def may_be_withdrawn(vendor: Vendor) -> bool:
    """Would withdraw_unused do something?"""
    if not vendor.is_carried_over:
        return vendor.can("withdraw_invitation")
    has_account = accounts.live_accounts(vendor.user).filter(first_sign_in_at=None).exists()
    return has_account or invitations.open_invitation(vendor.user) is not None
