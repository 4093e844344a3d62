"""Which accounts of the tenant may sign in as a user. Bound and not revoked is access: nothing else counts."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from identity.compiled_queries import Compiled, Given
from identity.models import Device, EntraAccount, EntraAccountQuerySet, Failure, Session, User, protected_rows
from identity.text_direction import gettext as _

MAX_LIVE = 2  # the second only while an email change is open


class BoundToSomebodyElse(Exception):
    """Graph returned a guest that is already bound to another user."""

    def __init__(self, account: EntraAccount) -> None:
        super().__init__(f"Guest {account.oid} belongs to someone else.")
        self.account = account


class TooManyAccounts(Exception):
    """The user already has two live accounts."""


class Disowned(Exception):
    """Graph returned a guest of whom the person said that it is not their account."""

    def __init__(self, account: EntraAccount) -> None:
        super().__init__(f"The person said that guest account {account.oid} was not theirs.")
        self.account = account


class StillLive(Exception):
    """An account that someone can sign in with is not handed over."""

    def __init__(self, account: EntraAccount) -> None:
        super().__init__(_("Someone can still sign in with %(account)s.") % {"account": account.address})
        self.account = account


def lock_person(user_id: int) -> User:
    """Hold a person until the transaction ends.

    Whoever signs them in, or changes their accounts, their invitation or whether they may come in, holds their row
    before any other row of theirs: no deadlocks, and nobody is let in while somebody else shuts them out. Rows that
    merely refer to the person are written without waiting for it (FOR NO KEY UPDATE).
    """
    return User.objects.select_for_update(no_key=True).get(pk=user_id)


def lock_people(*user_ids: int) -> list[User]:
    """Hold several, always in the same order, so that two who hold the same ones wait for each other once."""
    return list(User.objects.select_for_update(no_key=True).filter(pk__in=user_ids).order_by("pk"))


def lock_account(**which: object) -> EntraAccount | None:
    """Hold the person, then the account: in that order in one statement."""
    return _held().filter(**which).first()


def lock_account_of(*, tenant_id: str, oid: str) -> EntraAccount | None:
    """As `lock_account`, by the pair that names an account."""
    return BY_OID.first(tenant_id=tenant_id, oid=oid)


def _held() -> EntraAccountQuerySet:
    return EntraAccount.objects.select_for_update(of=("user", "self"), no_key=True).select_related("user")


BY_OID = Compiled(lambda: _held().filter(tenant_id=Given("tenant_id"), oid=Given("oid")))


def live_accounts(user: User) -> EntraAccountQuerySet:
    return EntraAccount.objects.filter(user=user).live().order_by("created_at")


def has_signed_in(user: User) -> bool:
    """With any account, live or not."""
    return EntraAccount.objects.filter(user=user, first_sign_in_at__isnull=False).exists()


@transaction.atomic
def bind(user: User, *, oid: uuid.UUID | str, address: str, created_by_passport: bool) -> EntraAccount:
    """Make this guest of the tenant an account of the user.

    The same guest coming back is un-revoked, also when the vendor it belonged to was erased and the address is now
    somebody new; but never one that the person disowned, as its owner would get in. A live account at the same address
    with another guest is revoked: the guest was made anew and the old one opens nothing any more. Raise
    BoundToSomebodyElse, Disowned or TooManyAccounts.
    """
    oid = uuid.UUID(str(oid))
    lock_person(user.pk)
    account = EntraAccount.objects.filter(tenant_id=settings.ENTRA_TENANT_ID, oid=oid).first()
    if account is not None and account.user_id != user.pk:
        if account.revoked_why != EntraAccount.Revoked.ERASED:
            raise BoundToSomebodyElse(account)
        created_by_passport = created_by_passport or account.created_by_passport
        _let_go(account)
        account = None
    if account is not None and account.revoked_why == EntraAccount.Revoked.DISOWNED:
        raise Disowned(account)
    for other in live_accounts(user).filter(address__iexact=address).exclude(oid=oid):
        revoke(other, why=EntraAccount.Revoked.REPAIRED)
    if account is None:
        if live_accounts(user).count() >= MAX_LIVE:
            raise TooManyAccounts(f"Person {user.pk} already has {MAX_LIVE} accounts that can sign in.")
        return EntraAccount.objects.create(
            tenant_id=settings.ENTRA_TENANT_ID,
            oid=oid,
            user=user,
            guest=True,
            address=address,
            created_by_passport=created_by_passport,
        )
    if not account.is_live and live_accounts(user).count() >= MAX_LIVE:
        raise TooManyAccounts(f"Person {user.pk} already has {MAX_LIVE} accounts that can sign in.")
    account.address = address
    account.revoked_at, account.revoked_why, account.guest_removed_at = None, "", None
    account.created_by_passport = account.created_by_passport or created_by_passport
    account.save(update_fields=["address", "revoked_at", "revoked_why", "guest_removed_at", "created_by_passport"])
    return account


@transaction.atomic
def bind_found(user: User, *, oid: uuid.UUID, address: str) -> EntraAccount:
    """Make a guest that is in the tenant already, and nobody's here, an account of the user, without an invitation.

    The exception to the rule that the answer to an invitation binds: whoever calls this has looked in the tenant and
    found exactly one guest whose mail is the address. A guest that is or ever was anybody's account is not taken. Raise
    BoundToSomebodyElse or TooManyAccounts.
    """
    lock_person(user.pk)
    found = {"tenant_id": settings.ENTRA_TENANT_ID, "oid": oid}
    if account := EntraAccount.objects.filter(**found).first():
        raise BoundToSomebodyElse(account)
    if live_accounts(user).exists():
        raise TooManyAccounts(f"Person {user.pk} already has an account that can sign in.")
    try:
        with transaction.atomic():
            return EntraAccount.objects.create(
                **found, user=user, guest=True, address=address, created_by_passport=False
            )
    except IntegrityError:  # someone was first
        raise BoundToSomebodyElse(EntraAccount.objects.get(**found)) from None


def bound(oids: Collection[uuid.UUID]) -> dict[uuid.UUID, EntraAccount]:
    """Those of these guests that are or once were someone's account. One statement."""
    accounts = EntraAccount.objects.filter(tenant_id=settings.ENTRA_TENANT_ID, oid__in=list(oids))
    return {account.oid: account for account in accounts.select_related("user")} if oids else {}


def _let_go(account: EntraAccount) -> None:
    """Nobody's any more: the row waited only for its guest to be removed, and the guest is needed again."""
    Failure.objects.filter(subject=f"oid:{account.oid}", reason="erased_guest_left_over").delete()
    account.delete()


@transaction.atomic
def revoke(account: EntraAccount, *, why: str) -> bool:
    """Take the access away and end every session opened with the account. False when it was revoked already."""
    lock_person(account.user_id)
    now = timezone.now()
    revoked = EntraAccount.objects.filter(pk=account.pk, revoked_at=None).update(revoked_at=now, revoked_why=why)
    Device.objects.filter(account=account, ended_at=None).update(ended_at=now)
    Session.objects.filter(account=account).delete()
    if revoked:
        account.revoked_at, account.revoked_why = now, why
    return bool(revoked)


@transaction.atomic
def restore(user: User, *, why: str) -> int:
    """Give back the accounts that were revoked for this reason and whose guest is still there; how many. No session
    comes back: whoever signs in again begins one.
    """
    lock_person(user.pk)
    return _restorable(user, why=why).update(revoked_at=None, revoked_why="")


def has_restorable(user: User, *, why: str) -> bool:
    """Would `restore` give back an account that someone has signed in with?"""
    return _restorable(user, why=why).filter(first_sign_in_at__isnull=False).exists()


def _restorable(user: User, *, why: str) -> EntraAccountQuerySet:
    return EntraAccount.objects.filter(user=user, revoked_why=why, revoked_at__isnull=False, guest_removed_at=None)


@transaction.atomic
def take_over_account(account: EntraAccount, *, giver: User, taker: User) -> None:
    """A revoked guest of `giver` becomes one of `taker`, and stays revoked until `taker` is invited at its address.

    The one place where an account changes hands: `giver` was closed as a duplicate of `taker`. Raise
    BoundToSomebodyElse, Disowned or StillLive.
    """
    lock_people(giver.pk, taker.pk)
    account = EntraAccount.objects.select_for_update(of=("self",), no_key=True).get(pk=account.pk)
    if account.user_id != giver.pk or not account.guest:
        raise BoundToSomebodyElse(account)
    if account.is_live:
        raise StillLive(account)
    if account.revoked_why == EntraAccount.Revoked.DISOWNED:
        raise Disowned(account)
    with protected_rows.lifted():
        # Whatever it was revoked for, nothing that is given back to `taker` includes it.
        EntraAccount.objects.filter(pk=account.pk).update(user=taker, revoked_why=EntraAccount.Revoked.DUPLICATE)


def end_sessions(user: User) -> int:
    """End every session of the user now, and the devices that would open new ones.

    Entra's own revoke does nothing for guests.
    """
    Device.objects.filter(account__user=user, ended_at=None).update(ended_at=timezone.now())
    return Session.objects.filter(user=user).delete()[0]
