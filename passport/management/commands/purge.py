"""Remove what may be kept no longer."""

from __future__ import annotations

import json
import sys
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from identity.privacy import retention as identity_retention
from onboarding.draft import retention as onboarding_retention
from vendors.privacy import retention as vendors_retention

# Drafts first: their files are the vendors' to forget.
APPS = (identity_retention, onboarding_retention, vendors_retention)


class Command(BaseCommand):
    help = (
        "Delete everything that must not be kept any longer, and say how many of each kind there "
        "were. The worker does this every night."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only count, and change nothing.")
        parser.add_argument("--json", action="store_true", help="Print only JSON on standard output.")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        now = timezone.now()
        counts: dict[str, int] = {}
        with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
            for app in progress.track(APPS, description="Looking through everything"):
                counts |= app.purge(now=now, dry_run=dry_run)
        if options["json"]:
            self.stdout.write(json.dumps(counts, indent=2))
            return
        table = Table(box=None, pad_edge=False)
        table.add_column("kind", no_wrap=True)
        table.add_column("would be deleted" if dry_run else "deleted", justify="right")
        for kind, count in counts.items():
            table.add_row(kind.replace("_", " "), str(count))
        Console(file=cast(IO[str], self.stdout), markup=False).print(table)
