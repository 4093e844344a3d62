"""What may happen to a vendor, from added to erased. Allowed moves: Vendor.MOVES."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from identity import accounts
from identity.failures import cases
from identity.invitations import lifecycle as invitations
from identity.jobs.queue import defer
from identity.models import EntraAccount, Failure, Invitation, User
from identity.text_direction import gettext as _
from identity.text_direction import ours
from vendors import addresses, erasure_list
from vendors.models import ClosedAs, EmailChange, Vendor, VendorEvent, VendorState
from vendors.onboarding_interface import onboarding

Kind = VendorEvent.Kind


class WrongState(Exception):
    """The vendor is in a state from which this cannot be done."""

    def __init__(self, vendor: Vendor) -> None:
        self.vendor = vendor
        super().__init__(
            _("You cannot do this now, because %(vendor)s is “%(state)s”.")
            % {"vendor": vendor, "state": ours(vendor.get_state_display())}
        )


class ClosedAsDuplicate(Exception):
    """Its address and its account are another vendor's now."""

    def __init__(self, vendor: Vendor) -> None:
        super().__init__(
            _("%(vendor)s was closed as a duplicate and cannot be reopened. Work with the vendor that was kept.")
            % {"vendor": vendor}
        )


class HasSignedIn(Exception):
    """Microsoft mails nothing to a guest who has accepted, so another invitation would do nothing."""

    def __init__(self, vendor: Vendor) -> None:
        super().__init__(
            _(
                "%(vendor)s has already signed in, and Microsoft does not email anyone who has accepted an invitation. "
                "If they can no longer sign in, repair the sign-in instead."
            )
            % {"vendor": vendor}
        )


def add(
    *,
    name: str,
    primary_email: str,
    language: str,
    owner: User | None = None,
    by: User | None = None,
    via: str = "",
) -> Vendor:
    """Raise AddressNotInvitable or AddressTaken."""
    address = invitations.check_address(primary_email)
    with transaction.atomic():
        addresses.claim(address)
        vendor = Vendor.objects.create(
            user=User.objects.create_user(),
            name=name,
            primary_email=address,
            language=language,
            owner=owner,
            state_changed_at=timezone.now(),
        )
        record(vendor, Kind.ADDED, by=by, via=via)
        _look_for_duplicates(vendor)
    return vendor


@transaction.atomic
def invite(vendor: Vendor, *, by: User | None = None, via: str = "") -> Invitation:
    lock_person(vendor)
    if not awaits_first_invitation(vendor):
        move(vendor, "invite")
    return _queue_invitation(vendor, why=Invitation.Why.ADDED, kind=Kind.INVITED, by=by, via=via)


def awaits_first_invitation(vendor: Vendor) -> bool:
    """Approved, as its profile was carried over, but never invited."""
    return vendor.is_carried_over and not EntraAccount.objects.filter(user=vendor.user).exists()


def may_invite_again(vendor: Vendor) -> bool:
    """Is there an address of this vendor that nobody has signed in with yet?"""
    if vendor.state == VendorState.INVITED:
        return True
    if vendor.state == VendorState.PREPARED or not vendor.is_live:
        return False
    if vendor.email_changes.filter(state=EmailChange.State.OPEN).exists():
        return True
    return not accounts.live_accounts(vendor.user).filter(first_sign_in_at__isnull=False).exists()


@transaction.atomic
def resend_invitation(vendor: Vendor, *, by: User | None = None, via: str = "") -> Invitation:
    """Supersede the invitation with a new one for the address the vendor has now. Raise HasSignedIn or WrongState."""
    lock_person(vendor)
    vendor.refresh_from_db(fields=["state", "primary_email"])
    if vendor.state == VendorState.PREPARED or not vendor.is_live:
        raise WrongState(vendor)
    if not may_invite_again(vendor):
        raise HasSignedIn(vendor)
    invitation = _queue_invitation(vendor, why=Invitation.Why.RESENT, kind=Kind.INVITED_AGAIN, by=by, via=via)
    vendor.email_changes.filter(state=EmailChange.State.OPEN).update(invitation=invitation)
    return invitation


@transaction.atomic
def withdraw_invitation(vendor: Vendor, *, by: User | None = None, via: str = "", reason: str = "") -> None:
    lock_person(vendor)
    move(vendor, "withdraw_invitation")
    record(vendor, Kind.INVITATION_WITHDRAWN, by=by, via=via, reason=reason)
    # A corrected address is now simply the address: nobody waits for its first sign-in any more.
    vendor.email_changes.filter(state=EmailChange.State.OPEN).update(
        state=EmailChange.State.CONFIRMED, closed_at=timezone.now()
    )
    take_unused_access(vendor, by=by)


def take_unused_access(vendor: Vendor, *, by: User | None) -> bool:
    """By the invitation that is open or, of a guest who was there already, without one. False if there was none."""
    if invitation := invitations.open_invitation(vendor.user):
        invitations.withdraw(invitation, by=by)
    unused = accounts.live_accounts(vendor.user).filter(first_sign_in_at=None)
    revoked = [accounts.revoke(account, why=EntraAccount.Revoked.WITHDRAWN) for account in unused]
    return bool(invitation or revoked)


@transaction.atomic
def start_onboarding(vendor: Vendor) -> None:
    move(vendor, "start_onboarding")
    record(vendor, Kind.SIGNED_IN_FIRST)


@transaction.atomic
def submit(vendor: Vendor) -> None:
    move(vendor, "submit")
    record(vendor, Kind.SUBMITTED)
    _look_for_duplicates(vendor)


@transaction.atomic
def approve(vendor: Vendor, *, by: User | None, data: dict[str, Any] | None = None) -> None:
    move(vendor, "approve", confirmed_at=timezone.now())
    record(vendor, Kind.APPROVED, by=by, data=data)


@transaction.atomic
def request_changes(vendor: Vendor, *, by: User | None, reason: str) -> None:
    move(vendor, "request_changes")
    record(vendor, Kind.CHANGES_REQUESTED, by=by, reason=reason)


@transaction.atomic
def decline(
    vendor: Vendor,
    *,
    by: User | None = None,
    via: str = "",
    reason: str = "",
    closed_as: ClosedAs = ClosedAs.NOT_SUITABLE,
) -> None:
    """Close an applicant. What was sent is the onboarding app's: see vendors.closing.lifecycle."""
    lock_person(vendor)
    _close(vendor, "decline", closed_as=closed_as, by=by)
    record(vendor, Kind.DECLINED, by=by, via=via, reason=reason, data={"closed_as": closed_as.value})


@transaction.atomic
def withdraw(vendor: Vendor, *, reason: str = "") -> None:
    """The vendor takes the application back. Access ends; VM can reopen it where it was."""
    lock_person(vendor)
    _close(vendor, "withdraw", closed_as=ClosedAs.WITHDREW, by=vendor.user)
    record(vendor, Kind.WITHDREW, by=vendor.user, reason=reason)


@transaction.atomic
def suspend(vendor: Vendor, *, by: User | None = None, via: str = "", reason: str = "") -> None:
    lock_person(vendor)
    vendor.refresh_from_db(fields=["state"])  # they may have signed in for the first time just now
    move(vendor, "suspend", suspended_from=vendor.state)
    record(vendor, Kind.SUSPENDED, by=by, via=via, reason=reason)
    accounts.end_sessions(vendor.user)


@transaction.atomic
def reinstate(vendor: Vendor, *, by: User | None = None, via: str = "") -> None:
    lock_person(vendor)
    vendor.refresh_from_db(fields=["state", "suspended_from"])
    move(vendor, "reinstate", suspended_from="")
    record(vendor, Kind.REINSTATED, by=by, via=via)
    if needs_invitation(vendor):
        vendor.refresh_from_db(fields=["primary_email"])
        _queue_invitation(vendor, why=Invitation.Why.RESENT, kind=Kind.INVITED_AGAIN, by=by, via=via)


@transaction.atomic
def end(
    vendor: Vendor,
    *,
    by: User | None = None,
    via: str = "",
    reason: str = "",
    closed_as: ClosedAs = ClosedAs.LEFT,
) -> None:
    lock_person(vendor)
    _close(vendor, "end", closed_as=closed_as, by=by)
    record(vendor, Kind.ENDED, by=by, via=via, reason=reason, data={"closed_as": closed_as.value})


@transaction.atomic
def reopen(vendor: Vendor, *, by: User | None = None, via: str = "", reason: str = "") -> None:
    """Take it back: the vendor is again where it was when it was declined, withdrew or was ended.

    What closing revoked is given back, or the vendor is invited. Raise ClosedAsDuplicate or WrongState.
    """
    lock_person(vendor)
    vendor.refresh_from_db(fields=["state", "closed_from", "closed_as", "primary_email"])
    if vendor.closed_as == ClosedAs.DUPLICATE:
        raise ClosedAsDuplicate(vendor)
    declined, is_invited = vendor.state == VendorState.DECLINED, needs_invitation(vendor)
    move(vendor, "reopen", closed_from="", closed_as="")
    record(vendor, Kind.REOPENED, by=by, via=via, reason=reason)
    accounts.restore(vendor.user, why=EntraAccount.Revoked.CLOSED)
    if declined:
        onboarding().reopened(vendor)
    if is_invited:
        _queue_invitation(vendor, why=Invitation.Why.RESENT, kind=Kind.INVITED_AGAIN, by=by, via=via)


@transaction.atomic
def mark_as_duplicate(vendor: Vendor, *, by: User | None, reason: str) -> None:
    """Of someone who is closed already. Raise WrongState."""
    lock_person(vendor)
    marked = Vendor.objects.filter(pk=vendor.pk, state=vendor.state, state__in=Vendor.CLOSED).exclude(
        closed_as=ClosedAs.DUPLICATE
    )
    if not marked.update(closed_as=ClosedAs.DUPLICATE):
        vendor.refresh_from_db(fields=["state"])
        raise WrongState(vendor)
    vendor.closed_as = ClosedAs.DUPLICATE
    kind = Kind.DECLINED if vendor.state == VendorState.DECLINED else Kind.ENDED
    record(vendor, kind, by=by, reason=reason, data={"closed_as": ClosedAs.DUPLICATE.value})


def needs_invitation(vendor: Vendor) -> bool:
    """Would this vendor, once let in again, have no account to come in with and no invitation on its way?

    As after an email change that was undone, or an invitation that ran out, while they were suspended; or when no one
    had signed in yet with the address they had when they were closed.
    """
    if vendor.state in Vendor.CLOSED:
        if vendor.closed_from in (VendorState.PREPARED, VendorState.SUSPENDED):
            return False
        return not accounts.has_restorable(vendor.user, why=EntraAccount.Revoked.CLOSED)
    came_to = vendor.suspended_from or vendor.state
    if came_to in (VendorState.PREPARED, VendorState.INVITED):
        return False  # nobody has signed in yet: the state says what VM can do
    return not accounts.live_accounts(vendor.user).exists() and invitations.open_invitation(vendor.user) is None


@transaction.atomic
def erase(
    vendor: Vendor, *, reason: str, by: User | None = None, via: str = "", locked: Mapping[str, str] | None = None
) -> None:
    """End all access for good: the first step of erasure.erase(), which is the way in.

    `locked` says what erasure.finish() is to keep: by section, until when. Raise WrongState, or CannotWrite if the list
    of erasures cannot be continued.
    """
    lock_person(vendor)
    move(vendor, "erase")
    # Before this is final: killed in between, the list names somebody whose erasure was asked for.
    erasure_list.add(vendor)
    record(vendor, Kind.ERASED, by=by, via=via, reason=reason, data=None if locked is None else {"locked": {**locked}})
    vendor.email_changes.filter(state=EmailChange.State.OPEN).update(
        state=EmailChange.State.SUPERSEDED, closed_at=timezone.now()
    )
    _take_access_away(vendor, why=EntraAccount.Revoked.ERASED, by=by)


def record(
    vendor: Vendor,
    kind: VendorEvent.Kind | str,
    *,
    by: User | None = None,
    via: str = "",
    reason: str = "",
    data: dict[str, Any] | None = None,
) -> VendorEvent:
    """Write down what happened: references and codes in `data`, no personal values."""
    return VendorEvent.objects.create(vendor=vendor, kind=kind, by=by, via=via, reason=reason, data=data or {})


def check_approved(vendor: Vendor) -> None:
    """Hold the vendor: nobody is suspended meanwhile. Raise WrongState."""
    state = Vendor.objects.select_for_update().values_list("state", flat=True).get(pk=vendor.pk)
    if state != VendorState.APPROVED:
        vendor.state = state
        raise WrongState(vendor)


def _look_for_duplicates(vendor: Vendor) -> None:
    defer("vendors.tasks.look_for_duplicates", vendor_id=vendor.pk)


def lock_person(vendor: Vendor) -> None:
    """Before the vendor's row: no deadlocks, and nobody is being let in while the state changes."""
    accounts.lock_person(vendor.user_id)


def move(vendor: Vendor, name: str, **fields: Any) -> None:
    """One conditional UPDATE: whoever comes second, or with an old page, changes nothing and is told so."""
    if not vendor.can(name):
        raise WrongState(vendor)
    origin = vendor.state
    back = {"reinstate": vendor.suspended_from, "reopen": vendor.closed_from}
    target = back.get(name) or Vendor.MOVES[name][VendorState(origin)]
    now = timezone.now()
    moved = Vendor.objects.filter(pk=vendor.pk, state=origin).update(state=target, state_changed_at=now, **fields)
    if not moved:
        vendor.refresh_from_db(fields=["state"])
        raise WrongState(vendor)
    for field, value in {"state": target, "state_changed_at": now, **fields}.items():
        setattr(vendor, field, value)


def _close(vendor: Vendor, name: str, *, closed_as: ClosedAs, by: User | None) -> None:
    fields = {"closed_from": vendor.state, "closed_as": closed_as}
    if vendor.suspended_from == VendorState.INVITED:
        fields["suspended_from"] = VendorState.PREPARED  # the invitation is withdrawn
    move(vendor, name, **fields)
    _end_email_change(vendor)
    is_final = closed_as == ClosedAs.DUPLICATE
    why = EntraAccount.Revoked.DUPLICATE if is_final else EntraAccount.Revoked.CLOSED
    _take_access_away(vendor, why=why, by=by)


def _end_email_change(vendor: Vendor) -> None:
    """Nobody waits for its first sign-in any more. The new address is the vendor's; the old one does not come back."""
    change = vendor.email_changes.filter(state=EmailChange.State.OPEN).select_related("old_account").first()
    if change is None:
        return
    is_repair = change.mode == EmailChange.Mode.REPAIR
    change.state = EmailChange.State.UNDONE if is_repair else EmailChange.State.CONFIRMED
    change.closed_at = timezone.now()
    change.save(update_fields=["state", "closed_at"])
    if change.old_account and not is_repair:
        accounts.revoke(change.old_account, why=EntraAccount.Revoked.CUT_OFF)
    cases.resolve_for(
        vendor.user,
        stages=[Failure.Stage.EMAIL_CHANGE],
        reasons_only=["change_not_accepted"],
        how="vendor closed",
    )


def _take_access_away(vendor: Vendor, *, why: EntraAccount.Revoked, by: User | None) -> None:
    invitation = invitations.open_invitation(vendor.user)
    if invitation:
        invitations.withdraw(invitation, by=by, why=why)
    for account in accounts.live_accounts(vendor.user):
        accounts.revoke(account, why=why)
    accounts.end_sessions(vendor.user)


def _queue_invitation(
    vendor: Vendor, *, why: Invitation.Why, kind: VendorEvent.Kind, by: User | None, via: str
) -> Invitation:
    invitation = invitations.invite(vendor.user, address=vendor.address, language=vendor.language, why=why, by=by)
    record(vendor, kind, by=by, via=via, data={"invitation": str(invitation.pk)})
    return invitation
