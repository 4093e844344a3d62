"""Passport against the tenant: where the two say different things. Nothing is changed."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.db.models.functions import Lower
from django.utils import timezone

from identity.microsoft import graph
from identity.models import EntraAccount
from identity.text_direction import gettext as _
from identity.text_direction import ours
from vendors.models import Vendor, VendorState


@dataclass(frozen=True)
class Finding:
    address: str
    oid: uuid.UUID
    finding: str
    suggestion: str


def compare(guests: Iterable[graph.Guest]) -> list[Finding]:
    """Everything that does not fit, by kind. Raise graph.GraphError when the tenant cannot be read to the end."""
    started = timezone.now()
    there = {guest.oid: guest for guest in guests}
    # Read after the tenant, or the guest of an invitation sent meanwhile would be unknown.
    bound = {
        account.oid: account
        for account in EntraAccount.objects.filter(tenant_id=settings.ENTRA_TENANT_ID, guest=True)
        .select_related("user__vendor")
        .iterator()
    }
    missing = [
        account
        for oid, account in bound.items()
        if oid not in there and account.is_live and account.created_at < started
    ]
    findings = [finding for oid, guest in there.items() if oid in bound for finding in _both(bound[oid], guest)]
    findings += _only_here(missing)
    findings += _only_there([guest for oid, guest in there.items() if oid not in bound])
    return sorted(findings, key=lambda finding: (finding.finding, finding.address.lower(), finding.oid))


def _both(account: EntraAccount, guest: graph.Guest) -> Iterator[Finding]:
    if not account.is_live:
        if account.revoked_why != EntraAccount.Revoked.CLOSED:  # reopening the vendor gives that one back
            yield _finding(account, "left_over", _about_left_over(account))
        return
    if not guest.is_enabled:
        advice = _(
            "Ask IT whether this is intended. If so, suspend the vendor. If not, IT can switch the guest on again."
        )
        yield _finding(account, "disabled", advice)
    if guest.state == graph.PENDING and account.first_sign_in_at:
        advice = _("They have signed in before, so someone has reset the guest in the tenant. %(remedy)s")
        yield _finding(account, "pending", advice % {"remedy": _remedy(account)})
    if guest.state == graph.ACCEPTED and not account.first_sign_in_at:
        advice = _(
            "They accepted the invitation on Microsoft's page, but never reached Passport. Ask them to sign in at "
            "%(url)s."
        )
        yield _finding(account, "accepted", advice % {"url": f"{settings.BASE_URL}/sign-in/"})
    if guest.addresses and account.address.lower() not in {address.lower() for address in guest.addresses}:
        advice = _(
            "In the tenant the address is %(addresses)s. Sign-in still works. If the vendor's address has changed, "
            "change the primary email. If not, IT can correct the guest."
        )
        yield _finding(account, "address_differs", advice % {"addresses": ", ".join(guest.addresses)})


def _about_left_over(account: EntraAccount) -> str:
    if account.guest_removed_at:
        return _(
            "Passport removed this guest, and someone has restored it. It gives no access to Passport. IT can delete "
            "it."
        )
    if account.created_by_passport:
        return _(
            "It gives no access to Passport. Passport removes it within two nights, or once an open email change has "
            "been decided. If it is still there after that, Passport lacks the permission, and IT can delete it."
        )
    return _(
        "It gives no access to Passport. Passport did not create this guest, so it leaves it alone. IT can delete it."
    )


def _only_here(accounts: list[EntraAccount]) -> Iterator[Finding]:
    deleted: set[uuid.UUID] = set()
    if accounts:
        with contextlib.suppress(graph.NotPermitted):
            deleted = graph.deleted_users()
    for account in accounts:
        if account.oid in deleted:
            advice = _(
                "IT can restore the guest within 30 days of its deletion. Everything will then work as it did "
                "before. %(remedy)s"
            )
            yield _finding(account, "deleted", advice % {"remedy": _remedy(account)})
        else:
            advice = _(
                "The tenant has no such guest: it has been deleted permanently, or IT has made it a member. %(remedy)s"
            )
            yield _finding(account, "gone", advice % {"remedy": _remedy(account)})


def _remedy(account: EntraAccount) -> str:
    vendor: Vendor | None = getattr(account.user, "vendor", None)
    if vendor is None:
        return _("The account has no vendor, so nothing is lost.")
    if not vendor.is_live:
        return _("While the vendor is %(state)s, there is nothing to do.") % {"state": ours(vendor.get_state_display())}
    if account.first_sign_in_at:
        return _("If they cannot sign in, press “Repair sign-in” on the vendor's page.")
    return _("If they cannot sign in, press “Send invitation again” on the vendor's page.")


def _only_there(guests: list[graph.Guest]) -> Iterator[Finding]:
    addresses = {address.lower() for guest in guests for address in guest.addresses}
    signs_in = EntraAccount.objects.live().filter(user=OuterRef("user"), first_sign_in_at__isnull=False)
    vendors = Vendor.objects.annotate(_address=Lower("primary_email"), has_sign_in=Exists(signs_in))
    holders = {vendor.address.lower(): vendor for vendor in vendors.filter(_address__in=addresses)}
    for guest in guests:
        holder = next(filter(None, (holders.get(address.lower()) for address in guest.addresses)), None)
        yield Finding(guest.address, guest.oid, "unknown", _about_unknown(holder))


def _about_unknown(holder: Vendor | None) -> str:
    if holder is None:
        return _(
            "If this is one of your vendors, add and invite the address: Passport uses the existing guest. Otherwise "
            "leave it alone: other applications have guests too."
        )
    if holder.state == VendorState.PREPARED:
        advice = _(
            "It is the address of %(vendor)s, who has not been invited yet. Invite them: Passport uses this guest."
        )
    elif not holder.is_live:
        advice = _(
            "It is the address of %(vendor)s, who is not allowed to sign in at the moment. There is nothing to do."
        )
    elif holder.has_sign_in:  # type: ignore[attr-defined]  # annotated
        advice = _(
            "It is the address of %(vendor)s, who signs in with a different guest account. If they cannot sign in, "
            "press “Repair sign-in”. Otherwise IT can delete this one."
        )
    else:
        advice = _("It is the address of %(vendor)s. Press “Send invitation again”: Passport uses this guest.")
    return advice % {"vendor": holder}


def _finding(account: EntraAccount, finding: str, suggestion: str) -> Finding:
    return Finding(account.address, account.oid, finding, suggestion)
