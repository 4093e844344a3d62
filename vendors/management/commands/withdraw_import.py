"""Take back the access that an import gave to those who have not signed in since."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from identity.models import Invitation
from identity.operator import operator
from identity.typed import cleaning
from vendors.bulk_import import withdrawal
from vendors.bulk_import.withdrawal import WITHDRAWN, Outcome
from vendors.models import Vendor, VendorImport

VIA = "withdraw_import"


class Command(BaseCommand):
    help = (
        "Withdraw the invitations that an import sent, and the access of the guests it connected. Vendors who have "
        "signed in since then keep their access and are listed. A profile that was carried over stays approved, "
        "without access."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "id", type=int, metavar="ID", help="The number of the import. import_vendors prints it when it finishes."
        )
        parser.add_argument("--reason", type=cleaning.name, required=True, help="Kept in the timeline of each vendor.")
        parser.add_argument("--dry-run", action="store_true", help="Show what would happen, and change nothing.")

    def handle(self, *args: Any, id: int, reason: str, dry_run: bool, **options: Any) -> None:
        if not reason.strip():
            raise CommandError("Give a reason.", returncode=2)
        run = VendorImport.objects.filter(pk=id).first()
        if run is None:
            raise CommandError(f"There is no import {id}. Imports are kept for 30 days.")
        counts: Counter[Outcome] = Counter()
        emailed = 0
        via = f"{VIA} by {operator()}"[:40]
        try:
            for done in withdrawal.withdraw(run, reason=reason.strip(), via=via, dry_run=dry_run):
                counts[done.outcome] += 1
                if done.outcome in WITHDRAWN and was_emailed(done.vendor):
                    emailed += 1
                    self.stdout.write(f"{done.vendor.address}: {done.outcome.value}, but Microsoft had emailed them.")
                elif done.outcome != Outcome.WITHDRAWN:
                    self.stdout.write(f"{done.vendor.address}: {done.outcome.value}.")
        except withdrawal.NotDone as refusal:
            raise CommandError(str(refusal)) from refusal
        withdrawn = sum(counts[outcome] for outcome in WITHDRAWN)
        self.stdout.write(
            f"{counts.total()} vendors in import {run.pk}: {withdrawn} {'would be ' if dry_run else ''}withdrawn "
            f"({counts[Outcome.CARRIED_OVER]} of them stay approved), {counts[Outcome.SIGNED_IN]} not withdrawn "
            f"because they have signed in, {counts[Outcome.NOTHING_TO_DO]} with nothing to withdraw. "
            f"{emailed} had been emailed by Microsoft."
        )


def was_emailed(vendor: Vendor) -> bool:
    """By Microsoft, on Passport's behalf. They may wonder why the link has stopped working."""
    return Invitation.objects.filter(user=vendor.user, sent_at__isnull=False).exists()
