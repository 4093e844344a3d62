"""What VM can do with a vendor now: the buttons of the admin page, and what each of them says before it acts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from identity.direction import gettext as _
from identity.direction import ours
from identity.invitations import lifecycle as invitations
from identity.invitations import wording
from identity.models import User
from vendors import lifecycle
from vendors.email_change import disputes
from vendors.email_change import lifecycle as email_change
from vendors.models import EmailChange, VendorState
from vendors.payment import disputes as payment_disputes
from vendors.situation import Situation

Mode = EmailChange.Mode


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
    is_dangerous: bool = False
    is_about_change: bool = False

    def run(self, situation: Situation, *, by: User, reason: str = "") -> None:
        subject = situation.change if self.is_about_change else situation.vendor
        if subject is None:
            raise email_change.NotOpen
        self.function(subject, by=by, **({"reason": reason} if self.asks_reason else {}))


def _what_inviting_does(situation: Situation) -> list[str]:
    return [
        _("Passport asks Microsoft to invite %(address)s, and Microsoft emails the invitation.")
        % {"address": situation.vendor.primary_email},
        _("Passport sends a short email of its own that explains what happens next and who to ask."),
    ]


def _what_inviting_again_does(situation: Situation) -> list[str]:
    old = invitations.latest_invitation(situation.vendor.user)
    changes = wording.for_vm(old, address=situation.vendor.primary_email) if old else []
    return [*_what_inviting_does(situation), *changes]


def _what_withdrawing_does(situation: Situation) -> list[str]:
    return [
        _("No one can sign in with %(address)s any more, even with the email that Microsoft has already sent.")
        % {"address": situation.vendor.primary_email},
        _("The vendor goes back to “prepared” and can be invited later. No one is notified."),
    ]


def _what_repairing_does(situation: Situation) -> list[str]:
    return [
        _("Use this if %(address)s has moved to another email provider and the vendor can no longer sign in.")
        % {"address": situation.vendor.primary_email},
        _("If Passport made the old guest account, the account is removed and all its sessions end now."),
        _("The same address is invited again, and the vendor signs in to the same profile. Nothing else changes."),
        _("If Passport is not allowed to remove the old guest, you get a case that says what IT has to do."),
    ]


def _what_undoing_does(situation: Situation) -> list[str]:
    change = situation.change
    if change is None:
        return []
    sentences = [
        _("The primary email becomes %(old)s again.") % {"old": change.old},
        _("No one can sign in with %(new)s any more, and its invitation is withdrawn.") % {"new": change.new},
    ]
    if change.mode == Mode.PLANNED:
        sentences.append(_("The vendor can still sign in with %(old)s, as before.") % {"old": change.old})
    else:
        sentences.append(_("%(old)s is invited again, because its access had been removed.") % {"old": change.old})
        if not situation.vendor.is_live:
            sentences.append(_("The invitation is sent once the vendor is allowed to sign in again."))
    if disputes.was_old_address_told(change):
        sentences.append(_("%(old)s was told about the change, and is told that it is undone.") % {"old": change.old})
    return sentences


def _what_cutting_off_does(situation: Situation) -> list[str]:
    change = situation.change
    if change is None:
        return []
    return [
        _("No one can sign in with %(old)s any more. Everyone signed in with it is signed out.") % {"old": change.old},
        _("The vendor can sign in again once they accept the invitation at %(new)s.") % {"new": change.new},
    ]


def _what_upholding_does(situation: Situation) -> list[str]:
    change = situation.disputed
    if change is None:
        return []
    return [
        _("The change from %(old)s to %(new)s is kept.") % {"old": change.old, "new": change.new},
        _("The case is closed, and what you write here is kept with it. No one is notified."),
    ]


def _what_upholding_the_account_does(situation: Situation) -> list[str]:
    dispute = situation.payment_dispute
    if dispute is None:
        return []
    return [
        _("Only press this after you have spoken to the vendor on a number that you know."),
        _("%(address)s said “This was not me”. You are confirming that the account is the vendor's.")
        % {"address": dispute.address},
        _("Payments are no longer on hold, and a change that names the account can be approved."),
        _("The case is closed, and what you write here is kept with it. No one is notified."),
    ]


def _what_suspending_does(situation: Situation) -> list[str]:
    return [
        _("The vendor is signed out everywhere now, and sees “please contact Vendor Management” if they sign in."),
        _("Nothing is lost: reinstating them puts everything back as it is now. No one is notified."),
    ]


def _who_is_mailed(situation: Situation) -> str:
    """About somebody who may come in again."""
    if lifecycle.needs_invitation(situation.vendor):
        sentence = _("None of their accounts can sign in any more, so %(address)s is invited again.")
        return sentence % {"address": situation.vendor.primary_email}
    return _("No one is notified.")


def _what_reinstating_does(situation: Situation) -> list[str]:
    before = VendorState(situation.vendor.suspended_from).label if situation.vendor.suspended_from else ""
    sentence = _("The vendor can sign in again and is “%(state)s”, as before.") % {"state": ours(before)}
    return [sentence, _who_is_mailed(situation)]


def _what_ending_does(situation: Situation) -> list[str]:
    return [
        _("You stop working with this vendor. They are signed out everywhere now and can no longer sign in."),
        _("The profile is kept and can be reopened. No one is notified."),
    ]


def _what_reopening_does(situation: Situation) -> list[str]:
    if situation.vendor.state == VendorState.DECLINED:
        sentence = _("The submission is waiting for review again, and the vendor can sign in again.")
    else:
        sentence = _("The vendor is “approved” and can sign in again.")
    return [sentence, _who_is_mailed(situation)]


ACTIONS: dict[str, Action] = {
    action.name: action
    for action in [
        Action(
            "invite",
            gettext_lazy("Invite"),
            "vendors.invite_vendor",
            lambda situation: situation.vendor.can("invite"),
            _what_inviting_does,
            lifecycle.invite,
            gettext_lazy("The invitation is queued. It will be sent within seconds."),
        ),
        Action(
            "invite-again",
            gettext_lazy("Send invitation again"),
            "vendors.invite_vendor",
            lambda situation: situation.awaits_sign_in,
            _what_inviting_again_does,
            lifecycle.resend_invitation,
            gettext_lazy("The new invitation is queued. It will be sent within seconds."),
        ),
        Action(
            "withdraw-invitation",
            gettext_lazy("Withdraw invitation"),
            "vendors.invite_vendor",
            lambda situation: situation.vendor.can("withdraw_invitation"),
            _what_withdrawing_does,
            lifecycle.withdraw_invitation,
            gettext_lazy("The invitation has been withdrawn."),
            is_dangerous=True,
        ),
        Action(
            "undo-email-change",
            gettext_lazy("Undo email change"),
            "vendors.change_primary_email",
            lambda situation: situation.change is not None and situation.change.mode != Mode.REPAIR,
            _what_undoing_does,
            email_change.undo,
            gettext_lazy("The email change has been undone."),
            is_about_change=True,
        ),
        Action(
            "cut-off",
            gettext_lazy("Cut off the old address now"),
            "vendors.change_primary_email",
            lambda situation: situation.change is not None and situation.change.mode == Mode.PLANNED,
            _what_cutting_off_does,
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
            _what_upholding_does,
            email_change.uphold,
            gettext_lazy("The email change has been confirmed, and the case is closed."),
            asks_reason=True,
        ),
        Action(
            "uphold-payment",
            gettext_lazy("Confirm the disputed account"),
            "vendors.review_vendor",
            lambda situation: situation.payment_dispute is not None,
            _what_upholding_the_account_does,
            payment_disputes.uphold,
            gettext_lazy("The account has been confirmed, and the case is closed."),
            asks_reason=True,
        ),
        Action(
            "repair-sign-in",
            gettext_lazy("Repair sign-in"),
            "vendors.change_primary_email",
            lambda situation: situation.vendor.is_live and situation.change is None and situation.may_be_repaired,
            _what_repairing_does,
            email_change.repair,
            gettext_lazy("The repair is under way. You can follow it in the timeline."),
        ),
        Action(
            "reinstate",
            gettext_lazy("Reinstate"),
            "vendors.suspend_vendor",
            lambda situation: situation.vendor.can("reinstate"),
            _what_reinstating_does,
            lifecycle.reinstate,
            gettext_lazy("The vendor has been reinstated."),
        ),
        Action(
            "reopen",
            gettext_lazy("Reopen"),
            "vendors.suspend_vendor",
            lambda situation: situation.vendor.can("reopen"),
            _what_reopening_does,
            lifecycle.reopen,
            gettext_lazy("The vendor has been reopened."),
            asks_reason=True,
        ),
        Action(
            "suspend",
            gettext_lazy("Suspend"),
            "vendors.suspend_vendor",
            lambda situation: situation.vendor.can("suspend"),
            _what_suspending_does,
            lifecycle.suspend,
            gettext_lazy("The vendor has been suspended and signed out everywhere."),
            asks_reason=True,
            is_dangerous=True,
        ),
        Action(
            "end",
            gettext_lazy("End the working relationship"),
            "vendors.suspend_vendor",
            lambda situation: situation.vendor.can("end"),
            _what_ending_does,
            lifecycle.end,
            gettext_lazy("The working relationship has ended."),
            asks_reason=True,
            is_dangerous=True,
        ),
    ]
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
    email_change.NotOpen,
    email_change.NotPlanned,
    email_change.NotToBeRepaired,
    email_change.NotDisputed,
    payment_disputes.NotDisputed,
    email_change.SameAddress,
    email_change.AddressBeforeOpenChange,
)


def what_changing_the_email_does(situation: Situation, *, new: str, cut_off: bool) -> list[str]:
    """Plain sentences: accounts, mails, who is told."""
    vendor = situation.vendor
    old = situation.change.old if situation.change else vendor.primary_email
    sentences = [_("The primary email of %(vendor)s becomes %(new)s.") % {"vendor": vendor, "new": new}]
    if situation.change:
        sentences.append(
            _("This replaces the open change to %(address)s. No one can sign in with that address any more.")
            % {"address": vendor.primary_email}
        )
    if vendor.state == VendorState.PREPARED:
        return [*sentences, _("No one has been invited yet, so nothing is sent and no one is notified.")]
    sentences.append(
        _("Microsoft emails an invitation to %(new)s, and Passport sends a short email of its own.") % {"new": new}
    )
    mode = email_change.mode_for(vendor, cut_off=cut_off)
    if mode == Mode.CORRECTION:
        sentences.append(
            _(
                "No one has signed in with %(old)s yet. It can no longer be used, even with the invitation sent to it, "
                "and it is not notified."
            )
            % {"old": vendor.primary_email}
        )
    elif mode == Mode.PLANNED:
        sentences.append(
            _("%(old)s keeps working until the first sign-in with %(new)s. From then on, only the new address works.")
            % {"old": old, "new": new}
        )
    else:
        sentences.append(
            _("No one can sign in with %(old)s any more. Everyone signed in with it is signed out.") % {"old": old}
        )
    if mode != Mode.CORRECTION:
        sentences.append(
            _("%(old)s gets an email about the change, with a “This was not me” link but without the new address.")
            % {"old": old}
        )
    sentences.append(_("The profile, the answers and the history stay as they are."))
    sentences.append(_("You can undo this until the new address has been used."))
    return sentences
