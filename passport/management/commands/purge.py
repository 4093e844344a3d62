"""Remove what may be kept no longer."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentTypeError
from collections.abc import Callable
from functools import partial
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from identity.privacy import retention as identity_retention
from onboarding.draft import retention as onboarding_retention
from vendors import erasure_list
from vendors.privacy import listing
from vendors.privacy import retention as vendors_retention

BRAKE = (
    "%(count)s vendors were due tonight, more than can be erased in one night (PURGE_AT_MOST, or 5%% of all vendors), "
    "so none were erased. Check the KEEP_… settings and the list “About to be erased”. If the list is right, run this "
    "with --at-most %(count)s."
)


def at_least_one(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"“{text}” is not a number of vendors, such as 100")
    return int(text)


class Command(BaseCommand):
    help = (
        "Delete everything that must not be kept any longer, and say how many of each kind there "
        "were. The worker does this every night."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only count, and change nothing.")
        parser.add_argument(
            "--at-most",
            type=at_least_one,
            metavar="N",
            help="Erase up to N vendors that have been on the list for 30 days, instead of what PURGE_AT_MOST allows.",
        )
        parser.add_argument("--json", action="store_true", help="Print only JSON on standard output.")

    def handle(self, *args: Any, dry_run: bool, at_most: int | None, **options: Any) -> None:
        now = timezone.now()
        counts: dict[str, int] = {}
        with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
            # Drafts before vendors: their files are the vendors' to forget.
            purges: list[Callable[..., dict[str, int]]] = [
                identity_retention.purge,
                onboarding_retention.purge,
                partial(vendors_retention.purge, at_most=at_most),
            ]
            try:
                for purge in progress.track(purges, description="Looking through everything"):
                    counts |= purge(now=now, dry_run=dry_run)
            except erasure_list.CannotWrite as refusal:
                raise CommandError(str(refusal)) from refusal
        self._print(counts, dry_run=dry_run, as_json=options["json"])
        if stopped := counts[listing.STOPPED]:
            raise CommandError(BRAKE % {"count": stopped})

    def _print(self, counts: dict[str, int], *, dry_run: bool, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(counts, indent=2))
            return
        table = Table(box=None, pad_edge=False)
        table.add_column("kind", no_wrap=True)
        table.add_column("would be deleted" if dry_run else "deleted", justify="right")
        for kind, count in counts.items():
            table.add_row(kind.replace("_", " "), str(count))
        Console(file=cast(IO[str], self.stdout), markup=False).print(table)
