"""Erase a vendor."""

from __future__ import annotations

import time
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.table import Table

from identity.typed import cleaning
from vendors import lifecycle
from vendors.models import Vendor, VendorState
from vendors.privacy import erasure, personal_data

WAIT_AT_MOST = 30  # seconds; no task of ours takes longer, unless its worker was killed


class Command(BaseCommand):
    help = (
        "Erase a vendor: access ends at once, and everything is deleted but an id, dates and the reason. There is no "
        "way back. Killed in the middle, run it again; the worker would go on as well."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", type=cleaning.address, help="An address they have, or had.")
        parser.add_argument(
            "--reason",
            type=cleaning.name,
            default="",
            help="Kept for ever: on whose wish and when, without naming them.",
        )
        parser.add_argument("--dry-run", action="store_true", help="Say what would go, and change nothing.")
        parser.add_argument("--yes", action="store_true", help="Do not ask.")

    def handle(self, *args: Any, email: str, reason: str, dry_run: bool, yes: bool, **options: Any) -> None:
        if not (reason.strip() or dry_run):
            raise CommandError("--reason must say something.", returncode=2)
        try:
            vendor = personal_data.find(email)
            erasure.check_reason(vendor, reason)
        except (personal_data.NobodyThere, personal_data.SeveralThere, erasure.ReasonNamesThem) as refusal:
            raise CommandError(str(refusal)) from refusal
        self._show(vendor, dry_run=dry_run)
        if dry_run:
            return
        if not yes:
            self._ask(email)
        self._erase(vendor, reason=reason.strip())
        self.stdout.write(f"Vendor {vendor.pk} is erased.")

    def _show(self, vendor: Vendor, *, dry_run: bool) -> None:
        table = Table(box=None, pad_edge=False)
        table.add_column(f"vendor {vendor.pk}, {vendor.get_state_display()}, {vendor.primary_email}", no_wrap=True)
        table.add_column("would go" if dry_run else "goes", justify="right")
        for kind, count in erasure.plan(vendor).items():
            table.add_row(kind.replace("_", " "), str(count))
        Console(file=cast(IO[str], self.stdout), markup=False).print(table)

    def _ask(self, email: str) -> None:
        self.stdout.write("There is no way back. Type the address again to erase them: ", ending="")
        self.stdout.flush()
        try:
            typed = input()
        except (EOFError, KeyboardInterrupt):
            typed = ""
        if cleaning.address(typed).lower() != email.lower():
            raise CommandError("Nothing was erased.")

    def _erase(self, vendor: Vendor, *, reason: str) -> None:
        if vendor.state != VendorState.ERASED:
            try:
                lifecycle.erase(vendor, reason=reason, via="erase_vendor")
            except lifecycle.WrongState as refusal:
                raise CommandError(f"{vendor.primary_email} was changed by somebody else. Run it again.") from refusal
        deadline = time.monotonic() + WAIT_AT_MOST
        while True:
            try:
                return erasure.finish(vendor)
            except erasure.StillBusy as refusal:
                if time.monotonic() > deadline:
                    raise CommandError(
                        f"{refusal} They can no longer get in. Run it again; otherwise the worker finishes it."
                    ) from refusal
            time.sleep(1)
