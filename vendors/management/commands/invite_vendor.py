"""Invite an address: add the vendor when it is unknown."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from identity.invitations.lifecycle import AddressNotInvitable
from identity.typed import cleaning
from vendors import lifecycle
from vendors.addresses import AddressTaken
from vendors.duplicates import lifecycle as duplicates
from vendors.models import Vendor, VendorState


class Command(BaseCommand):
    help = "Invite a vendor, adding them first if the address is unknown."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", type=cleaning.address)
        parser.add_argument(
            "--name", type=cleaning.name, default="", help="Name of the person or company, for a new vendor."
        )
        parser.add_argument(
            "--language",
            type=cleaning.code,
            default="en-GB",
            choices=[code for code, _name in settings.VENDOR_LANGUAGES],
            help="Language of Microsoft's invitation email, for a new vendor.",
        )

    def handle(self, *args: Any, email: str, name: str, language: str, **options: Any) -> None:
        vendor = Vendor.objects.at_address(email).first()
        try:
            with transaction.atomic():
                if vendor is None:
                    vendor = lifecycle.add(name=name, primary_email=email, language=language, via="invite_vendor")
                lifecycle.invite(vendor, via="invite_vendor")
        except (AddressNotInvitable, AddressTaken) as refusal:
            raise CommandError(str(refusal)) from refusal
        except lifecycle.WrongState as refusal:
            hint = (
                " To send the invitation again: reinvite_vendor." if refusal.vendor.state == VendorState.INVITED else ""
            )
            raise CommandError(f"{refusal}{hint}") from refusal
        self.stdout.write(f"{vendor.address}: invitation queued.")
        for pair in duplicates.look(vendor.pk):
            other = pair.other(vendor)
            self.stdout.write(f"Possible duplicate: {other}, {other.address} ({', '.join(pair.sign_names)}).")
