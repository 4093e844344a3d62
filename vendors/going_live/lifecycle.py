"""What happens once, when a company begins with Passport: vendors who are guests already, and what is known of them."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from identity import accounts
from identity.invitations import lifecycle as invitations
from identity.models import EntraAccount, Invitation, User
from identity.text_direction import gettext as _
from vendors import lifecycle
from vendors.models import Vendor, VendorEvent, VendorState

Kind = VendorEvent.Kind


class KeepsAccess(Exception):
    """Only access that nobody has used is taken back."""

    def __init__(self, vendor: Vendor) -> None:
        super().__init__(_("%(vendor)s has signed in, and keeps their access.") % {"vendor": vendor})


class NothingToWithdraw(Exception):
    def __init__(self, vendor: Vendor) -> None:
        super().__init__(_("%(vendor)s has no invitation to withdraw.") % {"vendor": vendor})


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
    """Take back the access that nobody has used yet. Raise KeepsAccess or NothingToWithdraw. See also withdrawable.

    A profile that was carried over stays: it is what the other system knew.
    """
    lifecycle.lock_person(vendor)
    vendor.refresh_from_db(fields=["state", "primary_email"])
    if accounts.has_signed_in(vendor.user):
        raise KeepsAccess(vendor)
    if vendor.is_carried_over:
        if not lifecycle.take_unused_access(vendor, by=by):
            raise NothingToWithdraw(vendor)
        lifecycle.record(vendor, Kind.INVITATION_WITHDRAWN, by=by, via=via, reason=reason)
    elif vendor.can("withdraw_invitation"):
        lifecycle.withdraw_invitation(vendor, by=by, via=via, reason=reason)
    else:
        raise NothingToWithdraw(vendor)


def may_be_withdrawn(vendor: Vendor) -> bool:
    """Would withdraw_unused do something?"""
    if not vendor.is_carried_over:
        return vendor.can("withdraw_invitation")
    has_account = accounts.live_accounts(vendor.user).filter(first_sign_in_at=None).exists()
    return has_account or invitations.open_invitation(vendor.user) is not None


def withdrawable() -> QuerySet[Vendor]:
    """With whom withdraw_unused would do something. See also there."""
    theirs = EntraAccount.objects.filter(user=OuterRef("user"))
    invited = Q(state__in=Vendor.MOVES["withdraw_invitation"])
    open_invitations = Invitation.objects.filter(user=OuterRef("user")).open()
    carried_over = Q(state=VendorState.APPROVED, carried_over_at__isnull=False, confirmed_at=None)
    carried_over &= Q(Exists(theirs.live())) | Q(Exists(open_invitations))
    return Vendor.objects.filter(invited | carried_over, ~Exists(theirs.filter(first_sign_in_at__isnull=False)))


def why_not_withdrawn(vendors: Collection[Vendor]) -> dict[int, Exception]:
    """By vendor, for those with whom withdraw_unused would do nothing. Two statements, however many they are."""
    possible = set(withdrawable().filter(pk__in=[vendor.pk for vendor in vendors]).values_list("pk", flat=True))
    users = [vendor.user_id for vendor in vendors if vendor.pk not in possible]
    used = EntraAccount.objects.filter(user__in=users, first_sign_in_at__isnull=False).order_by()
    signed_in = set(used.values_list("user", flat=True))
    return {
        vendor.pk: KeepsAccess(vendor) if vendor.user_id in signed_in else NothingToWithdraw(vendor)
        for vendor in vendors
        if vendor.pk not in possible
    }
