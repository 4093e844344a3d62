"""Inviting an address as a guest for a user: queued in the caller's transaction, sent by a task (sending.py).

Allowed moves: Invitation.MOVES.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from identity import accounts
from identity.failures import cases, reasons
from identity.jobs.queue import defer
from identity.models import EntraAccount, Failure, Invitation, User
from identity.text_direction import gettext as _
from identity.text_direction import ours
from identity.typed import cleaning

EXPIRES_AFTER = dt.timedelta(days=90)
WARN_BEFORE = dt.timedelta(days=7)

# Graph refuses these in an address (reference of the invitation resource).
_REFUSED_CHARACTERS = re.compile(r"[~!#$%^&*()+=\[\]{}\\/|;:\"<>?,`\s]")

# No mailbox that anyone else can reach ends in one of these (RFC 6761, RFC 6762 and common private ones).
_NO_MAILBOXES = frozenset({"localhost", "local", "localdomain", "internal", "invalid"})


class AddressNotInvitable(ValueError):
    """Microsoft would refuse this address. The message is for people."""


class WrongState(Exception):
    """The invitation is in a state from which this cannot be done."""

    def __init__(self, invitation: Invitation) -> None:
        super().__init__(
            _("You cannot do this now, because the invitation is “%(state)s”.")
            % {"state": ours(invitation.get_state_display())}
        )


def check_address(address: str) -> str:
    """The address as it is stored (domain in lower case). Raise AddressNotInvitable."""
    address = cleaning.address(address)
    local, at, domain = address.rpartition("@")
    if not at or not local or not domain:
        raise AddressNotInvitable(_("Enter an email address, like ana@example.com."))
    refused = _REFUSED_CHARACTERS.search(local)
    if refused:
        shown = _("a space") if refused[0].isspace() else f"“{refused[0]}”"
        raise AddressNotInvitable(
            _("Microsoft cannot invite an address with %(character)s in it. Ask for another address.")
            % {"character": shown}
        )
    if local.startswith((".", "-")) or local.endswith((".", "-")) or ".." in local:
        raise AddressNotInvitable(
            _(
                "Microsoft cannot invite an address if the part before the @ begins or ends with a dot or a hyphen, "
                "or has two dots in a row."
            )
        )
    if not address.isascii():
        raise AddressNotInvitable(_("Microsoft can only invite addresses in plain Latin letters."))
    ending = domain.lower().rpartition(".")
    if not ending[0] or ending[2].isdigit() or ending[2] in _NO_MAILBOXES or domain.startswith("["):
        raise AddressNotInvitable(
            _("“%(domain)s” is not a domain that receives email. Enter an address like ana@example.com.")
            % {"domain": domain}
        )
    try:
        validate_email(address)
    except ValidationError:
        raise AddressNotInvitable(_("Enter an email address, like ana@example.com.")) from None
    if len(address) > 254:
        raise AddressNotInvitable(_("This email address is too long."))
    return f"{local}@{domain.lower()}"


def open_invitation(user: User) -> Invitation | None:
    return Invitation.objects.filter(user=user).open().first()


def latest_invitation(user: User) -> Invitation | None:
    return Invitation.objects.filter(user=user).select_related("account").order_by("-queued_at").first()


@transaction.atomic
def invite(user: User, *, address: str, language: str, why: str, by: User | None = None) -> Invitation:
    """Queue an invitation; an open one is superseded. The task that calls Graph is deferred in the same transaction."""
    address = check_address(address)
    accounts.lock_person(user.pk)
    for other in Invitation.objects.filter(user=user).open():
        move(other, "supersede")
    invitation = Invitation.objects.create(user=user, address=address, language=language, why=why, by=by)
    defer("identity.tasks.send_invitation", invitation_id=str(invitation.pk))
    return invitation


@transaction.atomic
def withdraw(invitation: Invitation, *, by: User | None = None, why: str = EntraAccount.Revoked.WITHDRAWN) -> None:
    """Close the open invitation and take away the access it gave. Raise WrongState."""
    accounts.lock_person(invitation.user_id)
    move(invitation, "withdraw")
    account = invitation.account or _account_of(invitation)
    if account is not None and account.is_live and account.first_sign_in_at is None:
        accounts.revoke(account, why=why)
    cases.resolve_for(
        invitation.user,
        stages=[Failure.Stage.INVITATION],
        reasons_only=reasons.COMMON_REASONS,
        how="invitation withdrawn",
        got_further=False,
    )
    tell(invitation, "withdrawn")


def _account_of(invitation: Invitation) -> EntraAccount | None:
    """A queued resend has no account of its own yet, but the guest it is about may be bound already."""
    return (
        accounts.live_accounts(invitation.user)
        .filter(address__iexact=invitation.address, first_sign_in_at=None)
        .first()
    )


def move(invitation: Invitation, name: str, **fields: Any) -> None:
    """One conditional UPDATE, by whatever changes the state: whoever comes second changes nothing. Raise WrongState.

    The row decides and not `invitation`, which may have been read a while ago.
    """
    origins = Invitation.MOVES[name]
    [target] = set(origins.values())
    values = {"state": target, "next_try_at": None, **fields}
    if target not in Invitation.OPEN:
        values["closed_at"] = timezone.now()
    if not Invitation.objects.filter(pk=invitation.pk, state__in=origins).update(**values):
        invitation.refresh_from_db(fields=["state"])
        raise WrongState(invitation)
    for field, value in values.items():
        setattr(invitation, field, value)


def tell(invitation: Invitation, event: str) -> None:
    import_string(settings.INVITATION_LISTENER)(invitation, event)


def accepted(account: EntraAccount) -> None:
    """The guest has signed in, which is the proof. Call inside the sign-in's transaction."""
    for invitation in Invitation.objects.filter(
        user_id=account.user_id, account=account, state=Invitation.State.SENT
    ).select_for_update():
        accept(invitation)


def accept(invitation: Invitation) -> None:
    """Raise WrongState."""
    move(invitation, "accept")
    tell(invitation, "accepted")


def expire() -> int:
    """Warn VM a week before an unaccepted invitation is 90 days old; withdraw it when it is. Idempotent."""
    now = timezone.now()
    sent = Invitation.objects.filter(state=Invitation.State.SENT)
    for invitation in sent.filter(sent_at__lte=now - (EXPIRES_AFTER - WARN_BEFORE), sent_at__gt=now - EXPIRES_AFTER):
        warned = Failure.objects.filter(
            subject=f"user:{invitation.user_id}", reason="expires_soon", first_seen_at__gt=invitation.sent_at
        )
        if not warned.exists():
            cases.report(
                stage=Failure.Stage.INVITATION,
                reason="expires_soon",
                user=invitation.user,
                address=invitation.address,
            )
    expired = 0
    for invitation in sent.filter(sent_at__lte=now - EXPIRES_AFTER).select_related("user", "account"):
        try:
            withdraw(invitation)
        except WrongState:
            continue
        expired += 1
    return expired
