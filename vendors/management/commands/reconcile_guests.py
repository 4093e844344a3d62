"""Compare Passport with the guests in the tenant."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn
from rich.table import Table

from identity.microsoft import graph
from vendors.diagnosis import reconciliation
from vendors.diagnosis.reconciliation import Finding


class Command(BaseCommand):
    help = "Report where Passport and the tenant's guests differ, with a suggestion for each. Nothing is changed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print only JSON on standard output.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            findings = reconciliation.compare(_counted(graph.guests()))
        except graph.NotPermitted as error:
            raise CommandError(
                f"Graph does not let Passport list the guests ({error.summary} The permission User.Read.All is "
                f"missing.)"
            ) from error
        except graph.GraphError as error:
            raise CommandError(f"The tenant's guests could not be read: {error.summary}") from error
        if options["json"]:
            self.stdout.write(json.dumps([_as_json(finding) for finding in findings], indent=2))
            return
        console = Console(file=cast(IO[str], self.stdout), markup=False)
        console.print(_table(findings) if findings else "Passport and the tenant agree.")


def _counted(guests: Iterator[graph.Guest]) -> Iterator[graph.Guest]:
    """With a count on standard error while it goes; how many there will be, Graph does not say."""
    console = Console(stderr=True)
    if not sys.stderr.isatty():
        yield from guests
        return
    text = TextColumn("Guests read: {task.completed:.0f}")
    with Progress(SpinnerColumn(), text, console=console, transient=True) as progress:
        yield from progress.track(guests, total=None)


def _as_json(finding: Finding) -> dict[str, str]:
    return {
        "address": finding.address,
        "oid": str(finding.oid),
        "finding": finding.finding,
        "suggestion": finding.suggestion,
    }


def _table(findings: list[Finding]) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("finding", "address"):
        table.add_column(name, no_wrap=True)
    table.add_column("suggestion")
    for finding in findings:
        table.add_row(finding.finding, finding.address, finding.suggestion)
    return table
