"""Failures that Microsoft kept to its own pages, from Entra's sign-in log."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, Value
from django.db.models.functions import Lower, Replace
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from identity.failures import cases, reasons, silence
from identity.microsoft import graph
from identity.models import EntraAccount, Failure, Heartbeat, LoggedSignIn, SignInAttempt

MARK = "sign_in_log"
FROM = "sign-in log"
FIRST_LOOK_BACK = dt.timedelta(days=1)
CAME_BACK_WITHIN = dt.timedelta(minutes=2)
WRITTEN_LATE = dt.timedelta(minutes=30)  # entries appear some minutes after they happened
WRITTEN_IN = dt.timedelta(seconds=1)  # the log leaves out parts of a second
# Steps on the way and not failures: left at a dialogue of Microsoft's, or a silent try without a session.
NO_FAILURES = {"50140", "50058"}


def collect() -> int:
    """Report what is new in the log about our guests; how many. Raise graph.GraphError.

    Staff and people whom Passport does not know are skipped. Of an entry Passport keeps the time, the code, the
    correlation id and whose account it was: never the IP address or the place.
    """
    now = timezone.now()
    last = Heartbeat.objects.filter(name=MARK).values_list("beat_at", flat=True).first()
    # Read to the end first: what is kept of an entry keeps it from being reported later.
    entries = list(graph.failed_sign_ins((last or now - FIRST_LOOK_BACK) - WRITTEN_LATE))
    reported = sum(_report(attempt) for attempt in _by_attempt(entries))
    Heartbeat.objects.update_or_create(name=MARK, defaults={"beat_at": now})
    return reported


@dataclass(frozen=True)
class Refusal:
    """One entry about a guest of ours."""

    account: EntraAccount
    log_id: str
    code: str
    correlation_id: str
    at: dt.datetime
    names: set[str]


def _by_attempt(entries: list[dict[str, Any]]) -> Iterable[list[Refusal]]:
    """What is about the same attempt of the same person together, in the order in which it happened."""
    attempts: dict[tuple[int, str], list[Refusal]] = {}
    newest_last = filter(None, map(_refusal, reversed(entries)))
    for refusal in sorted(newest_last, key=lambda refusal: refusal.at):
        key = (refusal.account.pk, refusal.correlation_id or refusal.log_id)
        attempts.setdefault(key, []).append(refusal)
    return attempts.values()


def _refusal(entry: dict[str, Any]) -> Refusal | None:
    code = str(entry["status"]["errorCode"])
    at = parse_datetime(str(entry.get("createdDateTime", "")))
    if at is None or code in NO_FAILURES:
        return None
    account = _account(entry) or _account_named(entry, at)
    if account is None or not account.guest:
        return None
    return Refusal(
        account=account,
        log_id=str(entry.get("id", ""))[:64],
        code=code[:12],
        correlation_id=str(entry.get("correlationId", ""))[:64],
        at=at,
        names=_names(entry),
    )


def _report(attempt: list[Refusal]) -> bool:
    new = [refusal for refusal in attempt if _keep(refusal)]
    if not new or _got_in(new[-1]):
        return False
    last, account = new[-1], new[-1].account
    numbers = list(dict.fromkeys(refusal.code for refusal in new))
    reason = _reason(numbers, last)
    known = _case_of_same_attempt(last)
    if known is not None and not reasons.says_more(reason, than=known.reason):
        cases.add_numbers(known, user=account.user, numbers=numbers)
        return False
    detail = {"aadsts": numbers[0], "correlation_id": last.correlation_id, "from": FROM}
    stored = cases.report(
        stage=Failure.Stage.SIGN_IN,
        reason=reason,
        user=account.user,
        address=account.address,
        detail=reasons.joined(known.detail if known else {}, {**detail, "codes": numbers}),
    )
    if stored is not None:
        silence.explain(account.user)
    return stored is not None


def _keep(refusal: Refusal) -> bool:
    """False when it was read before."""
    _logged, is_new = LoggedSignIn.objects.get_or_create(
        log_id=refusal.log_id,
        defaults={
            "account": refusal.account,
            "code": refusal.code,
            "correlation_id": refusal.correlation_id,
            "at": refusal.at,
        },
    )
    return is_new


def _reason(numbers: list[str], refusal: Refusal) -> str:
    """Whoever is refused with the very address that was invited has another account there than the one invited."""
    is_own_name = bool(refusal.names & _names_of(refusal.account.address))
    if is_own_name and reasons.ANOTHER_ACCOUNT & set(numbers):
        return "mailbox_moved"
    return reasons.by_numbers(numbers) or reasons.UNPROVEN


def _got_in(refusal: Refusal) -> bool:
    attempts = SignInAttempt.objects.filter(user=refusal.account.user_id, outcome=SignInAttempt.Outcome.SUCCEEDED)
    return attempts.filter(claimed_at__gte=refusal.at).exists()


def _case_of_same_attempt(refusal: Refusal) -> Failure | None:
    """What came back to us as well, or another line of the log about the same attempt, has made a case already."""
    # What came back through the browser may have been changed on the way; the log is Microsoft's own word.
    proven = Failure.objects.exclude(reason=reasons.UNPROVEN)
    near = (refusal.at - CAME_BACK_WITHIN, refusal.at + CAME_BACK_WITHIN)
    failed = SignInAttempt.objects.filter(
        user=refusal.account.user_id, outcome=SignInAttempt.Outcome.FAILED, claimed_at__range=near
    )
    same = Q(pk__in=failed.values("failure"))
    if refusal.correlation_id:
        same |= Q(people__detail__correlation_id=refusal.correlation_id)
    return proven.filter(same).order_by("-last_seen_at").first()


def _account(entry: dict[str, Any]) -> EntraAccount | None:
    """By the object ID: Microsoft's word for who it is."""
    try:
        oid = uuid.UUID(str(entry.get("userId", "")))
    except ValueError:
        return None
    return EntraAccount.objects.select_related("user").filter(oid=oid).first()


def _account_named(entry: dict[str, Any], at: dt.datetime) -> EntraAccount | None:
    """By the name signed in with, where the tenant knows no such guest, so that there is no object ID.

    That is how a mailbox that has moved to another provider shows. The name only tells whom VM is to ask: it signs
    nobody in and settles nothing. Whoever tried before they were invited was a stranger then: the same entry is read
    again for half an hour, and their mailbox has not moved.
    """
    names = _names(entry)
    if not names:
        return None
    guests = EntraAccount.objects.live().filter(guest=True, created_at__lt=at + WRITTEN_IN).select_related("user")
    named = Q(_address__in=names) | Q(_in_directory__in=names)
    written = Replace(Lower("address"), Value("@"), Value("_"))
    found = guests.annotate(_address=Lower("address"), _in_directory=written).filter(named)[:2]
    return found[0] if len(found) == 1 else None


def _names(entry: dict[str, Any]) -> set[str]:
    """The name signed in with, as the log may write it: ana@x.example, live.com#ana@x.example, ana_x.example#EXT#@…"""
    written = (str(entry.get(name) or "").strip().lower() for name in ("userPrincipalName", "signInIdentifier"))
    names = (name.partition("#ext#")[0] if "#ext#" in name else name.rpartition("#")[2] for name in written)
    return {name for name in names if name}


def _names_of(address: str) -> set[str]:
    return {address.lower(), address.lower().replace("@", "_")}
