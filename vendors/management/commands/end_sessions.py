"""End someone's sessions now, and keep a colleague out."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from identity.models import User
from identity.sessions import staff_access
from identity.typed import cleaning
from vendors import signing_out
from vendors.models import Vendor
from vendors.privacy import personal_data

VIA = "end_sessions"


class Command(BaseCommand):
    help = (
        "End all sessions of a colleague or a vendor now. You can also switch a colleague's access off, and on again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "email",
            type=cleaning.address,
            help="The address Microsoft reports for a colleague, or any address of a vendor.",
        )
        switch = parser.add_mutually_exclusive_group()
        switch.add_argument("--switch-off", action="store_true", help="Stop them signing in. Colleagues only.")
        switch.add_argument("--switch-on", action="store_true", help="Let them sign in again. Colleagues only.")
        parser.add_argument(
            "--reason",
            type=cleaning.name,
            default="",
            help="Kept in the person's record. Required to switch access off or on.",
        )

    def handle(self, *args: Any, email: str, switch_off: bool, switch_on: bool, reason: str, **options: Any) -> None:
        email, reason = email.strip(), reason.strip()
        if "@" not in email:
            raise CommandError(f"{email} is not an email address." if email else "EMAIL is empty.", returncode=2)
        if (switch_off or switch_on) and not reason:
            raise CommandError("Give a --reason.", returncode=2)
        colleagues = list(User.objects.staff().at_address(email).order_by("pk"))
        vendor = _vendor(email, or_none=bool(colleagues))
        if switch_off or switch_on:
            if vendor is not None and not colleagues:
                raise CommandError(f"{vendor.address} is a vendor: suspend or reinstate them in the admin.")
            self._switch(colleagues, off=switch_off, reason=reason)
            return
        for user in colleagues:
            self._say(user, f"{_sessions(staff_access.end_sessions(user, via=VIA, reason=reason))} ended.")
        if vendor is not None:
            self.stdout.write(f"{vendor.address}: {_sessions(signing_out.sign_out(vendor, via=VIA))} ended.")

    def _switch(self, colleagues: list[User], *, off: bool, reason: str) -> None:
        """All who go by this address, break-glass users among them."""
        if all(user.is_active != off for user in colleagues):
            raise CommandError(str(staff_access.SwitchedAlready(colleagues[0])))
        for user in colleagues:
            user.refresh_from_db(fields=["is_active"])  # a break-glass user goes with the one of the same address
            if user.is_active != off:
                continue
            if off:
                ended = staff_access.switch_off(user, via=VIA, reason=reason)
                self._say(user, f"access switched off, {_sessions(ended)} ended.")
            else:
                staff_access.switch_on(user, via=VIA, reason=reason)
                self._say(user, "access switched on again.")

    def _say(self, user: User, what: str) -> None:
        self.stdout.write(f"{user} (break-glass): {what}" if user.is_emergency else f"{user}: {what}")


def _vendor(email: str, *, or_none: bool) -> Vendor | None:
    try:
        return personal_data.find(email)
    except personal_data.NobodyThere as refusal:
        if or_none:
            return None
        raise CommandError(f"Neither a colleague nor a vendor has the address {email}.") from refusal
    except personal_data.SeveralThere as refusal:
        if or_none:
            return None
        raise CommandError(str(refusal)) from refusal


def _sessions(count: int) -> str:
    return "1 session" if count == 1 else f"{count} sessions"
