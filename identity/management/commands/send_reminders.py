"""Remind those who were invited and have not signed in."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from identity import reminders


class Command(BaseCommand):
    help = "Queue the reminders that are due (3, 7 and 14 days after the invitation). The worker does it every day."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Count, and queue nothing.")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        sent = reminders.send_due(dry_run=dry_run)
        verb = "would be queued" if dry_run else "queued"
        self.stdout.write(f"Reminders {verb}: {sent.reminders}. Cases of no reaction: {sent.cases}.")
