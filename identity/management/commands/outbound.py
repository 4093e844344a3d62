"""What waits while outgoing traffic is on hold, and letting it go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timesince import timesince
from rich.console import Console
from rich.table import Table

from identity import outbound
from identity.invitations import sending
from identity.jobs import waiting
from identity.jobs.waiting import Waiting
from identity.operator import operator
from identity.typed import cleaning

# What VM was never told of stays to be told, however old it is.
NEVER_OUTDATED = "identity.tasks.mail_failure"


class Command(BaseCommand):
    help = "Show what is waiting to be sent and whether it is on hold; release it, or drop what is out of date."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", title="actions")
        release = actions.add_parser(
            "release", help="Claim this database for this installation, and release everything."
        )
        release.add_argument("--reason", type=cleaning.name, required=True, help="Why. This is kept with your name.")
        drop = actions.add_parser(
            "drop", help="Drop everything that has been waiting since before a given time. Emails about cases are kept."
        )
        drop.add_argument(
            "--before", type=cleaning.code, required=True, metavar="TIME", help="In UTC, for example 2027-05-31T14:30."
        )
        drop.add_argument("--dry-run", action="store_true", help="Only count, and change nothing.")

    def handle(self, *args: Any, action: str | None, **options: Any) -> None:
        match action:
            case "release":
                self.release(options["reason"].strip())
            case "drop":
                self.drop(options["before"], dry_run=options["dry_run"])
            case _:
                self.show()

    def show(self) -> None:
        if reason := outbound.reason():
            self.stdout.write(f"On hold. {reason}")
        else:
            self.stdout.write("Not on hold: a worker sends what is due.")
        self.list(waiting.waiting())

    def release(self, reason: str) -> None:
        if not reason:
            raise CommandError("Give a reason.", returncode=2)
        try:
            outbound.release(by=operator(), why=reason)
        except (outbound.HeldBySettings, outbound.NothingOnHold, outbound.ErasuresNotReplayed) as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"Released. This database belongs to {outbound.owner()}.")

    def drop(self, text: str, *, dry_run: bool) -> None:
        before = moment(text)
        if before is None:
            raise CommandError(f"{text} is not a time. Write it like 2027-05-31T14:30.", returncode=2)
        if not outbound.reason():
            raise CommandError("Nothing is on hold, so nothing was dropped.")
        outdated = [job for job in waiting.waiting() if job.since < before and job.task != NEVER_OUTDATED]
        if dry_run:
            self.stdout.write("Would be dropped:")
        else:
            outdated = [job for job in outdated if waiting.cancel(job)]
            refused = sending.refuse_outdated(before=before)
            self.stdout.write(f"Dropped. {refused} invitation{'' if refused == 1 else 's'} refused.")
        self.list(outdated)

    def list(self, jobs: Iterable[Waiting]) -> None:
        kinds: dict[str, list[dt.datetime]] = {}
        for job in jobs:
            kinds.setdefault(job.task.rpartition(".")[2].replace("_", " "), []).append(job.since)
        table = Table(box=None, pad_edge=False)
        table.add_column("kind", no_wrap=True)
        table.add_column("count", justify="right")
        table.add_column("oldest", no_wrap=True)
        for kind, since in sorted(kinds.items()):
            table.add_row(kind, str(len(since)), f"{min(since):%Y-%m-%d %H:%M} ({timesince(min(since))})")
        Console(file=cast(IO[str], self.stdout), markup=False).print(table if kinds else "Nothing is waiting.")


def moment(text: str) -> dt.datetime | None:
    try:
        at = parse_datetime(text)
        day = parse_date(text) if at is None else None
    except ValueError:
        return None
    if at is None and day is not None:
        at = dt.datetime.combine(day, dt.time())
    return at if at is None or timezone.is_aware(at) else at.replace(tzinfo=dt.UTC)
