"""What Vendor Management may do with a vendor and what follows, and what the workers do of it, in the model."""

from __future__ import annotations

from tests.models.people_model import (
    ACCEPTED,
    CHANGE,
    CORRECTION,
    CUT_OFF,
    INVITATION,
    OPEN,
    PLANNED,
    QUEUED,
    REFUSED,
    REPAIR,
    SENT,
    Account,
    Change,
    Guest,
    Invitation,
    Vendor,
    World,
)

RETRY = 600 / 3600  # hours; any time that passes is longer

BUTTONS = {
    "invite",
    "invite-again",
    "withdraw-invitation",
    "undo-email-change",
    "cut-off",
    "uphold-email-change",
    "repair-sign-in",
    "suspend",
    "reinstate",
    "close",
    "reopen",
}


class Desk(World):
    # The buttons of a vendor's page

    def buttons(self, vendor: Vendor) -> set[str]:
        change, live = vendor.change, vendor.state in ("invited", "onboarding")
        there = {
            "invite": vendor.state == "prepared",
            "invite-again": vendor.state == "invited"
            or (vendor.state == "onboarding" and (change is not None or not vendor.has_signed_in)),
            "withdraw-invitation": vendor.state == "invited",
            "undo-email-change": change is not None and change.mode != REPAIR,
            "cut-off": change is not None and change.mode == PLANNED,
            "uphold-email-change": self.disputed(vendor) is not None,
            "repair-sign-in": live and change is None and self.to_repair(vendor) is not None,
            "suspend": not vendor.is_shut_out,
            "reinstate": vendor.is_suspended,
            "close": vendor.state != "declined",
            "reopen": vendor.state == "declined",
        }
        return {name for name, is_there in there.items() if is_there}

    def press(self, vendor: Vendor, button: str) -> None:
        getattr(self, "_" + button.replace("-", "_"))(vendor)

    def _invite(self, vendor: Vendor) -> None:
        vendor.state = "invited"
        self.invite(vendor, "added")

    def _invite_again(self, vendor: Vendor) -> None:
        invitation = self.invite(vendor, "resent")
        if vendor.change:
            vendor.change.invitation = invitation

    def _withdraw_invitation(self, vendor: Vendor) -> None:
        vendor.state = "prepared"
        if vendor.change:
            vendor.change.state = "confirmed"
        self.close_invitation(vendor)
        for account in vendor.live:  # of an invitation that is closed already, if Graph then refused another one
            if not account.is_used:
                self.revoke(account, "withdrawn")

    def _suspend(self, vendor: Vendor) -> None:
        vendor.was, vendor.state = vendor.state, "suspended"
        self.end_sessions(vendor)

    def _reinstate(self, vendor: Vendor) -> None:
        vendor.state, vendor.was = vendor.was, ""
        if vendor.state == "onboarding" and not vendor.live and vendor.invitation is None:
            self.invite(vendor, "resent")

    def _close(self, vendor: Vendor) -> None:
        vendor.closed_from, vendor.state = vendor.state, "declined"
        if vendor.was == "invited":
            vendor.was = "prepared"
        change = vendor.change
        if change:
            is_repair = change.mode == REPAIR
            change.state = "undone" if is_repair else "confirmed"
            if change.old_account and not is_repair:
                self.revoke(change.old_account, "cut_off")
            self.told.over(vendor, stages=[CHANGE], only=["change_not_accepted"])
        self.close_invitation(vendor, "closed")
        self.revoke_all(vendor, "closed", but=None)
        self.end_sessions(vendor)

    def _reopen(self, vendor: Vendor) -> None:
        vendor.state, vendor.closed_from = vendor.closed_from, ""
        for account in vendor.accounts:
            if account.why_not == "closed":
                account.why_not = ""
        if vendor.state in ("invited", "onboarding") and not vendor.has_signed_in:
            self.invite(vendor, "resent")

    def _repair_sign_in(self, vendor: Vendor) -> None:
        account = self.to_repair(vendor)
        self.revoke(account, "repaired")
        change = Change(vendor, vendor.address, vendor.address, REPAIR, account, self.now)
        vendor.changes.append(change)
        self.jobs.append(("repair", change))

    # Email changes

    def mode_for(self, vendor: Vendor, *, cut_off: bool) -> str:
        change = vendor.change
        if change is None:
            used = [one for one in vendor.accounts if one.is_used and one.why_not != "disowned"]
            if not any(one.is_live or one.address == vendor.address for one in used):
                return CORRECTION
        elif change.mode == CORRECTION:
            return CORRECTION
        elif change.mode != PLANNED:
            return CUT_OFF
        return CUT_OFF if cut_off else PLANNED

    def may_change(self, vendor: Vendor, new: str) -> bool:
        before = vendor.change.old if vendor.change else ""
        return new not in (vendor.address, before) and not self.is_taken(new, besides=vendor)

    def change_email(self, vendor: Vendor, *, new: str, cut_off: bool) -> None:
        mode, before = self.mode_for(vendor, cut_off=cut_off), vendor.change
        old = before.old if before else vendor.address
        old_account = before.old_account if before else next(reversed(vendor.live), None)
        if before:
            before.state = "superseded"
        self.revoke_all(
            vendor,
            "cut_off" if mode == CUT_OFF else "corrected",
            but=old_account if mode == PLANNED else None,
        )
        vendor.address = new
        change = Change(vendor, old, new, mode, old_account, self.now)
        vendor.changes.append(change)
        if vendor.state == "prepared":
            change.state = "confirmed"
        else:
            change.invitation = self.invite(vendor, "email_change")
        if mode != CORRECTION:
            self.jobs.append(("tell old", change))

    def _undo_email_change(self, vendor: Vendor) -> None:
        change = vendor.change
        change.state = "undone"
        self.revoke_all(vendor, "undone", but=change.old_account)
        vendor.address = change.old
        if not vendor.is_suspended and not (change.old_account and change.old_account.is_live):
            self.invite(vendor, "undo")
        else:
            self.close_invitation(vendor)
        if self._was_old_told(change):
            self.jobs.append(("tell undone", change))
        self.told.over(vendor, stages=[CHANGE], only=["change_not_accepted", "change_disputed"])

    def _was_old_told(self, change: Change) -> bool:
        for one in reversed(change.vendor.changes[: change.vendor.changes.index(change) + 1]):
            if one is not change and one.state != "superseded":
                return False
            if one.is_old_told and one.old == change.old:
                return True
        return False

    def _cut_off(self, vendor: Vendor) -> None:
        vendor.change.mode = CUT_OFF
        if vendor.change.old_account:
            self.revoke(vendor.change.old_account, "cut_off")
        self.jobs.append(("tell old", vendor.change))
        self.told.over(vendor, stages=[CHANGE], only=["change_not_accepted"])

    def disputed(self, vendor: Vendor) -> Change | None:
        changes = [change for change in vendor.changes if change.disputed_at]
        last = max(changes, key=lambda change: change.disputed_at, default=None)
        return last if last and self._awaits_decision(vendor) and last.state != "undone" else None

    def _awaits_decision(self, vendor: Vendor) -> bool:
        return any(row.who is vendor and row.reason == "change_disputed" and row.is_out for row in self.told.rows)

    def _uphold_email_change(self, vendor: Vendor) -> None:
        self.told.over(vendor, stages=[CHANGE], only=["change_disputed"])

    def may_dispute(self, change: Change) -> bool:
        """Until it is undone, and again once VM has confirmed it."""
        change = self._in_its_place(change)
        return change.state != "undone" and not (change.disputed_at and self._awaits_decision(change.vendor))

    def dispute(self, change: Change) -> None:
        if self.may_dispute(change):
            change = self._in_its_place(change)
            change.disputed_at = max(each.disputed_at for each in change.vendor.changes) + 1
            self.report(change.vendor, CHANGE, "change_disputed", change.old)

    def _in_its_place(self, change: Change) -> Change:
        while change.state == "superseded":
            change = change.vendor.changes[change.vendor.changes.index(change) + 1]
        return change

    # The workers

    def work(self, trouble: str = "") -> None:
        """Everything that is due. `trouble` is how the tenant answers the first invitation."""
        waiting: list[tuple[str, object]] = []
        while self.jobs:
            kind, about = self.jobs.pop(0)
            if kind == "send":
                if about.state == QUEUED and max(about.due_at, self.pause_until) > self.now:
                    about.due_at = max(about.due_at, self.pause_until)
                    waiting.append((kind, about))
                elif about.state == QUEUED and self._send(about, trouble):
                    waiting.append((kind, about))
            elif kind == "repair":
                if about.state == "open" and about.invitation is None:
                    about.old_account.guest.exists = False
                    about.invitation = self.invite(about.vendor, "repair")
            elif kind == "tell old":
                if about.state not in ("undone", "superseded"):
                    self.mails[about.old, "email-changed"] += about.mode not in about.told_as
                    about.told_as.add(about.mode)
                    about.is_old_told = True
                    self.told_changes.setdefault(about.old, []).append(about)
            elif about.state == "undone":
                self.mails[about.old, "email-change-undone"] += 1
        self.jobs = waiting

    def _send(self, invitation: Invitation, trouble: str) -> bool:
        """Whether it must be tried again."""
        vendor, guest = invitation.vendor, self.guest_at(invitation.address)
        account = self.account_of(guest) if guest else None
        if account is not None and account.vendor is vendor and account.why_not == "disowned":
            guest.exists, guest = False, None
        if trouble == "refused":
            return self._refuse(invitation, "address_refused")
        if trouble == "forbidden":
            self.report(vendor, INVITATION, "graph_not_permitted", invitation.address)
        if trouble == "busy":
            self.pause_until = self.now + RETRY
        if trouble in ("forbidden", "busy"):
            invitation.due_at = self.now + RETRY
            return True
        is_new = guest is None
        if guest is None:
            guest = Guest(invitation.address)
            self.guests.append(guest)
        if not guest.redeemed_by and not invitation.has_made_guest:
            self.mails[invitation.address, "microsoft"] += 1
            invitation.is_mailed = True
        if trouble == "lost":
            # Of a guest who was there before nothing shows whether Microsoft has mailed them, so it is asked to again.
            invitation.has_made_guest = invitation.has_made_guest or is_new
            invitation.due_at = self.now + RETRY
            return True
        account = self.account_of(guest)
        if account is not None and account.vendor is not vendor:
            return self._refuse(invitation, "guest_of_other_person")
        for other in [one for one in vendor.live if one.address == invitation.address and one.guest is not guest]:
            self.revoke(other, "repaired")
        if (account is None or not account.is_live) and len(vendor.live) >= 2:
            return self._refuse(invitation, "too_many_accounts")
        was_in = account is not None and account.is_live and account.is_used
        if account is None:
            account = Account(vendor, guest, invitation.address)
            vendor.accounts.append(account)
        account.why_not, account.address = "", invitation.address
        self._sent(invitation, account, was_in=was_in)
        return False

    def _sent(self, invitation: Invitation, account: Account, *, was_in: bool) -> None:
        vendor, change = invitation.vendor, invitation.vendor.change
        invitation.state, invitation.account, invitation.sent_at = SENT, account, self.now
        if change and change.invitation is invitation and change.old_account is account:
            if change.mode == REPAIR:
                change.state = "undone"
                self.report(vendor, CHANGE, "repair_needs_it", change.new)
            else:
                self.confirm(change)
        if was_in or (invitation.why == "undo" and account.is_used):
            invitation.state = ACCEPTED
        if not was_in:
            self.mails[invitation.address, "invitation"] += 1
            self.links.setdefault(invitation.address, []).append(invitation)
        self.told.over(vendor, stages=[INVITATION], at=self.now)

    def _refuse(self, invitation: Invitation, reason: str) -> bool:
        invitation.state = REFUSED
        self.told.over(invitation.vendor, stages=[INVITATION], only=["graph_not_permitted"])
        self.report(invitation.vendor, INVITATION, reason, invitation.address)
        return False

    @property
    def open_invitations(self) -> int:
        return sum(one.state in OPEN for vendor in self.vendors for one in vendor.invitations)
