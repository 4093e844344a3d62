"""Why someone cannot sign in, and what to do about it."""

from __future__ import annotations

import datetime as dt
import json
import sys
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console

from identity.failures import reasons
from identity.management.commands.failures import as_json as failure_as_json
from identity.models import EntraAccount, Invitation, LoggedSignIn, SignInAttempt
from identity.typed import cleaning
from vendors.diagnosis import explanation
from vendors.diagnosis.advice import recommend
from vendors.diagnosis.explanation import Explanation
from vendors.history.timeline import shown


class Command(BaseCommand):
    help = "Show everything Passport knows about why this person cannot sign in, newest first, and what to do about it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", type=cleaning.address, help="Any address that they have or ever had.")
        parser.add_argument("--json", action="store_true", help="Print only JSON on standard output.")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        if not email.strip():
            raise CommandError("EMAIL must not be empty.", returncode=2)
        known = explanation.explain_address(email)
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(known), indent=2))
        else:
            self._tell(known)
        if known.vendor is None:
            self.stderr.write(f"No vendor has, or ever had, the address {email}.")
            sys.exit(1)

    def _tell(self, known: Explanation) -> None:
        console = Console(file=cast(IO[str], self.stdout), markup=False, highlight=False, soft_wrap=True)
        vendor = known.vendor
        if vendor is not None:
            console.print(f"{vendor}, {vendor.address}, {vendor.get_state_display()}", style="bold")
        for other in known.namesakes:
            console.print(f"This address is also connected with {other}, {other.address}.")
        for entry in known.entries():
            console.print(f"{shown(entry.at)}  {entry.title}: {entry.tag_label}".removesuffix(": "))
            for detail in entry.details:
                console.print(f"    {detail}")
        console.print(f"\n{recommend(known)}", style="bold")


def _as_json(known: Explanation) -> dict[str, Any]:
    attempts = [*map(_attempt, known.attempts), *map(_logged, known.logged)]
    return {
        "address": known.address,
        "vendor_state": known.vendor.state if known.vendor else None,
        "accounts": [_account(account) for account in known.accounts],
        "invitations": [_invitation(invitation) for invitation in known.invitations],
        "attempts": sorted(attempts, key=lambda attempt: attempt["at"], reverse=True),
        "failures": [failure_as_json(failure) for failure in [*known.failures, *known.claims]],
        "recommendation": str(recommend(known)),
    }


def _account(account: EntraAccount) -> dict[str, Any]:
    return {
        "oid": str(account.oid),
        "address": account.address,
        "live": account.is_live,
        "revoked_at": _time(account.revoked_at),
        "revoked_why": account.revoked_why,
        "created_at": _time(account.created_at),
        "first_sign_in_at": _time(account.first_sign_in_at),
        "last_sign_in_at": _time(account.last_sign_in_at),
        "signed_in_as": account.signed_in_as,
    }


def _invitation(invitation: Invitation) -> dict[str, Any]:
    return {
        "address": invitation.address,
        "state": invitation.state,
        "why": invitation.why,
        "reason": invitation.reason,
        "last_error": invitation.last_error,
        "attempts": invitation.attempts,
        "next_try_at": _time(invitation.next_try_at),
        "queued_at": _time(invitation.queued_at),
        "sent_at": _time(invitation.sent_at),
        "closed_at": _time(invitation.closed_at),
    }


def _attempt(attempt: SignInAttempt) -> dict[str, Any]:
    return {
        "at": _time(attempt.started_at),
        "source": "passport",
        "outcome": attempt.outcome or "pending",
        "reason": attempt.failure.reason if attempt.failure else "",
        "reference": attempt.failure.reference if attempt.failure else "",
        "code": "",
        "correlation_id": "",
    }


def _logged(logged: LoggedSignIn) -> dict[str, Any]:
    return {
        "at": _time(logged.at),
        "source": "entra_log",
        "outcome": "failed",
        "reason": reasons.BY_AADSTS.get(logged.code, "microsoft_refused"),
        "reference": "",
        "code": logged.code,
        "correlation_id": logged.correlation_id,
    }


def _time(at: dt.datetime | None) -> str | None:
    return at.isoformat() if at else None
