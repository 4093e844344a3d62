"""Cases for VM: every failure stored once, counted when it repeats, mailed, resolved when the person gets in."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from identity.failures import mail_to_vm, reasons, without_record
from identity.jobs import heartbeat
from identity.jobs.queue import defer
from identity.models import EntraAccount, Failure, Invitation, SignInAttempt, User

log = logging.getLogger(__name__)

REOPEN_WITHIN = dt.timedelta(days=30)
WAIT_FOR_ADDRESS = dt.timedelta(minutes=10)
COMMON = "passport"  # the subject of what is not about one person
ADDRESSES_LISTED = 500


def report(
    *,
    stage: str,
    reason: str,
    user: User | None = None,
    oid: str = "",
    address: str = "",
    claimed_address: str = "",
    attempt: SignInAttempt | None = None,
    detail: dict[str, Any] | None = None,
) -> Failure | None:
    """Store the failure as a new case or count it on the open one, and see to it that VM is told.

    Never raises: what is reported must not be hidden by the report. None when it could not be stored; VM is then
    mailed at once. Call it outside the transaction that failed, or the rollback takes the record with it.
    """
    try:
        return _store(
            stage=stage,
            reason=reason,
            user=user,
            oid=oid,
            address=address,
            claimed_address=claimed_address,
            attempt=attempt,
            detail=detail or {},
        )
    except Exception:
        log.exception("A failure could not be stored: stage=%s reason=%s", stage, reason)
        without_record.tell(stage=stage, reason=reason, address=address or claimed_address)
        return None


def _store(
    *,
    stage: str,
    reason: str,
    user: User | None,
    oid: str,
    address: str,
    claimed_address: str,
    attempt: SignInAttempt | None,
    detail: dict[str, Any],
) -> Failure:
    if user is None and attempt is not None:
        user = attempt.user
    if user is not None:
        address = address or known_address(user)
    if reasons.get(reason).is_common:
        affected = address or claimed_address
        detail = {**detail, "addresses": [affected] if affected else []}
        subject, user = COMMON, None
    else:
        subject = _subject(user=user, oid=oid, address=address, attempt=attempt)
    case = Failure(
        subject=subject,
        stage=stage,
        reason=reason,
        user=user,
        address=address,
        claimed_address=claimed_address[:254],
        detail=detail,
    )
    try:
        failure = _open_or_count(case, attempt=attempt)
    except IntegrityError:
        # Somebody else opened the same case at the same moment: count on theirs.
        failure = _open_or_count(case, attempt=attempt)
    log.warning("Failure %s: stage=%s reason=%s count=%s", failure.reference, stage, reason, failure.count)
    return failure


@transaction.atomic
def _open_or_count(case: Failure, *, attempt: SignInAttempt | None) -> Failure:
    now = timezone.now()
    known, is_news = _count(case, now)
    failure = known or case
    if known is None:
        failure.first_seen_at = now
    failure.last_seen_at = now
    if case.subject != COMMON or not failure.address:
        failure.address = case.address or failure.address
    failure.claimed_address = case.claimed_address or failure.claimed_address
    failure.detail = _merged(failure.detail, case.detail)
    if is_news:
        knows_whom = bool(failure.address or failure.claimed_address or failure.user_id) or failure.subject == COMMON
        failure.mail_due_at = now if knows_whom else now + WAIT_FOR_ADDRESS
    failure.save()
    if attempt is not None:
        # Somebody who repeats the callback of a finished sign-in does not undo it.
        unfinished = SignInAttempt.objects.filter(pk=attempt.pk).exclude(outcome=SignInAttempt.Outcome.SUCCEEDED)
        unfinished.update(outcome=SignInAttempt.Outcome.FAILED, failure=failure)
    if is_news:
        _tell(failure)
    return failure


def _merged(known: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """The latest codes; of a common cause everybody whom it hit, as far as a mail can list them."""
    merged = {**known, **new}
    if "addresses" in merged:
        everybody = [*known.get("addresses", []), *new.get("addresses", [])]
        merged["addresses"] = list(dict.fromkeys(everybody))[:ADDRESSES_LISTED]
    return merged


def _count(case: Failure, now: dt.datetime) -> tuple[Failure | None, bool]:
    """The open case with one more on its count, or a recently resolved one re-opened; and whether VM must be told."""
    cases = Failure.objects.select_for_update().filter(subject=case.subject, stage=case.stage, reason=case.reason)
    failure = cases.open().first()
    if failure is not None:
        failure.count += 1
        return failure, False
    failure = cases.filter(resolved_at__gt=now - REOPEN_WITHIN).order_by("-resolved_at").first()
    if failure is not None:
        failure.state = Failure.State.OPEN
        failure.count += 1
        failure.mailed_at = failure.mail_claimed_at = failure.resolved_at = failure.resolved_by = None
        failure.resolved_how = ""
    return failure, True


def _subject(*, user: User | None, oid: str, address: str, attempt: SignInAttempt | None) -> str:
    """Who it is about. A claimed address is never a subject: anybody can claim one."""
    if user is not None:
        return f"user:{user.pk}"
    if oid:
        return f"oid:{oid}"
    if address:
        return f"address:{address.strip().lower()}"
    if attempt is not None:
        return f"attempt:{attempt.pk[:32]}"
    return COMMON


def known_address(user: User) -> str:
    """The address the person was last invited at."""
    invited = Invitation.objects.filter(user=user).order_by("-queued_at").values_list("address", flat=True).first()
    if invited:
        return invited
    account = EntraAccount.objects.filter(user=user).order_by("-created_at").values_list("address", flat=True).first()
    return account or user.email


def _tell(failure: Failure) -> None:
    """Have VM mailed. Without a living worker nobody would run the task, so the web process mails by itself."""
    due = failure.mail_due_at
    now = timezone.now()
    if due is not None and due > now:
        defer("identity.tasks.mail_failure", at=due, failure_id=failure.pk)
    else:
        defer("identity.tasks.mail_failure", failure_id=failure.pk)
        if heartbeat.is_dead("worker"):
            transaction.on_commit(lambda: mail_to_vm.tell(failure.pk), robust=True)
            transaction.on_commit(heartbeat.tell_worker_is_dead, robust=True)


def name_address(failure: Failure, address: str) -> Failure:
    """The person has said which address was invited. The case is about that address from now on."""
    subject = f"address:{address.strip().lower()}"
    with transaction.atomic():
        locked = Failure.objects.select_for_update().get(pk=failure.pk)
        if locked.address or locked.user_id:
            return locked
        locked.address = address.strip()
        same = (
            Failure.objects.select_for_update().open().filter(subject=subject, stage=locked.stage, reason=locked.reason)
        )
        if other := same.first():
            other.count += locked.count
            other.last_seen_at = locked.last_seen_at
            other.save(update_fields=["count", "last_seen_at"])
            SignInAttempt.objects.filter(failure=locked).update(failure=other)
            resolve(locked, how=f"same as {other.reference}")
            return other
        if locked.subject.startswith("attempt:"):
            locked.subject = subject
        locked.mail_due_at = timezone.now()
        locked.save(update_fields=["address", "subject", "mail_due_at"])
        _tell(locked)
    return locked


def resolve(failure: Failure, *, by: User | None = None, how: str) -> bool:
    """Close the case. False when it was closed already."""
    closed = Failure.objects.filter(pk=failure.pk, state=Failure.State.OPEN).update(
        state=Failure.State.RESOLVED, resolved_at=timezone.now(), resolved_by=by, resolved_how=how[:200]
    )
    return bool(closed)


def resolve_for(
    user: User, *, stages: Iterable[str], how: str, reasons_only: Iterable[str] = (), common: str = ""
) -> int:
    """Close the open cases of this person at these stages: they got further. Notices stay until VM has seen them.

    `common` is a stage that has just been shown to work for everybody: its common causes are over as well.
    """
    concerned = Q(subject=f"user:{user.pk}", stage__in=list(stages))
    if common:
        concerned |= Q(subject=COMMON, stage=common)
    cases = Failure.objects.open().filter(concerned)
    if reasons_only:
        cases = cases.filter(reason__in=list(reasons_only))
    notices = [code for code, reason in reasons.CATALOGUE.items() if reason.is_notice]
    return cases.exclude(reason__in=notices).update(
        state=Failure.State.RESOLVED, resolved_at=timezone.now(), resolved_how=how[:200]
    )


def resolve_common(stage: str, *, how: str) -> int:
    """What hit everybody at this stage is over."""
    return (
        Failure.objects.open()
        .filter(subject=COMMON, stage=stage)
        .update(state=Failure.State.RESOLVED, resolved_at=timezone.now(), resolved_how=how[:200])
    )
