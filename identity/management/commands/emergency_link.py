"""Break-glass access to the admin."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from identity import roles
from identity.sign_in import emergency
from identity.typed import cleaning


class Command(BaseCommand):
    help = (
        "Print a link that signs someone in to the admin once, for use when Entra is down or not set up. "
        "Operations are notified by email."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "email", type=cleaning.address, help="Who the link is for. The session is recorded under this address."
        )
        parser.add_argument("--role", type=cleaning.code, required=True, choices=sorted(roles.PERMISSIONS))
        parser.add_argument(
            "--reason", type=cleaning.name, required=True, help="Why you need it. This is emailed to operations."
        )

    def handle(self, *args: Any, email: str, role: str, reason: str, **options: Any) -> None:
        if "@" not in email:
            raise CommandError(f"{email} is not an email address.", returncode=2)
        if not reason.strip():
            raise CommandError("Give a reason.", returncode=2)
        try:
            self.stdout.write(emergency.make_link(email, role=role, reason=reason.strip()))
        except emergency.SwitchedOff as refusal:
            raise CommandError(str(refusal)) from refusal
