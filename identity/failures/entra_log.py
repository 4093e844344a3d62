"""Failures that Microsoft kept to its own pages, from Entra's sign-in log."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from identity.failures import cases, reasons
from identity.microsoft import graph
from identity.models import EntraAccount, Failure, Heartbeat, LoggedSignIn, SignInAttempt

MARK = "sign_in_log"
FIRST_LOOK_BACK = dt.timedelta(days=1)
CAME_BACK_WITHIN = dt.timedelta(minutes=2)
WRITTEN_LATE = dt.timedelta(minutes=30)  # entries appear some minutes after they happened
# Steps on the way and not failures: left at a dialogue of Microsoft's, or a silent try without a session.
NO_FAILURES = {"50140", "50058"}


def collect() -> int:
    """Report what is new in the log about our guests; how many. Raise graph.GraphError.

    Staff and people whom Passport does not know are skipped. Of an entry Passport keeps the time, the code, the
    correlation id and whose account it was: never the IP address or the place.
    """
    now = timezone.now()
    last = Heartbeat.objects.filter(name=MARK).values_list("beat_at", flat=True).first()
    reported = 0
    for entry in graph.failed_sign_ins((last or now - FIRST_LOOK_BACK) - WRITTEN_LATE):
        reported += _report(entry)
    Heartbeat.objects.update_or_create(name=MARK, defaults={"beat_at": now})
    return reported


def _report(entry: dict[str, Any]) -> bool:
    code = str(entry["status"]["errorCode"])
    at = parse_datetime(str(entry.get("createdDateTime", "")))
    account = _account(entry)
    if at is None or account is None or not account.guest or code in NO_FAILURES:
        return False
    logged, is_new = LoggedSignIn.objects.get_or_create(
        log_id=str(entry.get("id", ""))[:64],
        defaults={
            "account": account,
            "code": code[:12],
            "correlation_id": str(entry.get("correlationId", ""))[:64],
            "at": at,
        },
    )
    if not is_new or _is_known(logged):
        return False
    stored = cases.report(
        stage=Failure.Stage.SIGN_IN,
        reason=reasons.BY_AADSTS.get(code, "microsoft_refused"),
        user=account.user,
        address=account.address,
        detail={"aadsts": logged.code, "correlation_id": logged.correlation_id, "from": "sign-in log"},
    )
    return stored is not None


def _is_known(logged: LoggedSignIn) -> bool:
    """The same failure came back to us as well, or the person got in after it."""
    # What came back through the browser may have been changed on the way; the log is Microsoft's own word.
    attempts = SignInAttempt.objects.filter(user=logged.account.user_id).exclude(failure__reason=reasons.UNPROVEN)
    near = (logged.at - CAME_BACK_WITHIN, logged.at + CAME_BACK_WITHIN)
    return (
        attempts.filter(outcome=SignInAttempt.Outcome.SUCCEEDED, claimed_at__gte=logged.at).exists()
        or attempts.filter(outcome=SignInAttempt.Outcome.FAILED, claimed_at__range=near).exists()
        or (
            bool(logged.correlation_id)
            and Failure.objects.filter(people__detail__correlation_id=logged.correlation_id)
            .exclude(reason=reasons.UNPROVEN)
            .exists()
        )
    )


def _account(entry: dict[str, Any]) -> EntraAccount | None:
    """By the object id alone; an address in the log is as little proof as one in a token."""
    try:
        oid = uuid.UUID(str(entry.get("userId", "")))
    except ValueError:
        return None
    return EntraAccount.objects.select_related("user").filter(oid=oid).first()
