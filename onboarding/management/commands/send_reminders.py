"""Remind those who were invited and have not signed in, and those who stopped half-way through the wizard."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from identity.invitations import reminders as invitation_reminders
from onboarding.draft import reminders


class Command(BaseCommand):
    help = (
        "Queue the reminders that are due. They are due 3, 7 and 14 days after an invitation, and 3, 10 and 21 days "
        "after a vendor stopped in the wizard, unless VM has set other days. The worker does this every day."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only count, and queue nothing.")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        of_invitations = invitation_reminders.send_due(dry_run=dry_run)
        of_drafts = reminders.send_due(dry_run=dry_run)
        verb = "would be queued" if dry_run else "queued"
        self.stdout.write(
            f"Reminders {verb}: {of_invitations.reminders} for invitations, {of_drafts.reminders} for drafts."
        )
        self.stdout.write(f"Cases: {of_invitations.cases} without a response, {of_drafts.cases} stuck.")
