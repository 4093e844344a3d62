"""Add and invite the vendors in a CSV file."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress

from vendors.bulk_import import csv_rows, tables
from vendors.bulk_import.csv_rows import Kind, Result


class Command(BaseCommand):
    help = (
        "Add and invite the vendors in a CSV file or an Excel workbook (.xlsx). The first row names the columns: name "
        "(or first name and last name), email and, if you like, language and owner. If it is interrupted, run it "
        "again: vendors who are already known are left alone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="Show what would happen, and change nothing.")

    def handle(self, *args: Any, file: Path, dry_run: bool, **options: Any) -> None:
        try:
            with file.open("rb") as saved, tables.as_csv(saved) as opened:
                counts = self._import(opened, rows=csv_rows.count(opened), dry_run=dry_run)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.", returncode=2) from error
        except csv_rows.BadFile as error:
            raise CommandError(f"{file}: {error}", returncode=2) from error
        verb = "would be added and invited" if dry_run else "added and invited"
        self.stdout.write(
            f"{counts.total()} rows: {counts[Kind.ADDED] + counts[Kind.DOUBTFUL]} {verb} "
            f"({counts[Kind.DOUBTFUL]} to check), {counts[Kind.KNOWN]} already known, {counts[Kind.REFUSED]} refused."
        )
        if counts[Kind.REFUSED]:
            raise CommandError(f"{counts[Kind.REFUSED]} rows were refused.")

    def _import(self, file: BinaryIO, *, rows: int, dry_run: bool) -> Counter[str]:
        counts: Counter[str] = Counter()
        watched = sys.stderr.isatty()
        columns = (*Progress.get_default_columns(), MofNCompleteColumn())
        console = Console(stderr=True)
        with Progress(*columns, console=console, transient=True, redirect_stdout=False, disable=not watched) as bar:
            # On one terminal a line of ours would otherwise be written into the bar.
            say = _above(bar) if watched and sys.stdout.isatty() else self.stdout.write
            task = bar.add_task("", total=rows)
            try:
                for result in csv_rows.examine(file) if dry_run else csv_rows.carry_out(file):
                    counts[result.kind] += 1
                    if result.kind != Kind.ADDED:
                        say(_line(result))
                    bar.advance(task)
            except KeyboardInterrupt:
                raise CommandError(
                    f"Stopped after {counts.total()} of {rows} rows. Run it again to continue."
                ) from None
        return counts


def _above(bar: Progress) -> Callable[[str], Any]:
    return lambda line: bar.console.print(line, markup=False, highlight=False, soft_wrap=True)


def _line(result: Result) -> str:
    return f"line {result.line}: {result.address or '–'}: {result.kind.label}. {result.sentence}"
