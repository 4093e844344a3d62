"""Back up the database and the files."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import signal
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

from passport.backup import make, manifest, programs, sealed

REFUSALS = (make.AnotherIsRunning, make.Failed, programs.NoPrograms, sealed.NoKey)


def days(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least one day")
    return number


class Command(BaseCommand):
    help = (
        "Back up the database and the uploaded files into a new folder in DIR, check what was written, and remove "
        "backups that are too old. The keys are never in it: keep .env somewhere else."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", metavar="DIR", type=Path, help="Created if it does not exist.")
        parser.add_argument(
            "--keep-days",
            type=days,
            default=35,
            metavar="N",
            help="Remove backups in DIR that are older than N days (default: 35), but never the newest.",
        )
        parser.add_argument("--json", action="store_true", help="Print only JSON on standard output.")

    def handle(self, *args: Any, directory: Path, keep_days: int, **options: Any) -> None:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that nothing half done is left
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
        try:
            with Progress(*columns, console=Console(stderr=True), transient=True, disable=_is_quiet()) as progress:
                bar = progress.add_task("Backing up", total=None)
                folder, made = make.make(
                    directory.absolute(),
                    keys=settings.BACKUP_RECIPIENT,
                    step=lambda size: progress.advance(bar, size),
                )
            removed = make.remove_old(directory.absolute(), keep=dt.timedelta(days=keep_days), now=timezone.now())
        except REFUSALS as refusal:
            raise CommandError(str(refusal)) from refusal
        except OSError as error:
            raise CommandError(f"The backup cannot be written: {error.strerror or error}.") from error
        if options["json"]:
            answer = {"path": str(folder), "removed": [str(path) for path in removed]}
            self.stdout.write(json.dumps(answer | {"manifest": manifest.as_dict(made)}, indent=2))
            return
        size = filesizeformat(sum(part.size for part in made.parts)).replace("\xa0", " ")
        secrecy = "encrypted" if made.encrypted_for else "NOT encrypted (set BACKUP_RECIPIENT)"
        self.stdout.write(f"{folder}: {made.rows['vendors_vendor']} vendors, {made.files} files, {size}, {secrecy}.")
        if made.documents_without_file:
            self.stdout.write(f"{made.documents_without_file} documents in the database have no file.")
        if removed:
            self.stdout.write(f"Removed {len(removed)} older than {keep_days} days.")


def _is_quiet() -> bool:
    return not sys.stderr.isatty()
