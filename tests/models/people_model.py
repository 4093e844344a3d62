"""What is promised about vendors, their addresses and accounts, as small as it can be said.

Nothing here asks Passport. Hours have gone by on a clock that starts at nought.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tests.models.told import Told

SENT, QUEUED, ACCEPTED, CLOSED, WITHDRAWN, REFUSED = "sent", "queued", "accepted", "superseded", "withdrawn", "refused"
OPEN = (QUEUED, SENT)
PLANNED, CUT_OFF, CORRECTION, REPAIR = "planned", "cut_off", "correction", "repair"
SIGN_IN, INVITATION, CHANGE = "sign_in", "invitation", "email_change"
REMINDERS = (3 * 24, 7 * 24, 14 * 24)  # hours
NO_REACTION, LAPSED = 17 * 24, 14 * 24
COMMON_FAULTS = {"graph_not_permitted", "graph_credential", "graph_unavailable"}


@dataclass(eq=False)
class Guest:
    address: str
    redeemed_by: str = ""
    exists: bool = True


@dataclass(eq=False)
class Account:
    """May this guest come in as this vendor?"""

    vendor: Vendor
    guest: Guest
    address: str
    why_not: str = ""
    shut_at: float = 0.0
    is_used: bool = False
    is_confirmed: bool = False
    signed_in_as: str = ""

    @property
    def is_live(self) -> bool:
        return not self.why_not


@dataclass(eq=False)
class Invitation:
    vendor: Vendor
    address: str
    why: str
    state: str = QUEUED
    account: Account | None = None
    due_at: float = 0.0
    sent_at: float = 0.0
    reminders: int = 0
    has_made_guest: bool = False
    is_mailed: bool = False  # by Microsoft
    is_given_up: bool = False  # nobody reacted, and VM knows

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


@dataclass(eq=False)
class Change:
    vendor: Vendor
    old: str
    new: str
    mode: str
    old_account: Account | None
    began_at: float
    state: str = "open"
    invitation: Invitation | None = None
    disputed_at: int = 0
    is_old_told: bool = False
    told_as: set[str] = field(default_factory=set)  # modes; the same news twice has one Message-ID
    is_lapsed: bool = False


@dataclass(eq=False)
class Vendor:
    name: str
    address: str
    state: str = "prepared"
    was: str = ""  # before it was suspended
    closed_from: str = ""
    accounts: list[Account] = field(default_factory=list)
    invitations: list[Invitation] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    # In the open case of staying away without ever having got in: what Microsoft last said of the guest.
    has_accepted: bool | None = None

    @property
    def is_suspended(self) -> bool:
        return self.state == "suspended"

    @property
    def is_shut_out(self) -> bool:
        return self.state in ("suspended", "declined")

    @property
    def live(self) -> list[Account]:
        return [account for account in self.accounts if account.is_live]

    @property
    def has_signed_in(self) -> bool:
        return any(account.is_used for account in self.live)

    @property
    def invitation(self) -> Invitation | None:
        return next((invitation for invitation in self.invitations if invitation.is_open), None)

    @property
    def change(self) -> Change | None:
        return next((change for change in self.changes if change.state == "open"), None)

    def __repr__(self) -> str:
        return f"<{self.name} {self.address} {self.state}>"


@dataclass(eq=False)
class Session:
    account: Account
    ends_at: float  # hours


@dataclass(eq=False)
class Attempt:
    """Begun with an invitation in hand, and not come back."""

    vendor: Vendor
    address: str
    at: float


class World:
    def __init__(self) -> None:
        self.now = 0.0
        self.vendors: list[Vendor] = []
        self.guests: list[Guest] = []
        self.sessions: list[Session] = []
        self.silent: list[Attempt] = []
        self.last_success: dict[Vendor, float] = {}
        self.told = Told()
        self.mails: Counter[tuple[str, str]] = Counter()  # to whom, of what kind
        self.links: dict[str, list[Invitation]] = {}  # those that a mailbox has
        self.told_changes: dict[str, list[Change]] = {}
        self.jobs: list[tuple[str, object]] = []
        self.pause_until = 0.0

    # What the tenant knows

    def guest_at(self, address: str) -> Guest | None:
        return next((guest for guest in self.guests if guest.exists and guest.address == address), None)

    def guest_of(self, person: str) -> Guest | None:
        """Whom the tenant takes this person for."""
        there = [guest for guest in self.guests if guest.exists]
        accepted = [guest for guest in there if guest.redeemed_by == person]
        return next(iter(accepted + [one for one in there if one.address == person and not one.redeemed_by]), None)

    def has_moved(self, person: str) -> bool:
        """The guest at this address is somebody else's by now, and Microsoft turns the person away.

        When Entra's log tells of it depends on the clock of the worker that reads it, so the models leave it out.
        """
        at_address = [
            account
            for vendor in self.vendors
            for account in vendor.accounts
            if account.address == person and account.guest.exists
        ]
        return bool(at_address) and self.guest_of(person) is None

    def account_of(self, guest: Guest) -> Account | None:
        every = [account for vendor in self.vendors for account in vendor.accounts]
        return next((account for account in every if account.guest is guest), None)

    # What several things lead to

    def report(self, vendor: Vendor, stage: str, reason: str, address: str = "", topic: str = "", **more) -> None:
        address = address or (vendor.invitations[-1].address if vendor.invitations else "")
        self.told.report(vendor, stage=stage, reason=reason, address=address, topic=topic, at=self.now, **more)

    def is_taken(self, address: str, *, besides: Vendor | None) -> bool:
        for vendor in self.vendors:
            if vendor is besides:
                continue
            if address == vendor.address or (vendor.change and address in (vendor.change.old, vendor.change.new)):
                return True
        return False

    def invite(self, vendor: Vendor, why: str) -> Invitation:
        if vendor.invitation:
            vendor.invitation.state = CLOSED
        invitation = Invitation(vendor, vendor.address, why)
        vendor.invitations.append(invitation)
        self.jobs.append(("send", invitation))
        return invitation

    def revoke(self, account: Account, why: str) -> None:
        if account.is_live:
            account.why_not, account.shut_at = why, self.now
        self.sessions = [session for session in self.sessions if session.account is not account]

    def revoke_all(self, vendor: Vendor, why: str, *, but: Account | None) -> None:
        for account in vendor.live:
            if account is not but:
                self.revoke(account, why)

    def end_sessions(self, vendor: Vendor) -> None:
        self.sessions = [session for session in self.sessions if session.account.vendor is not vendor]

    def close_invitation(self, vendor: Vendor, why: str = "withdrawn") -> None:
        invitation = vendor.invitation
        if invitation is None:
            return
        invitation.state = WITHDRAWN
        account = invitation.account or next(
            (one for one in vendor.live if one.address == invitation.address and not one.is_used), None
        )
        if account is not None and not account.is_used:
            self.revoke(account, why)
        self.told.over(vendor, stages=[INVITATION], only=COMMON_FAULTS)
        if vendor.state == "invited":
            vendor.state = "prepared"
        elif vendor.was == "invited":
            vendor.was = "prepared"

    def confirm(self, change: Change) -> None:
        change.state = "confirmed"
        self.told.over(change.vendor, stages=[CHANGE], only=["change_not_accepted"])

    # Time

    def days_go_by(self, hours: float) -> None:
        self.now += hours
        self.sessions = [session for session in self.sessions if session.ends_at > self.now]

    def upkeep(self) -> None:
        """What a worker does when time has passed."""
        for attempt in [attempt for attempt in self.silent if attempt.at + 0.5 < self.now]:
            self.silent.remove(attempt)
            if self.last_success.get(attempt.vendor, -1.0) < attempt.at:
                self._stayed_away(attempt)
        for vendor in self.vendors:
            change = vendor.change
            if change and change.mode == PLANNED and change.began_at + LAPSED < self.now and not change.is_lapsed:
                change.is_lapsed = True
                self.report(vendor, CHANGE, "change_not_accepted", change.new)
            for account in vendor.accounts if vendor.change is None else ():
                comes_back = account.why_not == "closed" and vendor.state == "declined"
                if not account.is_live and account.shut_at + 24 <= self.now and not comes_back:
                    account.guest.exists = False
            if vendor.invitation and vendor.invitation.state == SENT:
                self._remind(vendor.invitation)

    def _stayed_away(self, attempt: Attempt) -> None:
        vendor = attempt.vendor
        if not self.stays_away(vendor):
            vendor.has_accepted = None
        if vendor.live and not vendor.live[-1].is_used:
            guest = vendor.live[-1].guest
            vendor.has_accepted = guest.exists and bool(guest.redeemed_by)
        used = any(account.is_used for account in vendor.accounts)
        self.report(vendor, SIGN_IN, "did_not_come_back", attempt.address, is_daily=used)

    def stays_away(self, vendor: Vendor) -> bool:
        return any(row.who is vendor and row.reason == "did_not_come_back" and row.is_out for row in self.told.rows)

    def to_repair(self, vendor: Vendor) -> Account | None:
        """The account that was used, or one of which Microsoft has or may have kept somebody on its own pages."""
        used = [account for account in vendor.live if account.is_used]
        may_have_accepted = self.stays_away(vendor) and vendor.has_accepted is not False
        return next(reversed(used or (vendor.live if may_have_accepted else [])), None)

    def _remind(self, invitation: Invitation) -> None:
        age = self.now - invitation.sent_at
        due = [number for number, after in enumerate(REMINDERS, start=1) if age >= after]
        if due and due[-1] > invitation.reminders:
            invitation.reminders = due[-1]
            self.mails[invitation.address, "reminder"] += 1
            self.links.setdefault(invitation.address, []).append(invitation)
        if invitation.reminders == len(REMINDERS) and age >= NO_REACTION and not invitation.is_given_up:
            invitation.is_given_up = True
            self.report(invitation.vendor, INVITATION, "no_reaction", invitation.address)
