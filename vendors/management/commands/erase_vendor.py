"""Erase a vendor."""

from __future__ import annotations

from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.table import Table

from identity.typed import cleaning
from vendors import erasure_list, lifecycle
from vendors.models import Vendor, VendorState
from vendors.privacy import erasure, holds, locks, personal_data

REFUSALS = (personal_data.NobodyThere, personal_data.SeveralThere, erasure.ReasonNamesThem, holds.Held)


class Command(BaseCommand):
    help = (
        "Erase a vendor: access ends at once, and everything is deleted except an ID, dates and the reason. If the "
        "vendor was ever approved, their tax data and ISO 17100 evidence stay locked for as long as they must be "
        "kept. This cannot be undone. If it is interrupted, run it again, or let the worker finish."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "email",
            type=cleaning.address,
            help="Any address that they have or ever had; for a duplicate, the vendor number.",
        )
        parser.add_argument(
            "--reason",
            type=cleaning.name,
            default="",
            help="Kept for ever: who asked for it and when, without naming the vendor.",
        )
        parser.add_argument("--dry-run", action="store_true", help="Show what would be deleted, and change nothing.")
        parser.add_argument("--yes", action="store_true", help="Do not ask for confirmation.")

    def handle(self, *args: Any, email: str, reason: str, dry_run: bool, yes: bool, **options: Any) -> None:
        if not (reason.strip() or dry_run):
            raise CommandError("--reason must not be empty.", returncode=2)
        try:
            vendor = personal_data.find(email)
            erasure.check_reason(vendor, reason)
            holds.check(vendor)
        except REFUSALS as refusal:
            raise CommandError(str(refusal)) from refusal
        if erasure.is_finished(vendor):
            raise CommandError(f"Vendor {vendor.pk} has already been erased. {self._locked(vendor)}")
        self._show(vendor, dry_run=dry_run)
        if dry_run:
            return
        if not yes:
            self._ask(email)
        self._erase(vendor, reason=reason.strip())
        self.stdout.write(" ".join(filter(None, (f"Vendor {vendor.pk} has been erased.", self._locked(vendor)))))

    def _show(self, vendor: Vendor, *, dry_run: bool) -> None:
        table = Table(box=None, pad_edge=False)
        table.add_column(f"vendor {vendor.pk}, {vendor.get_state_display()}, {vendor.address}", no_wrap=True)
        table.add_column("would be deleted" if dry_run else "will be deleted", justify="right")
        for kind, count in erasure.plan(vendor).items():
            table.add_row(kind.replace("_", " "), str(count))
        Console(file=cast(IO[str], self.stdout), markup=False).print(table)
        locked = locks.plan(vendor) if vendor.state != VendorState.ERASED else erasure.locked_at_erasure(vendor)
        for line in locks.in_words(locked):
            self.stdout.write(
                f"{'Would stay' if dry_run else 'Stays'} locked, because the law or the standard requires it: {line}"
            )

    @staticmethod
    def _locked(vendor: Vendor) -> str:
        locked = {record.section: record.until.isoformat() for record in vendor.locked_records.all()}
        return f"Still locked: {'; '.join(locks.in_words(locked))}." if locked else ""

    def _ask(self, email: str) -> None:
        self.stdout.write("This cannot be undone. Type the address again to erase them: ", ending="")
        self.stdout.flush()
        try:
            typed = input()
        except (EOFError, KeyboardInterrupt):
            typed = ""
        if cleaning.address(typed).lower() != email.lower():
            raise CommandError("Nothing was erased.")

    def _erase(self, vendor: Vendor, *, reason: str) -> None:
        try:
            erasure.erase(vendor, reason=reason, via="erase_vendor", check=lambda: holds.check(vendor))
        except lifecycle.WrongState as refusal:
            raise CommandError(
                f"{vendor.address} was changed by someone else in the meantime. Run it again."
            ) from refusal
        except (erasure_list.CannotWrite, holds.Held) as refusal:
            raise CommandError(str(refusal)) from refusal
        except erasure.StillBusy as refusal:
            raise CommandError(
                f"{refusal} They can no longer sign in. Run it again, or let the worker finish."
            ) from refusal
