"""Look at everything that the daily self-check looks at."""

from __future__ import annotations

import json
import sys
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from rich.console import Console
from rich.table import Table

from passport.self_check import daily


class Command(BaseCommand):
    help = (
        "Check email, the clock, Entra, expiry dates, nightly work, disks and encrypted values. Close cases about "
        "problems that have gone away, but open none. The worker does this every day, and opens cases too."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print only JSON on standard output.")

    def handle(self, *args: Any, **options: Any) -> None:
        connection.ensure_connection()  # without a database half of it would fail, and say so at length
        findings = list(daily.look())
        daily.settle(findings, opens=False)
        if options["json"]:
            rows = [{"what": each.what, "state": each.state, "said": each.said} for each in findings]
            self.stdout.write(json.dumps(rows, indent=2))
        else:
            table = Table(box=None, pad_edge=False, show_header=False)
            for each in findings:
                table.add_row(each.state, each.what, each.said)
            Console(file=cast(IO[str], self.stdout), markup=False).print(table)
        problems = sum(each.is_problem for each in findings)
        if problems:
            self.stderr.write(f"The self-check found {problems} problem{'s' if problems > 1 else ''}.")
            sys.exit(1)
