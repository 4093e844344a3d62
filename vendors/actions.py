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
        _("Microsoft is asked to invite %(address)s and mails the invitation.")
        % {"address": situation.vendor.primary_email},
        _("Passport sends a short mail of its own that says what comes and whom to ask."),
    ]


def _what_inviting_again_does(situation: Situation) -> list[str]:
    old = invitations.latest_invitation(situation.vendor.user)
    changes = wording.for_vm(old, address=situation.vendor.primary_email) if old else []
    return [*_what_inviting_does(situation), *changes]


def _what_withdrawing_does(situation: Situation) -> list[str]:
    return [
        _("%(address)s no longer gets in, even with the mail that Microsoft has sent already.")
        % {"address": situation.vendor.primary_email},
        _("The vendor is “prepared” again and can be invited later. Nobody is told."),
    ]


def _what_repairing_does(situation: Situation) -> list[str]:
    return [
        _("Use this when %(address)s has moved to another mail provider and signing in fails since then.")
        % {"address": situation.vendor.primary_email},
        _("Where Passport made the old guest account, it is removed and every session of it ends now."),
        _("The same address is invited again, and the vendor signs in to the same profile; nothing else changes."),
        _("Where Passport may not remove the old guest, you get a case that says what IT has to do."),
    ]


def _what_undoing_does(situation: Situation) -> list[str]:
    change = situation.change
    if change is None:
        return []
    sentences = [
        _("The primary email becomes %(old)s again.") % {"old": change.old},
        _("%(new)s no longer gets in, and its invitation is withdrawn.") % {"new": change.new},
    ]
    if change.mode == Mode.PLANNED:
        sentences.append(_("The sign-in with %(old)s keeps working as before.") % {"old": change.old})
    else:
        sentences.append(_("%(old)s is invited again, since its sign-in was closed.") % {"old": change.old})
        if not situation.vendor.is_live:
            sentences.append(_("The invitation goes out once the vendor may sign in again."))
    if disputes.was_old_address_told(change):
        sentences.append(_("%(old)s was told of the change, and is told that it is undone.") % {"old": change.old})
    return sentences


def _what_cutting_off_does(situation: Situation) -> list[str]:
    change = situation.change
    if change is None:
        return []
    return [
        _("%(old)s no longer gets in, and everybody signed in with it is signed out now.") % {"old": change.old},
        _("The vendor gets in again once they accept the invitation at %(new)s.") % {"new": change.new},
    ]


def _what_upholding_does(situation: Situation) -> list[str]:
    change = situation.disputed
    if change is None:
        return []
    return [
        _("The change from %(old)s to %(new)s stays as it is.") % {"old": change.old, "new": change.new},
        _("The case is closed, with what you write here. No one is notified."),
    ]


def _what_upholding_the_account_does(situation: Situation) -> list[str]:
    dispute = situation.payment_dispute
    if dispute is None:
        return []
    return [
        _("Press this only after you have spoken to the vendor at a number that you know."),
        _("%(address)s said: this was not me. You say that the account is the vendor's all the same.")
        % {"address": dispute.address},
        _("Payments are no longer on hold, and a change that names the account can be approved."),
        _("The case is closed, with what you write here. No one is notified."),
    ]


def _what_suspending_does(situation: Situation) -> list[str]:
    return [
        _("The vendor is signed out everywhere now and reads “please contact Vendor Management” when signing in."),
        _("Nothing is lost: reinstating puts everything back as it is now. Nobody is mailed."),
    ]


def _who_is_mailed(situation: Situation) -> str:
    """About somebody who may come in again."""
    if lifecycle.needs_invitation(situation.vendor):
        sentence = _("No account of theirs can sign in any more, so %(address)s is invited again.")
        return sentence % {"address": situation.vendor.primary_email}
    return _("Nobody is mailed.")


def _what_reinstating_does(situation: Situation) -> list[str]:
    before = VendorState(situation.vendor.suspended_from).label if situation.vendor.suspended_from else ""
    sentence = _("The vendor may come in again and is “%(state)s” as before.") % {"state": ours(before)}
    return [sentence, _who_is_mailed(situation)]


def _what_ending_does(situation: Situation) -> list[str]:
    return [
        _("The co-operation ends: the vendor is signed out everywhere now and no longer gets in."),
        _("The profile is kept and can be reopened. Nobody is mailed."),
    ]


def _what_reopening_does(situation: Situation) -> list[str]:
    if situation.vendor.state == VendorState.DECLINED:
        sentence = _("The submission waits for review again, and the vendor may come in again.")
    else:
        sentence = _("The vendor is “approved” and may come in again.")
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
            gettext_lazy("The invitation is queued. It goes out within seconds."),
        ),
        Action(
            "invite-again",
            gettext_lazy("Send invitation again"),
            "vendors.invite_vendor",
            lambda situation: situation.awaits_sign_in,
            _what_inviting_again_does,
            lifecycle.resend_invitation,
            gettext_lazy("The new invitation is queued. It goes out within seconds."),
        ),
        Action(
            "withdraw-invitation",
            gettext_lazy("Withdraw invitation"),
            "vendors.invite_vendor",
            lambda situation: situation.vendor.can("withdraw_invitation"),
            _what_withdrawing_does,
            lifecycle.withdraw_invitation,
            gettext_lazy("The invitation is withdrawn."),
            is_dangerous=True,
        ),
        Action(
            "undo-email-change",
            gettext_lazy("Undo email change"),
            "vendors.change_primary_email",
            lambda situation: situation.change is not None and situation.change.mode != Mode.REPAIR,
            _what_undoing_does,
            email_change.undo,
            gettext_lazy("The email change is undone."),
            is_about_change=True,
        ),
        Action(
            "cut-off",
            gettext_lazy("Cut the old address off now"),
            "vendors.change_primary_email",
            lambda situation: situation.change is not None and situation.change.mode == Mode.PLANNED,
            _what_cutting_off_does,
            email_change.cut_off,
            gettext_lazy("The old address is cut off."),
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
            gettext_lazy("The email change stays, and the case is closed."),
            asks_reason=True,
        ),
        Action(
            "uphold-payment",
            gettext_lazy("Confirm the disputed account"),
            "vendors.review_vendor",
            lambda situation: situation.payment_dispute is not None,
            _what_upholding_the_account_does,
            payment_disputes.uphold,
            gettext_lazy("The account is confirmed, and the case is closed."),
            asks_reason=True,
        ),
        Action(
            "repair-sign-in",
            gettext_lazy("Repair sign-in"),
            "vendors.change_primary_email",
            lambda situation: situation.vendor.is_live and situation.change is None and situation.may_be_repaired,
            _what_repairing_does,
            email_change.repair,
            gettext_lazy("The repair is under way. The timeline shows how it goes."),
        ),
        Action(
            "reinstate",
            gettext_lazy("Reinstate"),
            "vendors.suspend_vendor",
            lambda situation: situation.vendor.can("reinstate"),
            _what_reinstating_does,
            lifecycle.reinstate,
            gettext_lazy("The vendor is reinstated."),
        ),
        Action(
            "reopen",
            gettext_lazy("Reopen"),
            "vendors.suspend_vendor",
            lambda situation: situation.vendor.can("reopen"),
            _what_reopening_does,
            lifecycle.reopen,
            gettext_lazy("The vendor is reopened."),
            asks_reason=True,
        ),
        Action(
            "suspend",
            gettext_lazy("Suspend"),
            "vendors.suspend_vendor",
            lambda situation: situation.vendor.can("suspend"),
            _what_suspending_does,
            lifecycle.suspend,
            gettext_lazy("The vendor is suspended and signed out everywhere."),
            asks_reason=True,
            is_dangerous=True,
        ),
        Action(
            "end",
            gettext_lazy("End the co-operation"),
            "vendors.suspend_vendor",
            lambda situation: situation.vendor.can("end"),
            _what_ending_does,
            lifecycle.end,
            gettext_lazy("The co-operation is ended."),
            asks_reason=True,
            is_dangerous=True,
        ),
    ]
}

# What the page suggests first, and why. The other possible actions stand below it.
NEXT: dict[str, tuple[str | Promise, str]] = {
    VendorState.PREPARED: (gettext_lazy("Added, not invited yet."), "invite"),
    VendorState.INVITED: (gettext_lazy("Invited; nobody has signed in yet. Nothing for you to do."), ""),
    VendorState.ONBOARDING: (gettext_lazy("The vendor is filling in the onboarding. Nothing for you to do."), ""),
    VendorState.SUBMITTED: (gettext_lazy("The vendor has sent everything and waits for your review."), "review"),
    VendorState.CHANGES_REQUESTED: (gettext_lazy("You asked for changes; the vendor has to answer."), ""),
    VendorState.APPROVED: (gettext_lazy("Approved. Nothing for you to do."), ""),
    VendorState.DECLINED: (gettext_lazy("Declined. The vendor can be reopened for another review."), ""),
    VendorState.SUSPENDED: (gettext_lazy("Suspended: the vendor does not get in."), "reinstate"),
    VendorState.ENDED: (gettext_lazy("The co-operation has ended: the vendor does not get in."), ""),
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
            _("The open change to %(address)s is replaced; that address no longer gets in.")
            % {"address": vendor.primary_email}
        )
    if vendor.state == VendorState.PREPARED:
        return [*sentences, _("Nobody has been invited yet, so nothing is sent and nobody is told.")]
    sentences.append(
        _("Microsoft is asked to invite %(new)s and mails the invitation; Passport sends a short mail of its own.")
        % {"new": new}
    )
    mode = email_change.mode_for(vendor, cut_off=cut_off)
    if mode == Mode.CORRECTION:
        sentences.append(
            _(
                "Nobody has signed in with %(old)s yet: it no longer gets in, even by the invitation sent to it, "
                "and is told nothing."
            )
            % {"old": vendor.primary_email}
        )
    elif mode == Mode.PLANNED:
        sentences.append(
            _("%(old)s keeps working until the first sign-in with %(new)s; from then on only the new address gets in.")
            % {"old": old, "new": new}
        )
    else:
        sentences.append(
            _("%(old)s no longer gets in, and everybody signed in with it is signed out now.") % {"old": old}
        )
    if mode != Mode.CORRECTION:
        sentences.append(
            _("%(old)s gets an email about the change, without the new address, with a link “This was not me”.")
            % {"old": old}
        )
    sentences.append(_("The profile, the answers and the history stay as they are."))
    sentences.append(_("You can undo this until the new address has been used."))
    return sentences
