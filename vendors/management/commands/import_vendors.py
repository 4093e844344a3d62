"""Add the vendors in a CSV file or a workbook, and invite them or bind the guests that they are already."""

from __future__ import annotations

import contextlib
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress

from identity.microsoft import graph
from vendors.bulk_import import csv_rows, refused_rows, tables
from vendors.bulk_import.by_command import Record
from vendors.bulk_import.csv_rows import Kind, Note, Result, Row, Wanted
from vendors.bulk_import.guests_there import GuestsThere


class Command(BaseCommand):
    help = (
        "Add and invite the vendors in a CSV file or an Excel workbook (.xlsx). The first row names the columns: name "
        "(or first name and last name), email and, if you like, language and owner. If it is interrupted, run it "
        "again: vendors who are already known are left alone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="Show what would happen, and change nothing.")
        parser.add_argument(
            "--bind",
            action="store_true",
            help="The vendors are already guests in the tenant: connect each to their guest. No one is invited and "
            "nothing is sent.",
        )
        parser.add_argument(
            "--carry-over",
            action="store_true",
            help="Also read the columns of a profile from another system. Rows with a profile are approved unchanged.",
        )
        parser.add_argument("--pilot", action="store_true", help="Only the rows that say yes in the column “pilot”.")
        parser.add_argument(
            "--refused",
            type=Path,
            metavar="REFUSED.csv",
            help="Write the refused rows to this file, each with the reason.",
        )

    def handle(
        self,
        *args: Any,
        file: Path,
        dry_run: bool,
        bind: bool,
        carry_over: bool,
        pilot: bool,
        refused: Path | None,
        **options: Any,
    ) -> None:
        try:
            with file.open("rb") as saved, tables.as_csv(saved) as opened, _refused(refused, opened) as keep:
                rows = csv_rows.count(opened, carries_over=carry_over)
                if pilot and not csv_rows.names_pilots(opened):
                    raise CommandError(f"{file}: There is no column “pilot”.", returncode=2)
                wanted = Wanted(GuestsThere.read() if bind else None, carries_over=carry_over, only_pilot=pilot)
                record = None if dry_run else Record(name=file.name, binds=bind)
                counts = self._import(opened, wanted, record, keep=keep, rows=rows)
        except OSError as error:
            is_its_own = refused is not None and error.filename == str(refused)
            what = f"{refused} cannot be written" if is_its_own else f"{file} cannot be read"
            raise CommandError(f"{what}: {error.strerror}.", returncode=2) from error
        except csv_rows.BadFile as error:
            raise CommandError(f"{file}: {error}", returncode=2) from error
        except graph.GraphError as error:
            reason = "Passport may not read them (User.Read.All)" if isinstance(error, graph.NotPermitted) else error
            raise CommandError(f"The guests in the tenant cannot be read, so nothing was done: {reason}") from error
        self._say_what_was_done(counts, rows=rows, dry_run=dry_run, bind=bind)
        if counts[Kind.REFUSED]:
            raise CommandError(f"{counts[Kind.REFUSED]} rows were refused.")

    def _import(
        self,
        file: BinaryIO,
        wanted: Wanted,
        record: Record | None,
        *,
        keep: Note,
        rows: int,
    ) -> Counter[str]:
        counts: Counter[str] = Counter()
        watched = sys.stderr.isatty()
        columns = (*Progress.get_default_columns(), MofNCompleteColumn())
        console = Console(stderr=True)
        with Progress(*columns, console=console, transient=True, redirect_stdout=False, disable=not watched) as bar:
            # On one terminal a line of ours would otherwise be written into the bar.
            say = _above(bar) if watched and sys.stdout.isatty() else self.stdout.write
            task = bar.add_task("", total=rows)
            try:
                if record is None:
                    results = csv_rows.examine(file, wanted, keep=keep)
                else:
                    results = csv_rows.carry_out(file, wanted, note=record.note, keep=keep)
                for result in results:
                    counts[result.kind] += 1
                    if result.kind != Kind.ADDED:
                        say(_line(result))
                    bar.advance(task)
            except KeyboardInterrupt:
                raise CommandError(
                    f"Stopped after {counts.total()} of {rows} rows. Run it again to continue."
                ) from None
            finally:
                run = record.end() if record else None
                if run is not None:
                    say(f"This is import {run.pk}. To withdraw it: manage.py withdraw_import {run.pk} --reason “…”")
        return counts

    def _say_what_was_done(self, counts: Counter[str], *, rows: int, dry_run: bool, bind: bool) -> None:
        done = "added and connected to their guests" if bind else "added and invited"
        left = rows - counts.total()
        self.stdout.write(
            f"{rows} rows: {counts[Kind.ADDED] + counts[Kind.DOUBTFUL]} {'would be ' if dry_run else ''}{done} "
            f"({counts[Kind.DOUBTFUL]} to check), {counts[Kind.KNOWN]} already known, {counts[Kind.REFUSED]} refused"
            f"{f', {left} left for after the pilot' if left else ''}."
        )


@contextlib.contextmanager
def _refused(path: Path | None, file: BinaryIO) -> Iterator[Note]:
    """Where refused rows are kept, one by one, however many there are."""
    if path is None:
        yield lambda _row, _result: None
        return
    with path.open("w", encoding="utf-8", newline="") as out:
        heading = csv_rows.titles(file)
        out.write(refused_rows.heading_line(heading))

        def keep(row: Row, result: Result) -> None:
            out.write(refused_rows.line_of(row.raw, result.sentence, width=len(heading)))

        yield keep


def _above(bar: Progress) -> Callable[[str], Any]:
    return lambda line: bar.console.print(line, markup=False, highlight=False, soft_wrap=True)


def _line(result: Result) -> str:
    return f"line {result.line}: {result.address or '–'}: {result.kind.label}. {result.sentence}"
