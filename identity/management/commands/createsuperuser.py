"""Passport has no passwords and no superusers."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = (
        "Always refuses: Passport has no passwords. Staff sign in through Entra; in an emergency, use emergency_link."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        raise CommandError("Passport has no passwords. Give the person a role in Entra, or use emergency_link.")
