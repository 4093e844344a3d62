"""Restore a backup."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pghistory
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

from identity import outbound
from identity.operator import operator
from identity.typed import cleaning
from passport.backup import manifest, programs, restore, sealed
from passport.backup.restore import Target
from vendors import erasure_list
from vendors.privacy import erasure, replay_erasures
from vendors.privacy.replay_erasures import Replayed

REFUSALS = (
    manifest.NotABackup,
    programs.NoPrograms,
    restore.Failed,
    restore.KeyMissing,
    restore.Refused,
    sealed.CannotDecrypt,
    sealed.NoKey,
)


class Command(BaseCommand):
    help = (
        "Restore the database and the uploaded files from a backup. Nothing goes out afterwards until you release it, "
        "and vendors who were erased after the backup was made are erased again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "backup", metavar="BACKUP", type=Path, nargs="?", help="The folder that manage.py backup made."
        )
        parser.add_argument(
            "--identity",
            metavar="FILE",
            type=Path,
            help="A file with the age private key, if the backup is encrypted.",
        )
        parser.add_argument(
            "--replace",
            type=cleaning.code,
            metavar="DATABASE",
            help="Delete what is in the database with this name, and put the backup there.",
        )
        parser.add_argument("--yes", action="store_true", help="Do not ask for confirmation.")
        parser.add_argument(
            "--replay-erasures",
            action="store_true",
            help="Only erase the vendors listed in ERASURES_FILE again, for when a restore could not do it.",
        )

    def handle(self, *args: Any, backup: Path | None, replay_erasures: bool, **options: Any) -> None:
        if (backup is None) != replay_erasures:
            raise CommandError("Give a backup, or --replay-erasures after a restore.", returncode=2)
        try:
            if backup is None:
                restore.check_keys()
                self.replay()
            else:
                self.restore(backup.absolute(), **options)
        except REFUSALS as refusal:
            raise CommandError(str(refusal)) from refusal
        except OSError as error:
            raise CommandError(f"The files cannot be restored: {error.strerror or error}.") from error

    def restore(self, folder: Path, *, identity: Path | None, replace: str | None, yes: bool, **options: Any) -> None:
        folder = folder.parent if folder.name == manifest.FILE else folder
        backup = manifest.read(folder)
        private = sealed.identities(identity) if identity else []
        there = restore.target()
        self.refuse(there, replace=replace)
        tools = restore.check(folder, backup, private=private)
        if there.tables and not yes:
            self.ask(there)
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
        with Progress(
            *columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()
        ) as progress:
            bar = progress.add_task("Restoring the database", total=None)
            restore.load_database(
                folder, backup, tools=tools, private=private, by=operator(), replace=bool(there.tables)
            )
            restore.check_counts(backup)
            progress.update(bar, description="Restoring the files", total=backup.file_bytes)
            count = restore.load_files(folder, backup, private=private, step=lambda size: progress.advance(bar, size))
        restore.migrate()
        restore.analyse()
        self.stdout.write(
            f"Restored the backup of {backup.time:%Y-%m-%d %H:%M} UTC, version {backup.version}: "
            f"{backup.rows['vendors_vendor']} vendors, {count} files. Outgoing traffic is on hold."
        )
        restore.check_keys(backup)
        self.replay()
        self.stdout.write(
            "Next: start the web processes and the worker, and look around; everyone has to sign in again. Then "
            "manage.py outbound shows what would be sent, manage.py outbound drop --before "
            f"{backup.time:%Y-%m-%dT%H:%M} discards what is out of date, and manage.py outbound release "
            '--reason "…" lets everything go out.'
        )

    def refuse(self, there: Target, *, replace: str | None) -> None:
        if there.tables and replace != there.name:
            what = f"{there.tables} tables and {there.vendors} vendors"
            raise restore.Refused(
                f"The database {there.name} is not empty ({what}). Set DATABASE_URL to an empty one, or add "
                f"--replace {there.name} to delete what is there."
            )
        if there.others:
            raise restore.Refused(
                f"{there.others} other connections are using the database {there.name}. Stop the web processes and "
                "workers first."
            )

    def ask(self, there: Target) -> None:
        self.stdout.write(
            f"Everything in the database {there.name} will be deleted ({there.vendors} vendors). "
            "Type its name to continue: ",
            ending="",
        )
        self.stdout.flush()
        try:
            typed = input()
        except (EOFError, KeyboardInterrupt):
            typed = ""
        if typed.strip() != there.name:
            raise restore.Refused("Nothing was changed.")

    def replay(self) -> None:
        owner = outbound.owner()
        if owner is None or not owner.restored_from:
            raise CommandError("This database was not restored from a backup, or has been released already.")
        try:
            with pghistory.context(command="restore", operator=operator()):
                done = replay_erasures.replay(expected=owner.erasures_expected)
        except (erasure_list.CannotRead, replay_erasures.ListTooShort) as refusal:
            raise CommandError(str(refusal)) from refusal
        except erasure.StillBusy as refusal:
            raise CommandError(f"{refusal} Stop the worker, and run manage.py restore --replay-erasures.") from refusal
        outbound.note_erasures_replayed()
        self.say(done)

    def say(self, done: Replayed) -> None:
        said = f"Erased again: {len(done.erased)}. Already erased in the backup: {len(done.already)}."
        if done.unknown:
            said += f" Not in this backup, so skipped: {', '.join(map(str, done.unknown))}."
        self.stdout.write(said)
