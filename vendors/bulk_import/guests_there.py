"""Vendors who are guests in the tenant already: which guest, if there is exactly one and it is nobody's here."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection

from identity import accounts
from identity.microsoft import graph, members
from identity.models import EntraAccount
from identity.text_direction import gettext as _
from vendors.models import Vendor


class NoSuchGuest(Exception):
    """No guest may be bound for this address. The message is a sentence for people."""

    @classmethod
    def is_bound(cls, account: EntraAccount) -> NoSuchGuest:
        vendor = Vendor.objects.filter(user=account.user_id).first()
        sentence = _("The guest account with this address belongs to %(vendor)s. Look at that vendor's page.")
        return cls(sentence % {"vendor": vendor or _("someone else")})


class GuestsThere:
    """All guests by their mail, read once: some 200 bytes each. Other addresses of a guest are never compared."""

    def __init__(self) -> None:
        self.by_mail: dict[str, uuid.UUID] = {}
        self.is_off: set[uuid.UUID] = set()
        self.several: Counter[str] = Counter()
        self.members: set[str] = set()
        self._bound: dict[uuid.UUID, EntraAccount] = {}

    @classmethod
    def read(cls) -> GuestsThere:
        """Ask Graph for a list of guests and one of members, and change nothing. Raise graph.GraphError."""
        there = cls()
        for guest in graph.guests():
            if mail := guest.mail.strip().lower():
                if there.by_mail.setdefault(mail, guest.oid) != guest.oid:
                    there.several[mail] += 1
                if not guest.is_enabled:
                    there.is_off.add(guest.oid)
        there.members = {address.lower() for address in members.addresses()}
        return there

    def look_up(self, addresses: Collection[str]) -> None:
        """Which of their guests are somebody's here; one statement for hundreds."""
        oids = [oid for address in addresses if (oid := self.by_mail.get(address.lower()))]
        self._bound = accounts.bound(oids)

    def of(self, address: str) -> uuid.UUID:
        """After look_up. Raise NoSuchGuest."""
        mail = address.lower()
        if mail in self.members:
            raise NoSuchGuest(_("This is the address of someone in your own organisation, not of a guest."))
        oid = self.by_mail.get(mail)
        if oid is None:
            raise NoSuchGuest(
                _("No guest in the tenant has this address. To invite the vendor, put the row in another file.")
            )
        if several := self.several[mail]:
            raise NoSuchGuest(
                _(
                    "%(number)s guest accounts in the tenant have this address. Ask IT to delete those "
                    "that are not used."
                )
                % {"number": several + 1}
            )
        if oid in self.is_off:
            raise NoSuchGuest(_("The guest account with this address is switched off. Ask IT to switch it on again."))
        if account := self._bound.get(oid):
            raise NoSuchGuest.is_bound(account)
        return oid
