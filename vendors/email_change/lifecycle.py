"""Change a vendor's primary email. The one door for the admin, the command and approved requests."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from identity import accounts
from identity.failures import cases
from identity.invitations import guests
from identity.invitations import lifecycle as invitations
from identity.jobs.queue import defer
from identity.models import EntraAccount, Failure, Invitation, User
from identity.text_direction import gettext as _
from vendors import addresses, lifecycle
from vendors.email_change import disputes
from vendors.models import EmailChange, EmailChangeRequest, Vendor, VendorEvent, VendorState

Kind = VendorEvent.Kind
Mode = EmailChange.Mode
State = EmailChange.State
Revoked = EntraAccount.Revoked

# For so long a new account to pay into is told to the former address too, and VM is warned of it.
LATELY = dt.timedelta(days=30)


class SameAddress(Exception):
    """The new address is the one the vendor has."""

    def __init__(self) -> None:
        super().__init__(_("This is already the vendor's primary email."))


class AddressBeforeOpenChange(Exception):
    """Going back to the address before the open change is undoing it."""

    def __init__(self) -> None:
        super().__init__(_("This was the address before the open email change. Undo that change instead."))


class NotOpen(Exception):
    """The email change has been confirmed, undone or replaced."""

    def __init__(self) -> None:
        super().__init__(
            _("This email change is no longer open: the new address has been used, or the change was undone.")
        )


class NotPlanned(Exception):
    """The old address is cut off already."""

    def __init__(self) -> None:
        super().__init__(_("The old address has already been cut off."))


class NotDisputed(Exception):
    """Nobody says that an email change was not their wish, or it has been decided about."""

    def __init__(self) -> None:
        super().__init__(_("No disputed email change is waiting for a decision."))


class NotToBeRepaired(Exception):
    """There is no sign-in to repair."""

    def __init__(self, vendor: Vendor) -> None:
        super().__init__(
            _("There is no sign-in to repair for %(vendor)s. Send the invitation again instead.") % {"vendor": vendor}
        )


def mode_for(vendor: Vendor, *, cut_off: bool) -> EmailChange.Mode:
    """What a change of this vendor's address would be. Nobody chooses when the old address was never used."""
    change = open_change(vendor)
    if change is None:
        used = (
            EntraAccount.objects.filter(user=vendor.user_id, first_sign_in_at__isnull=False)
            .filter(Q(revoked_at=None) | Q(address__iexact=vendor.address))
            .exclude(revoked_why=Revoked.DISOWNED)
            .exists()
        )
        if not used:
            return Mode.CORRECTION
    elif change.mode == Mode.CORRECTION:
        return Mode.CORRECTION
    elif change.mode != Mode.PLANNED:
        return Mode.CUT_OFF
    return Mode.CUT_OFF if cut_off else Mode.PLANNED


def open_change(vendor: Vendor) -> EmailChange | None:
    return EmailChange.objects.filter(vendor=vendor, state=State.OPEN).select_related("old_account").first()


def lately_changed(vendor: Vendor, *, within: dt.timedelta = LATELY) -> list[EmailChange]:
    """Recent changes that took effect, newest first. A correction's old address was never the vendor's."""
    took_effect = EmailChange.objects.filter(
        vendor=vendor,
        created_at__gt=timezone.now() - within,
        mode__in=[Mode.PLANNED, Mode.CUT_OFF],
        state__in=[State.OPEN, State.CONFIRMED],
    )
    return list(took_effect.order_by("-created_at"))


def check(vendor: Vendor, *, new: str) -> str:
    """The address as it will be stored; raise when it cannot become the vendor's. `start` checks again, under locks."""
    address = invitations.check_address(new)
    if not vendor.is_live:
        raise lifecycle.WrongState(vendor)
    if address.lower() == vendor.address.lower():
        raise SameAddress
    change = open_change(vendor)
    if change and address.lower() == change.old.lower():
        raise AddressBeforeOpenChange
    addresses.check_free(address, besides=vendor)
    return address


@transaction.atomic
def start(
    vendor: Vendor,
    *,
    new: str,
    reason: str,
    cut_off: bool = False,
    how_known: str = "",
    by: User | None = None,
    via: str = "",
) -> EmailChange:
    """Give the vendor a new primary email and invite it.

    Raise AddressNotInvitable, AddressTaken, SameAddress, AddressBeforeOpenChange or WrongState. A change that is still
    open is superseded: its new address was a mistake, what came before it stays what "old" means. A waiting request of
    the vendor for this very address is done by it.
    """
    addresses.claim(invitations.check_address(new), besides=vendor)
    vendor = _lock(vendor)
    address = check(vendor, new=new)
    mode = mode_for(vendor, cut_off=cut_off)
    superseded = open_change(vendor)
    old = superseded.old if superseded else vendor.address
    old_account = superseded.old_account if superseded else accounts.live_accounts(vendor.user).last()
    if superseded:
        _close(superseded, State.SUPERSEDED)
    _revoke(
        vendor,
        why=Revoked.CUT_OFF if mode == Mode.CUT_OFF else Revoked.CORRECTED,
        but=old_account if mode == Mode.PLANNED else None,
    )
    Vendor.objects.filter(pk=vendor.pk).update(primary_email=address)
    vendor.primary_email = address
    invited = vendor.state != VendorState.PREPARED
    change = EmailChange.objects.create(
        vendor=vendor,
        old=old,
        new=address,
        mode=mode,
        reason=reason,
        how_known=how_known,
        by=by,
        old_account=old_account,
        invitation=_invite(vendor, why=Invitation.Why.EMAIL_CHANGE, by=by) if invited else None,
        state=State.OPEN if invited else State.CONFIRMED,
        closed_at=None if invited else timezone.now(),
    )
    _record(change, Kind.EMAIL_CHANGE_STARTED, by=by, via=via, reason=reason)
    EmailChangeRequest.objects.filter(
        vendor=vendor, state=EmailChangeRequest.State.WAITING, new__iexact=address
    ).update(state=EmailChangeRequest.State.APPROVED, decided_at=timezone.now(), decided_by=by, change=change)
    if mode in (Mode.PLANNED, Mode.CUT_OFF):
        defer("vendors.tasks.tell_old_address", email_change_id=change.pk)
    return change


@transaction.atomic
def undo(change: EmailChange, *, by: User | None = None, via: str = "", reason: str = "") -> None:
    """Give the old address back, until the new one has been used. Raise NotOpen or AddressTaken."""
    addresses.claim(change.old, besides=change.vendor)
    vendor = _lock(change.vendor)
    if change.mode == Mode.REPAIR:
        raise NotOpen  # the address never changed, and the old guest is gone
    _close(change, State.UNDONE)
    old_account = change.old_account
    _revoke(vendor, why=Revoked.UNDONE, but=old_account)
    Vendor.objects.filter(pk=vendor.pk).update(primary_email=change.old)
    vendor.primary_email = change.old
    if vendor.is_live and not (old_account and _is_live(old_account)):
        _invite(vendor, why=Invitation.Why.UNDO, by=by)
    else:
        invitation = invitations.open_invitation(vendor.user)
        if invitation:
            invitations.withdraw(invitation, by=by)
    _record(change, Kind.EMAIL_CHANGE_UNDONE, by=by, via=via, reason=reason)
    if disputes.was_old_address_told(change):
        defer("vendors.tasks.tell_old_address_undone", email_change_id=change.pk)
    _resolve(vendor, reasons=["change_not_accepted", "change_disputed"], how="email change undone")


@transaction.atomic
def cut_off(change: EmailChange, *, by: User | None = None, via: str = "", reason: str = "") -> None:
    """Close the old address of a planned change now. Raise NotOpen or NotPlanned."""
    vendor = _lock(change.vendor)
    if not EmailChange.objects.filter(pk=change.pk, state=State.OPEN, mode=Mode.PLANNED).update(mode=Mode.CUT_OFF):
        change.refresh_from_db(fields=["state", "mode"])
        raise NotPlanned if change.state == State.OPEN else NotOpen
    change.mode = Mode.CUT_OFF
    if change.old_account:
        accounts.revoke(change.old_account, why=Revoked.CUT_OFF)
    _record(change, Kind.EMAIL_CHANGE_CUT_OFF, by=by, via=via, reason=reason)
    defer("vendors.tasks.tell_old_address", email_change_id=change.pk)
    _resolve(vendor, reasons=["change_not_accepted"], how="old address cut off")


@transaction.atomic
def note_sign_in(vendor: Vendor, *, account: EntraAccount) -> None:
    """The first sign-in with the new address confirms the open change and ends the old one's access."""
    _lock(vendor)
    change = open_change(vendor)
    if change is None or account.pk == change.old_account_id:
        return
    _revoke(vendor, why=Revoked.REPLACED, but=account)
    _confirm(change)
    invitations.accepted(account)  # a former address has signed in before, so nobody else takes this as acceptance


@transaction.atomic
def same_guest(change: EmailChange) -> None:
    """Graph answered the invitation with the old guest: an alias, so there is no second sign-in to wait for."""
    if change.mode == Mode.REPAIR:
        _close(change, State.UNDONE)
        _record(change, Kind.SIGN_IN_NOT_REPAIRED)
        account = change.old_account
        cases.report(
            stage=Failure.Stage.EMAIL_CHANGE,
            reason="repair_needs_it",
            user=change.vendor.user,
            address=change.new,
            detail={"oid": str(account.oid)} if account else {},
        )
    else:
        _confirm(change)


def to_repair(vendor: Vendor) -> EntraAccount | None:
    """The account that no longer fits: one that was used, or one of which Microsoft says so itself.

    Where an invitation was accepted at Microsoft and nobody has come on to Passport, inviting again does not help.
    """
    live = accounts.live_accounts(vendor.user)
    used = live.filter(first_sign_in_at__isnull=False).last()
    if used is not None:
        return used
    return live.last() if has_moved(vendor) else None


def has_moved(vendor: Vendor) -> bool:
    """Microsoft no longer knows the account; or keeps it on its own page, though they have or may have accepted."""
    may_have_accepted = Q(detail__has_accepted=True) | ~Q(detail__has_key="has_accepted")
    moved = Q(reason="mailbox_moved") | Q(reason="did_not_come_back") & may_have_accepted
    return Failure.objects.open().filter(moved, user=vendor.user_id).exists()


@transaction.atomic
def repair(vendor: Vendor, *, reason: str = "", by: User | None = None, via: str = "") -> EmailChange:
    """Replace the guest behind the address: the mailbox moved to another provider and the old guest no longer fits.

    A guest that Passport made is removed first (a task, since it asks Graph); then the address is invited again. When
    Graph still answers with the old guest, a case says what IT must do. Raise NotToBeRepaired or WrongState.
    """
    vendor = _lock(vendor)
    if not vendor.is_live:
        raise lifecycle.WrongState(vendor)
    account = to_repair(vendor)
    if account is None or open_change(vendor):
        raise NotToBeRepaired(vendor)
    if account.created_by_passport:
        accounts.revoke(account, why=Revoked.REPAIRED)
    change = EmailChange.objects.create(
        vendor=vendor,
        old=vendor.address,
        new=vendor.address,
        mode=Mode.REPAIR,
        reason=reason,
        by=by,
        old_account=account,
    )
    _record(change, Kind.EMAIL_CHANGE_STARTED, by=by, via=via, reason=reason)
    defer("vendors.tasks.repair_sign_in", email_change_id=change.pk)
    return change


def carry_out_repair(email_change_id: int) -> None:
    """Remove the old guest where Passport made it, then invite the address again. Raise RetryLater."""
    change = EmailChange.objects.select_related("old_account", "by", "vendor").get(pk=email_change_id)
    if change.state != State.OPEN or change.invitation_id:
        return
    if change.old_account is not None:
        # Where it stays, the invitation will be answered with the old guest, and that becomes a case for IT.
        guests.delete_in_tenant(change.old_account, try_again_after=30.0)
    _invite_for_repair(change)


@transaction.atomic
def _invite_for_repair(change: EmailChange) -> None:
    vendor = _lock(change.vendor)
    if not EmailChange.objects.filter(pk=change.pk, state=State.OPEN, invitation=None).exists():
        return
    change.invitation = _invite(vendor, why=Invitation.Why.REPAIR, by=change.by)
    change.save(update_fields=["invitation"])


@transaction.atomic
def dispute(change: EmailChange) -> bool:
    """Somebody at the old address says: this was not me. VM gets a case.

    False when they have said so and VM has not decided yet. Raise NotOpen when the change has been undone, or replaced:
    then it is the one in its place that can be disputed.
    """
    vendor = _lock(change.vendor)
    change.refresh_from_db(fields=["state", "disputed_at"])
    if change.state in (State.UNDONE, State.SUPERSEDED):
        raise NotOpen
    if disputes.is_open(change):
        return False
    change.disputed_at = timezone.now()
    change.save(update_fields=["disputed_at"])
    _record(change, Kind.EMAIL_CHANGE_DISPUTED)
    cases.report(stage=Failure.Stage.EMAIL_CHANGE, reason="change_disputed", user=vendor.user, address=change.old)
    return True


def disputed_change(vendor: Vendor) -> EmailChange | None:
    """The last change about which somebody says that it was not them, while VM has not decided about it."""
    change = EmailChange.objects.filter(vendor=vendor, disputed_at__isnull=False).order_by("-disputed_at").first()
    if change is None or change.state == State.UNDONE:
        return None
    return change if disputes.open_cases(vendor).exists() else None


@transaction.atomic
def uphold(vendor: Vendor, *, by: User | None = None, via: str = "", reason: str = "") -> None:
    """VM has found out that a disputed change is right: it stays, and the case is closed. Raise NotDisputed."""
    vendor = _lock(vendor)
    change = disputed_change(vendor)
    if change is None:
        raise NotDisputed
    _record(change, Kind.EMAIL_CHANGE_UPHELD, by=by, via=via, reason=reason)
    _resolve(vendor, reasons=["change_disputed"], how="email change confirmed by Vendor Management")


def _lock(vendor: Vendor) -> Vendor:
    """The user's row first, then the vendor's, as everywhere; the vendor as it is now."""
    accounts.lock_person(vendor.user_id)
    return Vendor.objects.select_for_update(of=("self",), no_key=True).select_related("user").get(pk=vendor.pk)


def _invite(vendor: Vendor, *, why: Invitation.Why, by: User | None) -> Invitation:
    return invitations.invite(vendor.user, address=vendor.address, language=vendor.language, why=why, by=by)


def _revoke(vendor: Vendor, *, why: str, but: EntraAccount | None) -> None:
    for account in accounts.live_accounts(vendor.user).exclude(pk=but.pk if but else 0):
        accounts.revoke(account, why=why)


def _is_live(account: EntraAccount) -> bool:
    return EntraAccount.objects.live().filter(pk=account.pk).exists()


def _close(change: EmailChange, state: EmailChange.State) -> None:
    now = timezone.now()
    if not EmailChange.objects.filter(pk=change.pk, state=State.OPEN).update(state=state, closed_at=now):
        raise NotOpen
    change.state, change.closed_at = state, now


def _confirm(change: EmailChange) -> None:
    _close(change, State.CONFIRMED)
    _record(change, Kind.EMAIL_CHANGE_CONFIRMED)
    _resolve(change.vendor, reasons=["change_not_accepted"], how="new address used")


def _record(
    change: EmailChange, kind: VendorEvent.Kind, *, by: User | None = None, via: str = "", reason: str = ""
) -> None:
    lifecycle.record(
        change.vendor, kind, by=by, via=via, reason=reason, data={"email_change": change.pk, "mode": change.mode}
    )


def _resolve(vendor: Vendor, *, reasons: list[str], how: str) -> None:
    """A disputed change stays a case after the first sign-in: that may be the very person it was disputed about."""
    cases.resolve_for(vendor.user, stages=[Failure.Stage.EMAIL_CHANGE], reasons_only=reasons, how=how)
