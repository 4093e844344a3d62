"""Change a vendor's primary email from the command line."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from identity.invitations.lifecycle import AddressNotInvitable
from identity.typed import cleaning
from vendors import lifecycle
from vendors.addresses import AddressTaken
from vendors.email_change import lifecycle as email_change
from vendors.models import EmailChange, Vendor


class Command(BaseCommand):
    help = "Change a vendor's primary email and invite the new address."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("old", type=cleaning.address)
        parser.add_argument("new", type=cleaning.address)
        parser.add_argument("--cut-off", action="store_true", help="Stop the old address working now.")
        parser.add_argument("--reason", type=cleaning.name, required=True, help="Kept in the vendor's timeline.")

    def handle(self, *args: Any, old: str, new: str, cut_off: bool, reason: str, **options: Any) -> None:
        if not reason.strip():
            raise CommandError("--reason must not be empty.", returncode=2)
        vendor = Vendor.objects.at_address(old).first()
        if vendor is None:
            raise CommandError(f"No vendor has the primary email {old}.")
        try:
            change = email_change.start(
                vendor,
                new=new,
                cut_off=cut_off,
                reason=reason,
                how_known=EmailChange.HowKnown.OTHER,
                via="change_vendor_email",
            )
        except (
            AddressNotInvitable,
            AddressTaken,
            email_change.SameAddress,
            email_change.AddressBeforeOpenChange,
            lifecycle.WrongState,
        ) as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{change.old} → {change.new} ({change.get_mode_display()}).")
