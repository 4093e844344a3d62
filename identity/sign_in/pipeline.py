"""Who may come in. Every refusal is an exception with a reason; no step returns nothing on purpose."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from social_core.exceptions import AuthPolicyError

from identity import accounts
from identity.compiled_queries import CompiledUpdate, Given
from identity.failures import cases
from identity.invitations import lifecycle as invitations
from identity.models import EntraAccount, Failure, User
from identity.roles import staff_roles
from identity.sign_in.oidc import claimed_address

SEEN_AGAIN = CompiledUpdate(
    lambda: EntraAccount.objects.filter(pk=Given("account")),
    last_sign_in_at=Given("now"),
    signed_in_as=Given("address"),
)
FRESHNESS_ALLOWANCE = 10  # seconds between Microsoft's clock and ours


class NotAllowed(AuthPolicyError):
    """A refusal by our own policy; `reason` is a code of identity.failures.reasons.

    The pipeline runs in one transaction that a refusal rolls back; `consequence` is what must happen all the same.
    """

    def __init__(
        self, backend: Any, reason: str, *, user: User | None = None, consequence: Callable[[], None] | None = None
    ) -> None:
        super().__init__(backend, reason, code="authentication_disallowed", stage="pipeline")
        self.reason = reason
        self.user = user
        self.consequence = consequence


def claims(backend: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    token = backend.id_token
    roles = token.get("roles")
    return {
        "claims": token,
        "uid": backend.get_user_id({}, {}),
        "roles": staff_roles(role for role in roles if isinstance(role, str)) if isinstance(roles, list) else [],
    }


def same_person(backend: Any, uid: str, *args: Any, **kwargs: Any) -> None:
    """An invitation, a silent renewal or a step-up names who must come back."""
    expected = backend.transaction.get("expected_oid")
    if expected and expected != uid:
        raise NotAllowed(backend, "different_account")


def fresh(backend: Any, claims: dict[str, Any], *args: Any, **kwargs: Any) -> None:
    """A step-up must be a new sign-in, not one that the tenant remembered, and only `auth_time` says so.

    `prompt` and `max_age` went through the browser, in whose hands they are.
    """
    if not backend.transaction.get("purpose"):
        return
    if not says_when(claims):
        raise NotAllowed(backend, "auth_time_missing")
    if not claims["auth_time"] >= backend.transaction["timestamp"] - FRESHNESS_ALLOWANCE:
        raise NotAllowed(backend, "not_fresh")


def says_when(claims: dict[str, Any] | None) -> bool:
    """Does the token say when the person signed in?"""
    authenticated_at = (claims or {}).get("auth_time")
    return isinstance(authenticated_at, int | float) and not isinstance(authenticated_at, bool)


def account(backend: Any, claims: dict[str, Any], uid: str, roles: list[str], *args: Any, **kwargs: Any) -> dict:
    """The account that Passport invited, by (tid, oid) alone; or a member with a staff role."""
    # Held until the session is written: suspending and revoking wait for it, or are seen here.
    account = accounts.lock_account_of(tenant_id=claims["tid"], oid=uid)
    acct = claims.get("acct")
    if account is None:
        if not roles:
            raise NotAllowed(backend, "staff_role_missing" if acct == 0 else "not_invited")
    elif account.guest:
        if acct is not None and acct != 1:
            raise NotAllowed(backend, "account_kind_changed", user=account.user)
        if roles:
            raise NotAllowed(backend, "staff_role_on_guest", user=account.user)
        # Whoever was closed is told so by `admit`, which knows the state; `accept` lets no one past without access.
        if not account.is_live and account.revoked_why != EntraAccount.Revoked.CLOSED:
            raise NotAllowed(backend, "access_revoked", user=account.user)
        backend.account = account
        return {"account": account, "user": account.user}
    # From here on: staff.
    user = account.user if account else None
    if acct == 1:
        raise NotAllowed(backend, "staff_role_on_guest", user=user)
    if acct != 0:
        raise NotAllowed(backend, "staff_acct_missing", user=user)
    if not roles:
        drop = partial(_drop_staff, user) if user is not None else None
        raise NotAllowed(backend, "staff_role_missing", user=user, consequence=drop)
    if account is not None and not account.is_live:
        raise NotAllowed(backend, "access_revoked", user=user)
    return {"account": account, "user": user}


def staff(
    backend: Any,
    claims: dict[str, Any],
    uid: str,
    roles: list[str],
    account: EntraAccount | None = None,
    user: User | None = None,
    *args: Any,
    **kwargs: Any,
) -> dict | None:
    """Staff come from the app role alone: made at the first sign-in, roles applied at every one."""
    if not roles:
        return None
    if account is None or user is None:
        user = User.objects.create_user(email=claimed_address(claims), is_staff=True)
        account = EntraAccount.objects.create(tenant_id=claims["tid"], oid=uid, user=user, guest=False)
    if set(user.roles) - set(roles):
        accounts.end_sessions(user)
    if user.roles != roles or not user.is_staff:
        user.roles, user.is_staff = roles, True
        user.save(update_fields=["roles", "is_staff"])
    backend.account = account
    return {"account": account, "user": user}


@transaction.atomic
def _drop_staff(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_staff=False, roles=[])
    accounts.end_sessions(user)


def active(backend: Any, user: User, *args: Any, **kwargs: Any) -> None:
    if not user.is_active:
        raise NotAllowed(backend, "user_inactive", user=user)


def accept(
    backend: Any, user: User, account: EntraAccount, claims: dict[str, Any] | None = None, *args: Any, **kwargs: Any
) -> Any:
    """Note the sign-in. It is the proof that the invitation was accepted.

    A first sign-in with another address than the invited one ends the pipeline here: the person is asked first whether
    the account is their own (`finish` goes on from there).
    """
    if not account.is_live:
        raise NotAllowed(backend, "access_revoked", user=user)
    reported = claimed_address(claims)
    now = timezone.now()
    account.last_sign_in_at = now
    account.signed_in_as = reported or account.signed_in_as
    changed = ["last_sign_in_at", "signed_in_as"]
    if account.awaits_confirmation:
        account.save(update_fields=changed)
        return user
    if account.first_sign_in_at is None:
        account.first_sign_in_at = now
        changed.append("first_sign_in_at")
        account.save(update_fields=changed)
    else:
        SEEN_AGAIN(account=account.pk, now=now, address=account.signed_in_as)
    if reported and user.email != reported:
        user.email = reported
        user.save(update_fields=["email"])
    if account.guest and "first_sign_in_at" in changed:
        invitations.accepted(account)
    # Of a colleague too: whoever has mended a common cause signs in to see whether it is over.
    cases.resolve_for(
        user,
        stages=[Failure.Stage.SIGN_IN, Failure.Stage.INVITATION],
        how="signed in",
        common=Failure.Stage.SIGN_IN,
    )
    return {"first": "first_sign_in_at" in changed}


@transaction.atomic
def finish(account_id: int) -> bool:
    """Go on with the pipeline from where `accept` stopped, after the person said that the account is their own.

    False when its access was taken away meanwhile.
    """
    account = accounts.lock_account(pk=account_id)
    if account is None or not account.is_live:
        return False
    if account.awaits_confirmation:
        account.confirmed_own_at = timezone.now()
        account.save(update_fields=["confirmed_own_at"])
    steps = list(settings.SOCIAL_AUTH_PIPELINE)
    values: dict[str, Any] = {"backend": None, "user": account.user, "account": account}
    for name in steps[steps.index("identity.sign_in.pipeline.accept") :]:
        values |= import_string(name)(**values) or {}
    return True
