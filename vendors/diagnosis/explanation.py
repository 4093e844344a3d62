"""Why somebody cannot get in: all that is known. What to do about it is in advice.py."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.utils import timezone

from identity.failures import people, reasons
from identity.failures.people import COMMON
from identity.jobs import heartbeat
from identity.models import EntraAccount, Failure, FailurePerson, Invitation, LoggedSignIn, SignInAttempt
from identity.text_direction import gettext as _
from identity.text_direction import ours
from identity.typed import cleaning
from vendors import addresses
from vendors.history import timeline
from vendors.history.timeline import Entry, shown
from vendors.models import EmailChange, EmailChangeRequest, Vendor
from vendors.situation import Situation

AT_MOST = 50  # of each kind
RECENT = dt.timedelta(days=90)

HITS_EVERYBODY = reasons.COMMON_REASONS
NOTICES = [code for code, reason in reasons.CATALOGUE.items() if reason.is_notice]
KEEP_NOBODY_OUT = {"guest_left_over", "erased_guest_left_over", "mail_not_sent", *NOTICES}


@dataclass(frozen=True)
class Explanation:
    address: str
    vendor: Vendor | None = None
    accounts: list[EntraAccount] = field(default_factory=list)
    invitations: list[Invitation] = field(default_factory=list)
    attempts: list[SignInAttempt] = field(default_factory=list)
    logged: list[LoggedSignIn] = field(default_factory=list)
    changes: list[EmailChange] = field(default_factory=list)
    requests: list[EmailChangeRequest] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    typed: dict[int, str] = field(default_factory=dict)  # by case, the address that somebody typed there
    claims: list[Failure] = field(default_factory=list)  # somebody says this is their address; it may be anybody
    namesakes: list[Vendor] = field(default_factory=list)  # others who had the address, or sign in with it
    worker_is_dead: bool = False

    @cached_property
    def situation(self) -> Situation:
        assert self.vendor is not None
        return Situation(self.vendor)

    @property
    def change(self) -> EmailChange | None:
        return next((change for change in self.changes if change.state == EmailChange.State.OPEN), None)

    @property
    def live_accounts(self) -> list[EntraAccount]:
        return [account for account in self.accounts if account.is_live]

    @property
    def invitation(self) -> Invitation | None:
        return self.invitations[0] if self.invitations else None

    @cached_property
    def got_in_at(self) -> dt.datetime | None:
        times = [account.last_sign_in_at for account in self.accounts if account.first_sign_in_at]
        return max((at for at in times if at), default=None)

    def is_over(self, at: dt.datetime) -> bool:
        """Has the person got in, or been invited anew, since?"""
        invited_at = self.invitation.queued_at if self.invitation else None
        return any(since is not None and since >= at for since in (self.got_in_at, invited_at))

    @cached_property
    def in_the_way(self) -> list[Failure]:
        """The open cases that still keep the person out, newest first."""
        return [case for case in self.failures if case.state == Failure.State.OPEN and self._is_in_the_way(case)]

    def _is_in_the_way(self, case: Failure) -> bool:
        stage = Failure.Stage
        if case.reason in KEEP_NOBODY_OUT or case.stage == stage.ONBOARDING:
            return False
        if case.subject == COMMON and case.worked_again_at:
            return False  # open, because somebody has not tried again yet
        if case.stage in (stage.SIGN_IN, stage.INVITATION) and self.is_over(case.last_seen_at):
            return False
        is_of_another_address = self.vendor and case.address.lower() not in ("", self.vendor.address.lower())
        return not (is_of_another_address and case.stage in (stage.MAIL, stage.INVITATION))

    def entries(self) -> list[Entry]:
        listed = [
            *timeline.of_invitations(self.invitations, worker_is_dead=self.worker_is_dead),
            *(_of_account(row) for row in self.accounts),
            *(timeline.of_attempt(row) for row in self.attempts),
            *(timeline.of_logged(row) for row in self.logged),
            *(self._of_failure(row) for row in self.failures),
            *(_of_claim(row) for row in self.claims),
            *(timeline.of_change(row) for row in self.changes),
            *(_of_request(row) for row in self.requests),
        ]
        return sorted(listed, key=lambda entry: entry.at, reverse=True)

    def _of_failure(self, case: Failure) -> Entry:
        entry = timeline.of_failure(case)
        if case.pk in self.typed and not case.is_typed:
            entry.details.append(_("%(address)s: typed, not proven.") % {"address": self.typed[case.pk]})
        return entry


# Finding out


def explain_address(address: str) -> Explanation:
    """Any address that a vendor has or ever had; one that nobody had is explained by the cases that mention it."""
    address = cleaning.address(address)
    holder = Vendor.objects.at_address(address).first()
    former = addresses.former_holders(address, besides=holder)
    wishing = Vendor.objects.filter(email_change_requests__new__iexact=address)
    vendor = holder or next(iter(former), None) or wishing.first()
    if vendor is not None:
        return explain(vendor, address=address, namesakes=[other for other in former if other != vendor])
    known = {address.lower()}
    rows = FailurePerson.objects.annotate(_address=Lower("address")).filter(_address__in=known)
    at_address = Failure.objects.annotate(_address=Lower("address")).filter(_address__in=known).values("pk")
    cases = Failure.objects.filter(_recent(), _in_one_of(at_address, rows.values("failure")))
    cases = cases.order_by("-last_seen_at")[:AT_MOST]
    reported = EntraAccount.objects.filter(signed_in_as__iexact=address, guest=True).values("user")
    return Explanation(
        address=address,
        failures=list(cases),
        typed=_typed(rows),
        claims=_claims(known, besides=cases),
        namesakes=list(Vendor.objects.filter(user__in=reported)[:3]),
    )


def explain(vendor: Vendor, *, address: str = "", namesakes: Iterable[Vendor] = ()) -> Explanation:
    """A constant number of statements, whatever happened."""
    person = vendor.user_id
    sent = Invitation.objects.filter(user=person).select_related("by", "account")
    invitations = list(sent.order_by("-queued_at")[:AT_MOST])
    accounts = list(EntraAccount.objects.filter(user=person, guest=True).order_by("-created_at")[:AT_MOST])
    changes = list(vendor.email_changes.select_related("by").order_by("-created_at")[:AT_MOST])
    known = {vendor.address.lower(), *(row.address.lower() for row in invitations)}
    known |= {account.address.lower() for account in accounts}
    known |= {past.lower() for change in changes for past in (change.old, change.new)}
    known.discard("")
    subjects = [
        *(f"address:{email}" for email in known),
        *(f"oid:{account.oid}" for account in accounts),
    ]
    failed = SignInAttempt.objects.filter(user=person, failure__isnull=False).values("failure")
    people_rows = FailurePerson.objects.annotate(_address=Lower("address"))
    own, typed = Q(user=person), Q(user=None, is_typed=True, _address__in=known)
    concerned = _in_one_of(
        Failure.objects.filter(user=person).values("pk"),
        Failure.objects.filter(subject__in=subjects).values("pk"),
        Failure.objects.filter(_hits_everybody()).values("pk"),
        failed,
        people_rows.filter(own).values("failure"),
        people_rows.filter(typed).values("failure"),
    )
    failures = list(Failure.objects.filter(_recent(), concerned).order_by("-last_seen_at")[:AT_MOST])
    rows = people_rows.filter(own | typed)
    known_by_case = [failure.pk for failure in failures if not people.is_shared(failure)]
    attempts = SignInAttempt.objects.filter(Q(user=person) | Q(failure__in=known_by_case))
    logged = LoggedSignIn.objects.filter(account__user=person).select_related("account")
    return Explanation(
        address=address or vendor.address,
        vendor=vendor,
        accounts=accounts,
        invitations=invitations,
        attempts=list(attempts.select_related("failure").order_by("-started_at")[:AT_MOST]),
        logged=list(logged.order_by("-at")[:AT_MOST]),
        changes=changes,
        requests=list(vendor.email_change_requests.order_by("-asked_at")[:AT_MOST]),
        failures=failures,
        typed=_typed(rows),
        claims=_claims(known, besides=failures),
        namesakes=list(namesakes),
        worker_is_dead=heartbeat.is_dead("worker"),
    )


def _recent() -> Q:
    return Q(state=Failure.State.OPEN) | Q(last_seen_at__gt=timezone.now() - RECENT)


def _in_one_of(first: QuerySet[Any], *others: QuerySet[Any]) -> Q:
    """The cases with these keys. Each query has an index; of an OR over them PostgreSQL reads the whole table."""
    return Q(pk__in=first.union(*others, all=True))


def _hits_everybody() -> Q:
    """A trouble with Microsoft that goes on, as far as Passport knows: nobody has got in since."""
    return Q(
        subject=COMMON,
        stage=Failure.Stage.SIGN_IN,
        reason__in=HITS_EVERYBODY,
        state=Failure.State.OPEN,
        worked_again_at=None,
    )


def _typed(rows: QuerySet[FailurePerson]) -> dict[int, str]:
    return dict(rows.filter(is_typed=True).values_list("failure", "address")[:AT_MOST])


def _claims(known: set[str], *, besides: Iterable[Failure]) -> list[Failure]:
    claims = Failure.objects.annotate(_claimed=Lower("claimed_address")).filter(_recent(), _claimed__in=known)
    return list(claims.exclude(pk__in=[case.pk for case in besides]).order_by("-last_seen_at")[:AT_MOST])


# Telling


def _of_account(account: EntraAccount) -> Entry:
    details = []
    if account.first_sign_in_at:
        last = shown(account.last_sign_in_at or account.first_sign_in_at)
        sentence = _("First signed in on %(first)s, last on %(last)s.")
        details.append(sentence % {"first": shown(account.first_sign_in_at), "last": last})
    else:
        details.append(_("No one has signed in with it."))
    if account.signed_in_as and account.signed_in_as.lower() != account.address.lower():
        details.append(_("Microsoft reports another address: %(address)s.") % {"address": account.signed_in_as})
    if account.revoked_at:
        why = ours(account.get_revoked_why_display())
        details.append(_("Revoked on %(time)s: %(why)s.") % {"time": shown(account.revoked_at), "why": why})
    return Entry(
        max(filter(None, (account.created_at, account.last_sign_in_at, account.revoked_at))),
        _("Account for %(address)s") % {"address": account.address},
        tag="good" if account.is_live else "warning",
        tag_label=_("live") if account.is_live else _("revoked"),
        details=details,
    )


def _of_claim(failure: Failure) -> Entry:
    return Entry(
        failure.last_seen_at,
        _("Someone says that %(address)s is their address (case %(reference)s)")
        % {"address": failure.claimed_address, "reference": failure.reference},
        tag=failure.state,
        tag_label=failure.get_state_display(),
        details=[str(reasons.get(failure.reason).vm_text)],
        failure=failure,
    )


def _of_request(request: EmailChangeRequest) -> Entry:
    return Entry(
        request.asked_at,
        _("Asked to change their address to %(address)s") % {"address": request.new},
        tag="planned" if request.state == EmailChangeRequest.State.WAITING else request.state,
        tag_label=request.get_state_display(),
        details=[request.reason] if request.reason else [],
    )
