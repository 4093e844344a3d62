"""What the vendor's page in the admin asks VM to do next: one sentence, and where it is done.

The first rule that applies speaks. Each looks at `Facts` and at nothing else. "There is nothing for you to do" is said
only by the last one, by state, when no other has anything to say.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import ngettext

from identity.text_direction import gettext as _
from identity.text_direction import ours
from vendors.actions import CLOSED, NEXT
from vendors.models import ClosedAs, VendorState

SILENT_AFTER = dt.timedelta(days=7)  # an invitation that no one has used


@dataclass(frozen=True)
class Link:
    """Where it is done."""

    label: str | Promise
    url: str


@dataclass(frozen=True)
class OpenCase:
    what: str | Promise
    url: str
    is_operations: bool = False  # who deal with it


@dataclass(frozen=True)
class Dated:
    """Something with a title that has a last day."""

    title: str | Promise
    day: dt.date


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the rules look at. A URL is empty for a colleague who may not go there."""

    state: str
    today: dt.date
    state_since: dt.date
    closed_as: str = ""
    cases: Sequence[OpenCase] = ()
    email_request_url: str | None = None  # None: there is none
    submission: str = ""  # "first" or "change", if one waits for a review
    submission_url: str = ""
    duplicate_of: str = ""  # another vendor that may be the same
    duplicate_url: str = ""
    account_since: dt.date | None = None  # payment details that wait for their release
    account_url: str = ""
    account_is_mine: bool = False  # this colleague approved them, so someone else releases them
    rate_proposed_on: dt.date | None = None  # and not answered yet
    stopped_at: str | Promise = ""  # the page of the wizard where the vendor has been
    stopped_since: dt.date | None = None
    may_be_reminded: bool = True
    remind_url: str = ""
    unverified: Sequence[str | Promise] = ()  # kinds of evidence
    unverified_url: str = ""
    expiring: Sequence[Dated] = ()  # documents in force
    check_due: dt.date | None = None  # "Is this still right?"
    new_address_since: dt.date | None = None  # of an open email change
    is_repaired: bool = False
    missing: Sequence[str | Promise] = ()
    away_until: dt.date | None = None
    is_carried_over: bool = False  # and not confirmed by the vendor
    has_access: bool = True


@dataclass(frozen=True)
class NextAction:
    sentence: str | Promise
    action: str = ""  # of vendors.actions
    link: Link | None = None


Rule = Callable[[Facts], NextAction | None]


def next_action(facts: Facts) -> NextAction:
    return next(found for rule in RULES if (found := rule(facts)))


def _closed(facts: Facts) -> NextAction | None:
    """Nothing is asked of VM about someone whose data is gone."""
    return _by_state(facts) if facts.state == VendorState.ERASED else None


def _case(facts: Facts) -> NextAction | None:
    of_vm = [case for case in facts.cases if not case.is_operations]
    first = next(iter([*of_vm, *facts.cases]), None)
    if first is None:
        return None
    link = Link(_("View the case"), first.url) if first.url else None
    if not of_vm:
        return NextAction(_("Operations are working on an open case: %(what)s") % {"what": ours(first.what)}, link=link)
    sentence = ngettext("There is %(count)s open case.", "There are %(count)s open cases.", len(of_vm))
    return NextAction(ours(f"{sentence % {'count': len(of_vm)}} {first.what}"), link=link)


def _email_request(facts: Facts) -> NextAction | None:
    if facts.email_request_url is None:
        return None
    link = Link(_("View the request"), facts.email_request_url) if facts.email_request_url else None
    return NextAction(_("The vendor has asked to change their email address. Decide on the request."), link=link)


def _submission(facts: Facts) -> NextAction | None:
    sentences = {
        "first": _("The vendor has sent everything and is waiting for your review."),
        "change": _("The vendor wants to change their profile and is waiting for your review."),
    }
    if not facts.submission:
        return None
    link = Link(_("Review the submission"), facts.submission_url) if facts.submission_url else None
    return NextAction(sentences[facts.submission], link=link)


def _duplicate(facts: Facts) -> NextAction | None:
    if not facts.duplicate_of or facts.closed_as:
        return None
    sentence = _("This may be the same vendor as %(other)s. Decide whether it is.") % {"other": facts.duplicate_of}
    return NextAction(sentence, link=Link(_("Compare them"), facts.duplicate_url) if facts.duplicate_url else None)


def _account(facts: Facts) -> NextAction | None:
    if not facts.account_since or facts.state != VendorState.APPROVED:
        return None
    if facts.account_is_mine:
        sentence = _(
            "Payment details have been waiting since %(day)s. You approved them, so someone else has to release them."
        )
    else:
        sentence = _("Payment details have been waiting for release since %(day)s.")
    link = Link(_("View the change"), facts.account_url) if facts.account_url else None
    return NextAction(sentence % {"day": _day(facts.account_since)}, link=link)


def _silent(facts: Facts) -> NextAction | None:
    if facts.state != VendorState.INVITED or facts.today - facts.state_since < SILENT_AFTER:
        return None
    sentence = _("Invited on %(day)s, and no one has signed in yet. Send the invitation again, or call.")
    return NextAction(sentence % {"day": _day(facts.state_since)}, action="invite-again")


def _no_access(facts: Facts) -> NextAction | None:
    if not facts.is_carried_over or facts.has_access:
        return None
    sentence = _("The profile was carried over, but the vendor has not been invited. Send the invitation.")
    return NextAction(sentence, action="invite-again")


def _carried_over(facts: Facts) -> NextAction | None:
    if not facts.is_carried_over:
        return None
    return NextAction(_("Carried over from another system. The vendor has not confirmed the profile yet."))


def _stopped(facts: Facts) -> NextAction | None:
    if not facts.stopped_since or not facts.may_be_reminded:
        return None
    sentence = _("The vendor stopped at “%(step)s” on %(day)s. Remind them.")
    values = {"step": ours(facts.stopped_at), "day": _day(facts.stopped_since)}
    return NextAction(
        sentence % values, link=Link(_("Send a reminder"), facts.remind_url) if facts.remind_url else None
    )


def _unverified(facts: Facts) -> NextAction | None:
    if not facts.unverified or facts.state != VendorState.APPROVED:
        return None
    number, first = len(facts.unverified), ours(facts.unverified[0])
    sentence = ngettext(
        "%(count)s piece of evidence is waiting to be verified: %(first)s.",
        "%(count)s pieces of evidence are waiting to be verified. The first is: %(first)s.",
        number,
    )
    link = Link(_("View the evidence"), facts.unverified_url) if facts.unverified_url else None
    return NextAction(ours(sentence % {"count": number, "first": first}), link=link)


def _overdue_check(facts: Facts) -> NextAction | None:
    if not facts.check_due or facts.check_due >= facts.today:
        return None
    sentence = _("The vendor was due to answer “Is this still right?” by %(day)s and has not. Call or write to them.")
    return NextAction(sentence % {"day": _day(facts.check_due)})


def _expired(facts: Facts) -> NextAction | None:
    expired = [document for document in facts.expiring if document.day < facts.today]
    if not expired or facts.state != VendorState.APPROVED:
        return None
    sentence = _("The %(document)s expired on %(day)s. The vendor has been reminded; ask them for a new one.")
    return NextAction(sentence % {"document": ours(expired[0].title), "day": _day(expired[0].day)})


def _new_address(facts: Facts) -> NextAction | None:
    if not facts.new_address_since:
        return None
    if facts.is_repaired:
        return NextAction(_("The sign-in is being repaired. The vendor has not signed in since."))
    sentence = _("The email address was changed on %(day)s. The vendor has not used the new one yet.")
    return NextAction(sentence % {"day": _day(facts.new_address_since)})


def _waits_for_vendor(facts: Facts) -> NextAction | None:
    """What the vendor is to do, and has been told."""
    if facts.state != VendorState.APPROVED:
        return None
    if facts.check_due:
        sentence = _("Approved. The vendor has until %(day)s to answer “Is this still right?”.")
        return NextAction(sentence % {"day": _day(facts.check_due)})
    if facts.missing:
        titles = ", ".join(str(title) for title in facts.missing)
        return NextAction(_("Approved. The vendor still has to send: %(titles)s.") % {"titles": ours(titles)})
    if facts.rate_proposed_on:
        sentence = _("Approved. The vendor has not responded to the rate proposed on %(day)s.")
        return NextAction(sentence % {"day": _day(facts.rate_proposed_on)})
    if facts.expiring:
        first = min(facts.expiring, key=lambda document: document.day)
        sentence = _("Approved. The %(document)s expires on %(day)s; the vendor is reminded automatically.")
        return NextAction(sentence % {"document": ours(first.title), "day": _day(first.day)})
    return None


def _away(facts: Facts) -> NextAction | None:
    if facts.state != VendorState.APPROVED or not facts.away_until:
        return None
    sentence = _("Approved, and away until %(day)s. There is nothing for you to do.")
    return NextAction(sentence % {"day": _day(facts.away_until)})


def _by_state(facts: Facts) -> NextAction:
    sentence, action = NEXT[facts.state]
    return NextAction(CLOSED[ClosedAs(facts.closed_as)] if facts.closed_as else sentence, action=action)


def _day(day: dt.date) -> str:
    return ours(date_format(day, "j F Y"))


RULES: tuple[Rule, ...] = (
    _closed,
    _case,
    _email_request,
    _submission,
    _duplicate,
    _account,
    _silent,
    _no_access,
    _stopped,
    _unverified,
    _overdue_check,
    _expired,
    _new_address,
    _carried_over,
    _waits_for_vendor,
    _away,
    _by_state,
)
