"""Run durable tasks: for ever, or once through for cron and for catching up."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from identity import outages
from identity.jobs import worker


class Command(BaseCommand):
    help = "Run durable tasks: invitations, emails, upkeep. You can run as many workers as you like."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--once",
            action="store_true",
            help="Rescue stalled jobs, run every periodic task once, do everything due, print one line and exit.",
        )

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        try:
            if once:
                self.stdout.write(str(worker.run_once()))
            else:
                worker.run()
        except KeyboardInterrupt:
            return
        except Exception as error:
            if outages.is_outage(error):
                raise
            said = " ".join(str(error).split()) or "no further details"
            raise CommandError(f"The worker stopped: {type(error).__name__}: {said}") from error
