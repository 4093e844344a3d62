"""Bring everything that is encrypted under the newest key."""

from __future__ import annotations

import json
import sys
from functools import partial
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from identity import encrypted
from vendors.answers import key_rotation
from vendors.answers.key_rotation import NEWEST, Found


class Command(BaseCommand):
    help = (
        "Encrypt everything again with the first of FIELD_ENCRYPTION_KEYS, and report how many values were encrypted "
        "with each key. If it is interrupted, run it again and it continues where it stopped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only count, and change nothing.")
        parser.add_argument("--json", action="store_true", help="Print only JSON on standard output.")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        columns = key_rotation.columns()
        found: dict[str, Found] = {}
        with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
            for column in columns:
                bar = progress.add_task(str(column), total=column.rows().count())
                if dry_run:
                    found[str(column)] = key_rotation.survey(column)
                    progress.update(bar, completed=sum(found[str(column)].by_key.values()))
                else:
                    found[str(column)] = key_rotation.rotate(column, step=partial(progress.advance, bar))
            left = found if dry_run else {str(column): key_rotation.survey(column) for column in columns}
        self._say(found, as_json=options["json"])
        _refuse_what_is_left(left, dry_run=dry_run)

    def _say(self, found: dict[str, Found], *, as_json: bool) -> None:
        keys = encrypted.key_names()
        if as_json:
            fields = {name: _as_json(counted, keys) for name, counted in found.items()}
            self.stdout.write(json.dumps({"keys": keys, "fields": fields}, indent=2))
            return
        table = Table(box=None, pad_edge=False)
        table.add_column("field", no_wrap=True)
        for place, key in enumerate(keys):
            table.add_column(f"key {key}{' (newest)' if place == NEWEST else ''}", justify="right")
        table.add_column("no key", justify="right")
        table.add_column("encrypted again", justify="right")
        for name, counted in found.items():
            counts = [counted.by_key[place] for place in range(len(keys))]
            table.add_row(name, *map(str, counts), str(_by_no_key(counted)), str(counted.rewritten))
        Console(file=cast(IO[str], self.stdout), markup=False, width=160).print(table)


def _as_json(counted: Found, keys: list[str]) -> dict[str, Any]:
    return {
        "by_key": {key: counted.by_key[place] for place, key in enumerate(keys)},
        "no_key": _by_no_key(counted),
        "written_anew": counted.rewritten,
    }


def _by_no_key(counted: Found) -> int:
    return counted.unreadable + counted.outdated


def _refuse_what_is_left(left: dict[str, Found], *, dry_run: bool) -> None:
    unreadable = [f"{name} ({found.unreadable})" for name, found in left.items() if found.unreadable]
    if unreadable:
        raise CommandError(
            f"No key in FIELD_ENCRYPTION_KEYS can decrypt values of {', '.join(unreadable)}. "
            "Add the key they were encrypted with to the list again."
        )
    older = sum(found.under_older_keys for found in left.values())
    if older and not dry_run:
        raise CommandError(
            f"{older} values have been written with an older key in the meantime. Restart web and worker with the new "
            "key first, then run this again."
        )
