"""Read Entra's sign-in log for failures that never came back to Passport."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from identity.failures import entra_log
from identity.microsoft import graph


class Command(BaseCommand):
    help = "Report our guests' failed sign-ins from Entra's own log. Needs AuditLog.Read.All. The worker does this too."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            reported = entra_log.collect()
        except graph.NotPermitted as error:
            raise CommandError(f"Graph does not let Passport read the sign-in log: {error.summary}") from error
        except graph.GraphError as error:
            raise CommandError(f"The sign-in log could not be read: {error.summary}") from error
        self.stdout.write(f"{reported} failed sign-in{'' if reported == 1 else 's'} reported.")
