"""Who gets in and what becomes of it, in the model."""

from __future__ import annotations

from tests.models.people_desk import Desk
from tests.models.people_model import (
    ACCEPTED,
    INVITATION,
    SENT,
    SIGN_IN,
    WITHDRAWN,
    Account,
    Attempt,
    Guest,
    Invitation,
    Session,
    Vendor,
)

SESSION_HOURS = 8  # of whoever did not ask to stay signed in

IN, ASKED, PROBLEM, AT_MICROSOFT, NO_BUTTON = "in", "asked", "problem", "at Microsoft", "no button"


class Model(Desk):
    def redeem(self, link: Invitation, person: str) -> bool:
        """Microsoft's own link. False when this account cannot take it."""
        guest = link.account.guest
        current = self.guest_of(person)
        if not guest.exists:
            return False
        if guest.redeemed_by:
            return current is guest
        if current is not None and current is not guest and current.redeemed_by:
            return False
        guest.redeemed_by = person
        return True

    def sign_in(self, person: str, link: Invitation | None, trouble: str = "") -> str:
        if link is not None and link.state == WITHDRAWN:
            return NO_BUTTON
        invited = link.account if link and link.account and link.account.is_live else None
        guest = self.guest_of(person)
        if guest is None or trouble == "never":
            if guest is not None and not guest.redeemed_by:
                guest.redeemed_by = person  # the page that nobody gets past comes after that
            if link is not None:
                self.silent.append(Attempt(link.vendor, link.address, self.now))
            return AT_MICROSOFT
        if not guest.redeemed_by:
            if trouble == "declined":
                self._fail(link, None, "consent_declined")
                return PROBLEM
            guest.redeemed_by = person
        reason = {"token": "microsoft_unavailable", "nonce": "nonce_mismatch"}.get(trouble)
        if reason == "microsoft_unavailable":
            self._fail(link, None, reason)
            return PROBLEM
        account = self.account_of(guest)
        if reason is not None or (invited is not None and invited.guest is not guest) or account is None:
            is_other = reason is None and invited is not None and invited.guest is not guest
            reason = reason or ("different_account" if is_other else "not_invited")
            self._fail(link, guest, reason, topic=person if is_other else "", claimed=person)
            return PROBLEM
        refusal = self._refusal(account)
        if refusal:
            topic = person if refusal == "access_revoked" else ""
            self.report(account.vendor, SIGN_IN, refusal, link.address if link else "", topic)
            return PROBLEM
        account.signed_in_as = person
        if not account.is_used and not account.is_confirmed and person != account.address:
            return ASKED
        self._come_in(account)
        return IN

    def own(self, account: Account, *, is_own: bool) -> None:
        """ "Is this your own account?" """
        if is_own:
            account.is_confirmed = True
            self._come_in(account)
        else:
            self.revoke(account, "disowned")
        reason = "address_differs" if is_own else "not_own_account"
        self.report(account.vendor, SIGN_IN, reason, account.address, account.signed_in_as)

    def _refusal(self, account: Account) -> str:
        if account.vendor.state == "declined" and account.why_not in ("", "closed"):
            return "vendor_declined"
        if not account.is_live or account.vendor.state == "prepared":
            return "access_revoked"
        return "vendor_suspended" if account.vendor.is_suspended else ""

    def _come_in(self, account: Account) -> None:
        vendor = account.vendor
        is_first, account.is_used = not account.is_used, True
        if is_first:
            self._accept(account)
        self.told.over(vendor, stages=[SIGN_IN, INVITATION], at=self.now)
        if vendor.state == "invited":
            vendor.state = "onboarding"
        change = vendor.change
        if change is not None and change.old_account is not account:
            self.revoke_all(vendor, "replaced", but=account)
            self.confirm(change)
            self._accept(account)
        self.sessions.append(Session(account, ends_at=self.now + SESSION_HOURS))
        self.last_success[vendor] = self.now

    def _accept(self, account: Account) -> None:
        for invitation in account.vendor.invitations:
            if invitation.account is account and invitation.state == SENT:
                invitation.state = ACCEPTED

    def _fail(
        self, link: Invitation | None, guest: Guest | None, reason: str, *, topic: str = "", claimed: str = ""
    ) -> None:
        """Whose failure is it? The vendor's whose invitation it is, or of the account, or nobody's we know."""
        if link is not None:
            self.report(link.vendor, SIGN_IN, reason, link.address, topic)
        elif guest is not None:
            self.told.report(guest, stage=SIGN_IN, reason=reason, address=claimed, at=self.now)

    def may_come_in(self) -> dict[Vendor, list[str]]:
        return {vendor: sorted(account.address for account in vendor.live) for vendor in self.vendors}
