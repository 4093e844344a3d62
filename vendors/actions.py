"""What VM can do with a vendor now: the buttons of the admin page, and what each of them says before it acts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from identity.models import User
from vendors import consequences, lifecycle
from vendors.closing import lifecycle as closing
from vendors.closing import notices
from vendors.email_change import lifecycle as email_change
from vendors.models import ClosedAs, EmailChange, VendorNotice, VendorState
from vendors.payment import disputes as payment_disputes
from vendors.situation import Situation
from vendors.still_right import lifecycle as still_right

Mode = EmailChange.Mode
About = VendorNotice.About


@dataclass(frozen=True)
class Action:
    name: str
    label: str | Promise
    permission: str
    is_possible: Callable[[Situation], bool]
    consequences: Callable[[Situation], list[str]]
    function: Callable[..., Any]  # of the domain: takes the vendor, or its open email change
    success: str | Promise
    asks_reason: bool = False
    ways: Sequence[ClosedAs] = ()  # in which a vendor can be closed
    tells_about: VendorNotice.About | None = None  # of which the vendor may be sent an email
    is_dangerous: bool = False
    is_about_change: bool = False

    def run(
        self,
        situation: Situation,
        *,
        by: User,
        reason: str = "",
        closed_as: str = "",
        written: notices.Written | None = None,
    ) -> None:
        subject = situation.change if self.is_about_change else situation.vendor
        if subject is None:
            raise email_change.NotOpen
        arguments: dict[str, Any] = {"reason": reason} if self.asks_reason else {}
        if closed_as:
            arguments["closed_as"] = ClosedAs(closed_as)
        address = situation.vendor.address
        with transaction.atomic():
            self.function(subject, by=by, **arguments)
            if written is not None and self.tells_about is not None:
                notices.queue(situation.vendor, written, about=self.tells_about, address=address, by=by)


ACTIONS: dict[str, Action] = {
    action.name: action
    for action in [
        Action(
            "invite",
            gettext_lazy("Invite"),
            "vendors.invite_vendor",
            lambda situation: situation.vendor.can("invite"),
            consequences.what_inviting_does,
            lifecycle.invite,
            gettext_lazy("The invitation is queued. It will be sent within seconds."),
        ),
        Action(
            "invite-again",
            gettext_lazy("Send invitation again"),
            "vendors.invite_vendor",
            lambda situation: situation.awaits_sign_in,
            consequences.what_inviting_again_does,
            lifecycle.resend_invitation,
            gettext_lazy("The new invitation is queued. It will be sent within seconds."),
        ),
        Action(
            "withdraw-invitation",
            gettext_lazy("Withdraw invitation"),
            "vendors.invite_vendor",
            lambda situation: situation.vendor.can("withdraw_invitation"),
            consequences.what_withdrawing_does,
            lifecycle.withdraw_invitation,
            gettext_lazy("The invitation has been withdrawn."),
            is_dangerous=True,
        ),
        Action(
            "undo-email-change",
            gettext_lazy("Undo email change"),
            "vendors.change_primary_email",
            lambda situation: situation.change is not None and situation.change.mode != Mode.REPAIR,
            consequences.what_undoing_does,
            email_change.undo,
            gettext_lazy("The email change has been undone."),
            is_about_change=True,
        ),
        Action(
            "cut-off",
            gettext_lazy("Cut off the old address now"),
            "vendors.change_primary_email",
            lambda situation: situation.change is not None and situation.change.mode == Mode.PLANNED,
            consequences.what_cutting_off_does,
            email_change.cut_off,
            gettext_lazy("The old address has been cut off."),
            is_about_change=True,
            is_dangerous=True,
        ),
        Action(
            "uphold-email-change",
            gettext_lazy("Confirm the disputed email change"),
            "vendors.change_primary_email",
            lambda situation: situation.disputed is not None,
            consequences.what_upholding_does,
            email_change.uphold,
            gettext_lazy("The email change has been confirmed, and the case is closed."),
            asks_reason=True,
        ),
        Action(
            "uphold-payment",
            gettext_lazy("Confirm the disputed account"),
            "vendors.review_vendor",
            lambda situation: situation.payment_dispute is not None,
            consequences.what_upholding_the_account_does,
            payment_disputes.uphold,
            gettext_lazy("The account has been confirmed, and the case is closed."),
            asks_reason=True,
        ),
        Action(
            "repair-sign-in",
            gettext_lazy("Repair sign-in"),
            "vendors.change_primary_email",
            lambda situation: situation.vendor.is_live and situation.change is None and situation.may_be_repaired,
            consequences.what_repairing_does,
            email_change.repair,
            gettext_lazy("The repair is under way. You can follow it in the timeline."),
        ),
        Action(
            "reinstate",
            gettext_lazy("Reinstate"),
            "vendors.suspend_vendor",
            lambda situation: situation.vendor.can("reinstate"),
            consequences.what_reinstating_does,
            lifecycle.reinstate,
            gettext_lazy("The vendor has been reinstated."),
        ),
        Action(
            "reopen",
            gettext_lazy("Reopen"),
            "vendors.close_vendor",
            lambda situation: situation.vendor.can("reopen"),
            consequences.what_reopening_does,
            lifecycle.reopen,
            gettext_lazy("The vendor has been reopened."),
            asks_reason=True,
            tells_about=About.REOPENED,
        ),
        Action(
            "suspend",
            gettext_lazy("Suspend"),
            "vendors.suspend_vendor",
            lambda situation: situation.vendor.can("suspend"),
            consequences.what_suspending_does,
            lifecycle.suspend,
            gettext_lazy("The vendor has been suspended and signed out everywhere."),
            asks_reason=True,
            tells_about=About.SUSPENDED,
            is_dangerous=True,
        ),
        Action(
            "close",
            gettext_lazy("Close"),
            "vendors.close_vendor",
            lambda situation: situation.vendor.can("decline"),
            consequences.what_closing_does,
            closing.close,
            gettext_lazy("The vendor has been closed and can no longer sign in."),
            asks_reason=True,
            ways=closing.REASONS_TO_CLOSE,
            tells_about=About.CLOSED,
            is_dangerous=True,
        ),
        Action(
            "end",
            gettext_lazy("End the working relationship"),
            "vendors.close_vendor",
            lambda situation: situation.vendor.can("end"),
            consequences.what_ending_does,
            closing.end,
            gettext_lazy("The working relationship has ended."),
            asks_reason=True,
            tells_about=About.ENDED,
            is_dangerous=True,
        ),
        Action(
            "ask-still-right",
            gettext_lazy("Ask “Is this still right?”"),
            "vendors.review_vendor",
            lambda situation: situation.vendor.state == VendorState.APPROVED and situation.check is None,
            consequences.what_asking_does,
            still_right.ask,
            gettext_lazy("The vendor has been asked whether the profile is still right."),
        ),
    ]
}

# What the page says of a closed vendor, by how they were closed.
CLOSED = {
    ClosedAs.NOT_SUITABLE: gettext_lazy("Declined as not suitable. You can reopen the vendor for another review."),
    ClosedAs.WITHDREW: gettext_lazy("The vendor withdrew the application. Reopen it if they would like to come back."),
    ClosedAs.MISTAKE: gettext_lazy("Added by mistake, and closed. You can reopen the vendor."),
    ClosedAs.LEFT: gettext_lazy("The working relationship has ended. The vendor cannot sign in."),
    ClosedAs.DUPLICATE: gettext_lazy("Closed as a duplicate of another vendor. It cannot be reopened."),
}

# What the page suggests first, and why. The other possible actions stand below it.
NEXT: dict[str, tuple[str | Promise, str]] = {
    VendorState.PREPARED: (gettext_lazy("Added, but not invited yet."), "invite"),
    VendorState.INVITED: (gettext_lazy("Invited, but no one has signed in yet. There is nothing for you to do."), ""),
    VendorState.ONBOARDING: (gettext_lazy("The vendor is in onboarding. There is nothing for you to do."), ""),
    VendorState.SUBMITTED: (gettext_lazy("The vendor has sent everything and is waiting for your review."), "review"),
    VendorState.CHANGES_REQUESTED: (gettext_lazy("You asked for changes. The vendor has not sent them yet."), ""),
    VendorState.APPROVED: (gettext_lazy("Approved. There is nothing for you to do."), ""),
    VendorState.DECLINED: (gettext_lazy("Declined. You can reopen the vendor for another review."), ""),
    VendorState.SUSPENDED: (gettext_lazy("Suspended. The vendor cannot sign in."), "reinstate"),
    VendorState.ENDED: (gettext_lazy("The working relationship has ended. The vendor cannot sign in."), ""),
    VendorState.ERASED: (gettext_lazy("Erased."), ""),
}


def possible(situation: Situation, user: User) -> list[Action]:
    return [action for action in ACTIONS.values() if user.has_perm(action.permission) and action.is_possible(situation)]


# The buttons that mend what a case is about, on its page; those that cannot be pressed now are left out.
CHANGE_EMAIL = "change-email"
INVITING = ("invite", "invite-again", "repair-sign-in")
MENDING = {
    "change_disputed": ("undo-email-change", "uphold-email-change", CHANGE_EMAIL),
    "payment_disputed": ("uphold-payment",),
    "change_not_accepted": ("undo-email-change", "cut-off"),
    "too_many_accounts": ("undo-email-change", "cut-off"),
    "repair_needs_it": ("repair-sign-in",),
    "vendor_suspended": ("reinstate",),
    "vendor_ended": ("reopen",),
    "vendor_declined": ("reopen",),
    "vendor_withdrew": ("reopen",),
    "access_revoked": (CHANGE_EMAIL, *INVITING),
    "asks_for_invitation": INVITING,
}


def mending(reason: str, situation: Situation, user: User) -> list[str]:
    """Names of actions, and CHANGE_EMAIL."""
    names = [action.name for action in possible(situation, user)]
    if may_change_email(situation, user):
        names.append(CHANGE_EMAIL)
    if reason == "change_disputed":
        # An open change is undone. After one that has been used the address is changed back, and no other is undone.
        is_open = situation.change is not None and situation.change.disputed_at is not None
        useless = CHANGE_EMAIL if is_open else "undo-email-change"
        names = [name for name in names if name != useless]
    return [name for name in MENDING.get(reason, ()) if name in names]


def may_change_email(situation: Situation, user: User) -> bool:
    return situation.vendor.is_live and user.has_perm("vendors.change_primary_email")


# What a command refuses with: every one of them is a sentence for people.
REFUSALS = (
    lifecycle.WrongState,
    lifecycle.HasSignedIn,
    lifecycle.ClosedAsDuplicate,
    email_change.NotOpen,
    email_change.NotPlanned,
    email_change.NotToBeRepaired,
    email_change.NotDisputed,
    payment_disputes.NotDisputed,
    email_change.SameAddress,
    email_change.AddressBeforeOpenChange,
    still_right.AskedAlready,
)
