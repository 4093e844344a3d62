"""The one thing to do about somebody who cannot get in: the first rule that has something to say is right."""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from identity.failures import reasons
from identity.invitations import lifecycle as invitations
from identity.mail import invitation_sender
from identity.models import Failure, Invitation, SignInAttempt
from identity.text_direction import gettext as _
from identity.text_direction import ours
from vendors import addresses
from vendors.actions import ACTIONS
from vendors.diagnosis.explanation import Explanation
from vendors.duplicates.lifecycle import kept_instead_of
from vendors.history.timeline import shown
from vendors.models import EmailChange, EmailChangeRequest, Vendor, VendorState

SENDING_TAKES = dt.timedelta(minutes=15)

CHANGE_EMAIL, LOOK_AT_CASE, DECIDE, ADD = "change-email", "case", "decide", "add"
COMMANDS = {
    "invite": "invite_vendor {address}",
    "invite-again": "reinvite_vendor {address}",
    CHANGE_EMAIL: 'change_vendor_email {address} NEW --reason "…"',
    ADD: "invite_vendor {address} --name …",
}
# Cases whose remedy is another button than the one in the mail about them.
REMEDIES = {
    "change_not_accepted": "undo-email-change",
    "change_disputed": "undo-email-change",
    "too_many_accounts": "undo-email-change",
    "repair_needs_it": "repair-sign-in",
    "access_revoked": CHANGE_EMAIL,
}
# What a vendor in another state read at the time; it is over once they may come in again.
OVER_WHEN_LIVE = {"vendor_suspended", "vendor_ended", "vendor_declined", "vendor_withdrew", "user_inactive"}


@dataclass(frozen=True)
class Advice:
    """What to do. `button` is the name of one of vendors.actions or of the four above; `case` what it is about."""

    rule: str
    text: str
    button: str = ""
    command: str = ""
    case: Failure | None = None

    def __str__(self) -> str:
        command = _("Command: %(command)s") % {"command": f"manage.py {self.command}"} if self.command else ""
        button = _("Button: “%(label)s”.") % {"label": self.label} if self.button else ""
        return " ".join(part for part in (self.text, button, command) if part)

    @property
    def label(self) -> str:
        own = {
            CHANGE_EMAIL: _("Change primary email"),
            LOOK_AT_CASE: _("View the case"),
            DECIDE: _("Decide on the request"),
            ADD: _("Add vendor"),
        }
        return str(ACTIONS[self.button].label) if self.button in ACTIONS else own.get(self.button, "")


def recommend(known: Explanation) -> Advice:
    return next(advice for rule in RULES if (advice := rule(known)) is not None)


def _unknown(known: Explanation) -> Advice | None:
    if known.vendor is not None:
        return None
    who = {"address": known.address}
    if known.namesakes:
        sentence = _("Microsoft reports %(address)s for the account of %(vendor)s, who was invited at %(invited)s.")
        [other, *_others] = known.namesakes
        text = sentence % {**who, "vendor": other, "invited": other.address}
        return Advice("signs_in_with_it", text, command=f"explain_sign_in {other.address}")
    case = next(iter([*known.failures, *known.claims]), None)
    if case is not None:
        text = _(
            "No one has ever been invited at %(address)s, but someone tried to sign in with it: see the case. If it "
            "is one of your vendors, change that vendor's primary email to this address."
        )
        # What strangers typed, and it may be copied into a shell.
        if case.is_typed or case.pk in known.typed:
            text += " " + _("The address was typed and has not been verified.")
        command = f'change_vendor_email OLD {shlex.quote(known.address)} --reason "…"'
        return Advice("mentioned_in_a_case", text % who, LOOK_AT_CASE, command, case)
    meant = addresses.suggestion(known.address)
    if meant:
        text = _("Passport does not know %(address)s. Did you mean %(meant)s?") % {**who, "meant": meant}
        return Advice("typing_mistake", text, command=f"explain_sign_in {shlex.quote(meant)}")
    try:
        invitations.check_address(known.address)
    except invitations.AddressNotInvitable as error:
        text = _("Passport does not know %(address)s, and this address cannot be invited: %(why)s")
        return Advice("not_an_address", text % {**who, "why": error})
    text = _("Passport does not know %(address)s. Ask which address they were invited at, or invite this one.")
    return Advice("unknown", text % who, ADD, COMMANDS[ADD].format(address=known.address))


def _disputed(known: Explanation) -> Advice | None:
    case = next((case for case in known.in_the_way if case.reason == "change_disputed"), None)
    return _about(known, case) if case else None


def _may_not_come_in(known: Explanation) -> Advice | None:
    vendor = _vendor(known)
    by_state = {
        VendorState.SUSPENDED: (_("They are suspended. To let them sign in, reinstate them."), "reinstate"),
        VendorState.ENDED: (_("You no longer work with them. To let them sign in, reopen the profile."), "reopen"),
        VendorState.DECLINED: (_("Their application was declined. To let them try again, reopen it."), "reopen"),
        VendorState.ERASED: (_("They were erased. To work with them again, add them as a new vendor."), ADD),
    }
    if (kept := kept_instead_of(vendor)) is not None:
        text = _("They were closed as a duplicate of %(kept)s, who can be given this address.") % {"kept": kept}
        return Advice("duplicate", text, command=f"explain_sign_in {kept.address}")
    if vendor.has_withdrawn:
        return _do(known, "withdrew", _("They withdrew their application. To let them come back, reopen it."), "reopen")
    if vendor.state in by_state:
        text, button = by_state[VendorState(vendor.state)]
        return _do(known, vendor.state, text, button)
    if not vendor.user.is_active:
        return Advice("inactive", _("Operations switched off their access. Ask operations to switch it on again."))
    return None


def _prepared(known: Explanation) -> Advice | None:
    if _vendor(known).state != VendorState.PREPARED:
        return None
    return _do(known, "prepared", _("They have not been invited yet. Invite them."), "invite")


def _queued(known: Explanation) -> Advice | None:
    invitation = known.invitation
    if invitation is None or invitation.state != Invitation.State.QUEUED:
        return None
    if known.worker_is_dead:
        text = _("The invitation is waiting: the worker is not running. Ask operations to start it. Nothing is lost.")
        return Advice("worker_dead", text, command="worker")
    if invitation.reason:
        reason = reasons.get(invitation.reason)
        text = f"{reason.vm_text} {reason.vm_action}"
        if invitation.next_try_at:
            text += " " + _("Next attempt on %(time)s.") % {"time": shown(invitation.next_try_at)}
        return Advice("invitation_waits", text, command="check_entra")
    if invitation.queued_at < timezone.now() - SENDING_TAKES:
        text = _("The invitation has been waiting since %(time)s for no clear reason. Ask operations to look into it.")
        return Advice("invitation_stuck", text % {"time": shown(invitation.queued_at)}, command="worker --once")
    return Advice("invitation_queued", _("The invitation is on its way. Check again in a minute."))


def _refused(known: Explanation) -> Advice | None:
    invitation = known.invitation
    if invitation is None or invitation.state != Invitation.State.REFUSED:
        return None
    if invitation.address.lower() != _vendor(known).address.lower():
        return None  # the email change that wanted it was undone
    reason = reasons.get(invitation.reason)
    text = f"{reason.vm_text} {reason.vm_action}"
    return _do(known, "invitation_refused", text, _button(known, reason), case=_case_of(known, reason.code))


def _over(known: Explanation) -> Advice | None:
    if known.in_the_way and known.in_the_way[0].reason in OVER_WHEN_LIVE:
        text = _("The reason they could not sign in no longer applies. Ask them to sign in again: %(url)s")
        return Advice("let_in_again", text % {"url": _sign_in_url()}, case=known.in_the_way[0])
    return None


def _no_account(known: Explanation) -> Advice | None:
    newest = next(iter(known.in_the_way), None)
    is_invited = known.invitation is not None and known.invitation.is_open
    if known.live_accounts or is_invited or (newest and newest.reason != "access_revoked"):
        return None
    account = next(iter(known.accounts), None)
    why = ours(account.get_revoked_why_display()) if account else _("none was ever created")
    text = _("None of their accounts can sign in to Passport (%(why)s). Send the invitation again.")
    return _do(known, "no_account", text % {"why": why}, _invite_again(known), case=newest)


def _revoked_account(known: Explanation) -> Advice | None:
    """An account that opens nothing any more was used, or its address is the one that is asked about."""
    newest = next(iter(known.in_the_way), None)
    if newest is not None and newest.reason != "access_revoked":
        return None
    address = newest.claimed_address if newest else known.address
    revoked = [account for account in known.accounts if not account.is_live]
    account = next((account for account in revoked if account.address.lower() == address.lower()), None)
    if newest is not None:
        account = account or next(iter(revoked), None)
    works = {account.address.lower() for account in known.live_accounts}
    if account is None or account.address.lower() in works:
        return None
    text = _(
        "%(address)s can no longer be used to sign in (%(why)s). Ask them to sign in with %(primary)s. If that is the "
        "wrong address, change the primary email."
    )
    why, primary = ours(account.get_revoked_why_display()), _vendor(known).address
    words = {"address": account.address, "why": why, "primary": primary}
    return _do(known, "revoked_account", text % words, CHANGE_EMAIL, case=newest)


def _open_case(known: Explanation) -> Advice | None:
    return _about(known, known.in_the_way[0]) if known.in_the_way else None


def _claimed(known: Explanation) -> Advice | None:
    """Somebody who says they have this address was turned away. It may be anybody, so VM asks first."""
    case = next((case for case in known.claims if case.state == Failure.State.OPEN), None)
    if case is None or known.is_over(case.last_seen_at):
        return None
    words = {"address": case.claimed_address, "url": _sign_in_url()}
    if case.reason == "different_account":
        text = _(
            "Someone who says they are %(address)s opened an invitation that was sent to a different address. If it "
            "was them, ask them to sign in here instead: %(url)s"
        )
        return _do(known, "opened_another_invitation", text % words, LOOK_AT_CASE, case=case)
    if case.reason != "not_invited":
        return None
    text = _(
        "Someone who says they are %(address)s used a different account from the one Passport invited. If it was them, "
        "their account in the tenant has been recreated: send the invitation again."
    )
    return _do(known, "account_made_anew", text % words, _invite_again(known) or LOOK_AT_CASE, case=case)


def _unanswered(known: Explanation) -> Advice | None:
    account = next((account for account in known.live_accounts if account.awaits_confirmation), None)
    if account is None:
        return None
    text = _(
        "They signed in as %(reported)s but were invited at %(address)s. Passport asked whether that is their own "
        "account and is waiting for an answer. Ask them to sign in again and answer: %(url)s"
    )
    words = {"reported": account.signed_in_as, "address": account.address, "url": _sign_in_url()}
    return Advice("own_account_not_answered", text % words)


def _open_change(known: Explanation) -> Advice | None:
    change = known.change
    if change is None:
        return None
    words = {"old": change.old, "new": change.new, "time": shown(change.created_at), "url": _sign_in_url()}
    if change.mode == EmailChange.Mode.REPAIR:
        text = _("We have been repairing the sign-in with %(new)s since %(time)s. Ask them to sign in again: %(url)s")
        rule = "repair_open"
    elif change.mode == EmailChange.Mode.PLANNED:
        text = _(
            "The address was changed to %(new)s on %(time)s, and no one has signed in with it. %(old)s still works. "
            "Ask them to sign in with the new one: %(url)s. If they have had no email from Microsoft, send the "
            "invitation again."
        )
        rule = "planned_change_open"
    else:
        text = _(
            "Since %(time)s only %(new)s works, and %(old)s no longer does. Ask them to sign in with the new address: "
            "%(url)s. If they have had no email from Microsoft, send the invitation again."
        )
        rule = "change_open"
    return _do(known, rule, text % words, _invite_again(known))


def _under_way(known: Explanation) -> Advice | None:
    attempt = next((attempt for attempt in known.attempts if not attempt.by_program), None)
    if (
        attempt is None
        or attempt.outcome != SignInAttempt.Outcome.PENDING
        or attempt.started_at < timezone.now() - settings.SIGN_IN_SILENCE
        or (known.got_in_at is not None and known.got_in_at >= attempt.started_at)
    ):
        return None
    text = _("They pressed “Sign in” on %(time)s and are on Microsoft's page. Ask what it says, or check again later.")
    return Advice("on_microsofts_page", text % {"time": shown(attempt.started_at)})


def _never_came(known: Explanation) -> Advice | None:
    invitation = known.invitation
    if invitation is None and known.live_accounts and known.got_in_at is None:
        text = _("An import connected them to their guest account. Ask them to sign in: %s") % _sign_in_url()
        return Advice("bound_guest", text)
    if invitation is None or invitation.state != Invitation.State.SENT:
        return None
    text = _(
        "They were invited at %(address)s on %(time)s, but no one has signed in. Call them, or ask whether the "
        "address is right. They don't need Microsoft's email (from %(sender)s, possibly in their spam folder): they "
        "can sign in at %(url)s instead. If they want the email, send the invitation again."
    )
    words = {
        "address": invitation.address,
        "time": shown(invitation.sent_at or invitation.queued_at),
        "sender": invitation_sender.in_words(),
        "url": _sign_in_url(),
    }
    return _do(known, "never_came", text % words, _invite_again(known))


def _request_waits(known: Explanation) -> Advice | None:
    waiting = next((row for row in known.requests if row.state == EmailChangeRequest.State.WAITING), None)
    if waiting is None:
        return None
    text = _("They have asked to change their address to %(new)s. Until you decide, only %(primary)s works.")
    return Advice("request_waits", text % {"new": waiting.new, "primary": _vendor(known).address}, DECIDE)


def _address_differs(known: Explanation) -> Advice | None:
    account = next(iter(known.live_accounts), None)
    if account is None or not account.signed_in_as or account.signed_in_as.lower() == account.address.lower():
        return None
    text = _(
        "They can sign in, as %(reported)s, although they were invited at %(address)s. If %(reported)s is the address "
        "they use, change the primary email."
    )
    words, case = {"reported": account.signed_in_as, "address": account.address}, _case_of(known, "address_differs")
    return _do(known, "address_differs", text % words, CHANGE_EMAIL, case=case)


def _nothing(known: Explanation) -> Advice:
    text = _(
        "Passport sees no problem: they last signed in on %(time)s. If they say they can't sign in, ask what the "
        "page says. If it is Microsoft's page and says that their account doesn't exist here (AADSTS50020), their "
        "mailbox has probably moved to another provider: repair their sign-in."
    )
    return Advice("nothing", text % {"time": shown(known.got_in_at) if known.got_in_at else "–"})


RULES: tuple[Callable[[Explanation], Advice | None], ...] = (
    _unknown,
    _disputed,
    _may_not_come_in,
    _prepared,
    _queued,
    _refused,
    _over,
    _no_account,
    _revoked_account,
    _open_case,
    _claimed,
    _unanswered,
    _open_change,
    _under_way,
    _never_came,
    _request_waits,
    _address_differs,
    _nothing,
)


def _vendor(known: Explanation) -> Vendor:
    assert known.vendor is not None
    return known.vendor


def _do(known: Explanation, rule: str, text: str, button: str, *, case: Failure | None = None) -> Advice:
    if button == LOOK_AT_CASE and case is None:
        button = ""
    return Advice(rule, text, button, COMMANDS.get(button, "").format(address=_vendor(known).address), case)


def _about(known: Explanation, case: Failure) -> Advice:
    reason = reasons.of(case.reason, case.detail)
    who = _("%(address)s (typed, not proven): ") % {"address": case.address} if case.is_typed else _("")
    if reason.audience == reasons.OPERATIONS:
        text = who + f"{reason.vm_text} {reason.vm_action}"
        return Advice(case.reason, text, LOOK_AT_CASE, "check_entra", case)
    return _do(known, case.reason, who + f"{reason.vm_text} {reason.vm_action}", _button(known, reason), case=case)


def _button(known: Explanation, reason: reasons.Reason) -> str:
    """Where the catalogue has no button, or one that cannot be pressed now, the case itself is to be looked at."""
    button = REMEDIES.get(reason.code) or reason.button
    if button == "invite":
        button = _invite_again(known)
    button = {"change_email": CHANGE_EMAIL, "repair": "repair-sign-in"}.get(button, button)
    possible = button == CHANGE_EMAIL or (button in ACTIONS and ACTIONS[button].is_possible(known.situation))
    return button if possible else LOOK_AT_CASE


def _invite_again(known: Explanation) -> str:
    """Microsoft mails nothing to somebody who has accepted: their sign-in is repaired instead."""
    names = ("invite", "invite-again", "repair-sign-in")
    return next((name for name in names if ACTIONS[name].is_possible(known.situation)), "")


def _case_of(known: Explanation, code: str) -> Failure | None:
    return next((case for case in known.failures if case.reason == code and case.state == Failure.State.OPEN), None)


def _sign_in_url() -> str:
    return ours(f"{settings.BASE_URL}/sign-in/")
