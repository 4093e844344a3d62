from __future__ import annotations

from django.utils.functional import cached_property

from identity import accounts
from identity.models import EntraAccount
from vendors.email_change import lifecycle as email_change
from vendors.models import EmailChange, PaymentDispute, ProfileCheck, Vendor, VendorState
from vendors.payment import disputes as payment_disputes
from vendors.still_right import lifecycle as still_right


class Situation:
    """A vendor and what VM's buttons depend on, looked up once."""

    def __init__(self, vendor: Vendor) -> None:
        self.vendor = vendor

    @cached_property
    def change(self) -> EmailChange | None:
        return email_change.open_change(self.vendor)

    @cached_property
    def live_accounts(self) -> list[EntraAccount]:
        return list(accounts.live_accounts(self.vendor.user))

    @cached_property
    def disputed(self) -> EmailChange | None:
        return email_change.disputed_change(self.vendor)

    @cached_property
    def payment_dispute(self) -> PaymentDispute | None:
        return payment_disputes.open_dispute(self.vendor)

    @cached_property
    def check(self) -> ProfileCheck | None:
        """Open, "Is this still right?"."""
        return still_right.open_check(self.vendor)

    @property
    def has_signed_in(self) -> bool:
        return any(account.first_sign_in_at for account in self.live_accounts)

    @cached_property
    def may_be_repaired(self) -> bool:
        """See also email_change.to_repair."""
        return self.has_signed_in or (bool(self.live_accounts) and email_change.has_moved(self.vendor))

    @property
    def awaits_sign_in(self) -> bool:
        """See also lifecycle.may_invite_again."""
        if self.vendor.state == VendorState.INVITED:
            return True
        if self.vendor.state == VendorState.PREPARED or not self.vendor.is_live:
            return False
        return self.change is not None or not self.has_signed_in
