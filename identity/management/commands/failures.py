"""List the cases: a table for people, JSON for machines."""

from __future__ import annotations

import json
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandParser
from rich.console import Console
from rich.table import Table

from identity.failures import reasons
from identity.failures.runbooks import RUNBOOKS
from identity.models import Failure


class Command(BaseCommand):
    help = "List what went wrong and for whom, newest first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--open", action="store_true", help="Only open cases.")
        parser.add_argument("--json", action="store_true", help="Print only JSON on standard output.")

    def handle(self, *args: Any, **options: Any) -> None:
        failures = Failure.objects.open() if options["open"] else Failure.objects.all()
        if options["json"]:
            self.stdout.write(json.dumps([as_json(failure) for failure in failures.iterator()], indent=2))
            return
        table = Table(box=None, pad_edge=False)
        for name in ("reference", "address", "reason"):
            table.add_column(name, no_wrap=True)
        for name in ("times", "state", "last seen"):
            table.add_column(name)
        what_to_do = {}
        for failure in failures.iterator():
            what_to_do[failure.reason] = str(reasons.get(failure.reason).vm_action)
            table.add_row(
                failure.reference,
                _who(failure),
                failure.reason,
                str(failure.count),
                failure.state,
                f"{failure.last_seen_at:%Y-%m-%d %H:%M}",
            )
        console = Console(file=cast(IO[str], self.stdout), markup=False)
        console.print(table if table.row_count else "No cases.")
        for reason, action in what_to_do.items():
            console.print(f"\n{reason}: {action}")
            if reason in RUNBOOKS:
                console.print(f"Operations: follow “{RUNBOOKS[reason]}” in docs/operations.md.")


def _who(failure: Failure) -> str:
    if failure.address:
        return f"{failure.address} (typed, not proven)" if failure.is_typed else failure.address
    return f"{failure.claimed_address} (according to Microsoft)" if failure.claimed_address else "unknown"


def as_json(failure: Failure) -> dict[str, Any]:
    return {
        "reference": failure.reference,
        "stage": failure.stage,
        "reason": failure.reason,
        "address": failure.address,
        "claimed_address": failure.claimed_address,
        "count": failure.count,
        "state": failure.state,
        "first_seen_at": failure.first_seen_at.isoformat(),
        "last_seen_at": failure.last_seen_at.isoformat(),
        "advice": str(reasons.of(failure.reason, failure.detail).vm_action),
    }
