"""What each of VM's buttons will do, as plain sentences that are read before it is pressed."""

from __future__ import annotations

from collections.abc import Iterator

from identity.invitations import lifecycle as invitations
from identity.invitations import wording
from identity.text_direction import gettext as _
from identity.text_direction import ours
from vendors import lifecycle
from vendors.email_change import disputes
from vendors.email_change import lifecycle as email_change
from vendors.models import EmailChange, VendorState
from vendors.situation import Situation
from vendors.still_right import lifecycle as still_right

Mode = EmailChange.Mode


def what_inviting_does(situation: Situation) -> list[str]:
    return [
        _("Passport asks Microsoft to invite %(address)s, and Microsoft emails the invitation.")
        % {"address": situation.vendor.address},
        _("Passport sends a short email of its own that explains what happens next and who to ask."),
    ]


def what_inviting_again_does(situation: Situation) -> list[str]:
    old = invitations.latest_invitation(situation.vendor.user)
    changes = wording.for_vm(old, address=situation.vendor.address) if old else []
    return [*what_inviting_does(situation), *changes]


def what_withdrawing_does(situation: Situation) -> list[str]:
    return [
        _("No one can sign in with %(address)s any more, even with the email that Microsoft has already sent.")
        % {"address": situation.vendor.address},
        _("The vendor goes back to “prepared” and can be invited later. No one is notified."),
    ]


def what_repairing_does(situation: Situation) -> list[str]:
    return [
        _("Use this if %(address)s has moved to another email provider and the vendor can no longer sign in.")
        % {"address": situation.vendor.address},
        _("If Passport created the old guest account, the account is removed and all its sessions end now."),
        _("The same address is invited again, and the vendor signs in to the same profile. Nothing else changes."),
        _("If Passport is not allowed to remove the old guest account, you get a case that says what IT has to do."),
    ]


def what_undoing_does(situation: Situation) -> list[str]:
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
        sentences.append(
            _("%(old)s was notified of the change, and will be notified that it has been undone.") % {"old": change.old}
        )
    return sentences


def what_cutting_off_does(situation: Situation) -> list[str]:
    change = situation.change
    if change is None:
        return []
    return [
        _("No one can sign in with %(old)s any more. Everyone signed in with it is signed out.") % {"old": change.old},
        _("The vendor can sign in again once they accept the invitation at %(new)s.") % {"new": change.new},
    ]


def what_upholding_does(situation: Situation) -> list[str]:
    change = situation.disputed
    if change is None:
        return []
    return [
        _("The change from %(old)s to %(new)s is kept.") % {"old": change.old, "new": change.new},
        _("The case is closed, and what you write here is kept with it. No one is notified."),
    ]


def what_upholding_the_account_does(situation: Situation) -> list[str]:
    dispute = situation.payment_dispute
    if dispute is None:
        return []
    return [
        _("Only press this after you have spoken to the vendor on a number you already had."),
        _("%(address)s said “This was not me”. You are confirming that the account is the vendor's.")
        % {"address": dispute.address},
        _("Payments are no longer on hold, and the account can be approved and released."),
        _("The case is closed, and what you write here is kept with it. No one is notified."),
    ]


def what_suspending_does(situation: Situation) -> list[str]:
    return [
        _(
            "The vendor is signed out everywhere now, and sees “Please contact Vendor Management” if they try to "
            "sign in."
        ),
        _("Nothing is lost: reinstating them puts everything back as it is now."),
        _only_your_email(),
    ]


def _only_your_email() -> str:
    return _("The vendor is only notified if you send the email below.")


def _who_is_mailed(situation: Situation) -> str:
    """About somebody who may come in again."""
    return next(_who_is_invited(situation), _("No one is notified."))


def _who_is_invited(situation: Situation) -> Iterator[str]:
    if lifecycle.needs_invitation(situation.vendor):
        sentence = _("None of their accounts can sign in any more, so %(address)s is invited again.")
        yield sentence % {"address": situation.vendor.address}


def what_reinstating_does(situation: Situation) -> list[str]:
    before = VendorState(situation.vendor.suspended_from).label if situation.vendor.suspended_from else ""
    sentence = _("The vendor can sign in again and is “%(state)s”, as before.") % {"state": ours(before)}
    return [sentence, _who_is_mailed(situation)]


def what_ending_does(situation: Situation) -> list[str]:
    return [
        _("You stop working with this vendor. They are signed out everywhere now and can no longer sign in."),
        *_what_closing_takes_back(situation),
        _("The profile is kept and can be reopened."),
        _only_your_email(),
    ]


def what_closing_does(situation: Situation) -> list[str]:
    vendor = situation.vendor
    came_to = vendor.suspended_from or vendor.state
    sentences = [_("The vendor becomes “declined”. They are signed out everywhere now and can no longer sign in.")]
    if came_to == VendorState.SUBMITTED:
        sentences.append(_("The submission is no longer waiting for your review."))
    return [
        *sentences,
        *_what_closing_takes_back(situation),
        _("You can reopen the vendor, who is then “%(state)s” again.") % {"state": ours(vendor.get_state_display())},
        _only_your_email(),
    ]


def _what_closing_takes_back(situation: Situation) -> Iterator[str]:
    vendor = situation.vendor
    if situation.change is not None and situation.change.mode != Mode.REPAIR:
        sentence = _("The open email change ends: the primary email stays %(new)s, and %(old)s cannot be used again.")
        yield sentence % {"new": situation.change.new, "old": situation.change.old}
    if invitations.open_invitation(vendor.user) is not None:
        yield _("The invitation to %(address)s is withdrawn.") % {"address": vendor.address}


def what_reopening_does(situation: Situation) -> list[str]:
    vendor = situation.vendor
    where = ours(VendorState(vendor.closed_from).label) if vendor.closed_from else ""
    if vendor.closed_from == VendorState.SUBMITTED:
        sentence = _("The submission is waiting for review again, and the vendor can sign in again.")
    elif vendor.state == VendorState.DECLINED:
        sentence = _("The vendor is “%(state)s” again, and can sign in and carry on with their answers.") % {
            "state": where
        }
    else:
        sentence = _("The vendor is “%(state)s” again and can sign in again.") % {"state": where}
    if vendor.closed_from == VendorState.SUSPENDED:
        return [_("The vendor is suspended again, as before. To let them sign in, reinstate them as well.")]
    return [sentence, *_who_is_invited(situation), _only_your_email()]


def what_asking_does(situation: Situation) -> list[str]:
    return [
        _(
            "%(address)s gets an email, and the profile shows a box in which the vendor confirms that everything is "
            "right, or changes something."
        )
        % {"address": situation.vendor.address},
        _(
            "Two reminders are sent automatically. After %(days)s days without an answer, the vendor appears in your "
            "queue."
        )
        % {"days": still_right.ANSWER_WITHIN.days},
    ]


def what_changing_the_email_does(situation: Situation, *, new: str, cut_off: bool) -> list[str]:
    """Plain sentences: accounts, mails, who is told."""
    vendor = situation.vendor
    old = situation.change.old if situation.change else vendor.address
    sentences = [_("The primary email of %(vendor)s becomes %(new)s.") % {"vendor": vendor, "new": new}]
    if situation.change:
        sentences.append(
            _("This replaces the open change to %(address)s. No one can sign in with that address any more.")
            % {"address": vendor.address}
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
            % {"old": vendor.address}
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
    sentences.append(_("The profile, the answers and the timeline stay as they are."))
    sentences.append(_("You can undo this until the new address has been used."))
    return sentences
