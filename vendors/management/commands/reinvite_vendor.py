"""Send the invitation again, to someone who has not signed in yet."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from identity.invitations import wording
from identity.invitations.lifecycle import AddressNotInvitable
from identity.typed import cleaning
from vendors import lifecycle
from vendors.models import Vendor, VendorState


class Command(BaseCommand):
    help = "Send the invitation again. This replaces the previous invitation."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", type=cleaning.address)

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        vendor = Vendor.objects.at_address(email).first()
        if vendor is None:
            raise CommandError(f"No vendor has the primary email {email}. To add one: invite_vendor.")
        try:
            invitation = lifecycle.resend_invitation(vendor, via="reinvite_vendor")
        except lifecycle.WrongState as refusal:
            hint = " To invite: invite_vendor." if vendor.state == VendorState.PREPARED else ""
            raise CommandError(f"{refusal}{hint}") from refusal
        except (lifecycle.HasSignedIn, AddressNotInvitable) as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{vendor.address}: invitation queued again.")
        old = wording.before(invitation)
        for sentence in wording.for_vm(old, address=invitation.address) if old else []:
            self.stdout.write(sentence)
