"""Cases for VM: every failure stored once, counted when it repeats, resolved when the person gets further."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable
from functools import cache
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from identity import outbound
from identity.compiled_queries import Compiled, Given
from identity.failures import mail_to_vm, people, reasons, without_record, without_worker
from identity.failures.people import COMMON, UNKNOWN
from identity.jobs import heartbeat
from identity.jobs.queue import defer
from identity.models import EntraAccount, Failure, FailurePerson, Invitation, SignInAttempt, User

log = logging.getLogger(__name__)

REOPEN_WITHIN = dt.timedelta(days=30)
WAIT_FOR_ADDRESS = dt.timedelta(minutes=10)
# With the minute or so that a worker may be busy, within ten minutes.
FOLLOW_UP_AFTER = dt.timedelta(minutes=8)


def report(
    *,
    stage: str,
    reason: str,
    user: User | None = None,
    oid: str = "",
    address: str = "",
    typed_address: str = "",
    claimed_address: str = "",
    topic: str = "",
    attempt: SignInAttempt | None = None,
    detail: dict[str, Any] | None = None,
) -> Failure | None:
    """Store the failure as a new case or count it on the open one, and see to it that VM is told.

    `typed_address` is what a stranger typed: it makes a case of its own only if it is a vendor's. `topic` is what makes
    another failure of the same person news, such as the question.

    Never raises: what is reported must not be hidden by the report. None when it could not be stored; VM is then
    mailed at once. Call it outside the transaction that failed, or the rollback takes the record with it.
    """
    try:
        failure, _row = _store(
            stage=stage,
            reason=reason,
            user=attempt.user if user is None and attempt is not None else user,
            oid=oid,
            address=address,
            typed_address=typed_address,
            claimed_address=claimed_address,
            topic=topic,
            attempt=attempt,
            detail=detail or {},
        )
    except Exception:
        log.exception("A failure could not be stored: stage=%s reason=%s", stage, reason)
        without_record.tell(stage=stage, reason=reason, address=address or typed_address or claimed_address)
        return None
    transaction.on_commit(without_worker.send_overdue, robust=True)
    return failure


@transaction.atomic
def add_numbers(failure: Failure, *, user: User, numbers: list[str]) -> None:
    """Microsoft has given more numbers for what the case is about already."""
    detail = {"aadsts": numbers[0], "codes": numbers}
    rows: list[Failure | FailurePerson] = [Failure.objects.select_for_update().get(pk=failure.pk)]
    rows += failure.people.out().filter(user=user)
    for row in rows:
        first = row.detail.get("aadsts", numbers[0])
        row.detail = {**reasons.joined(row.detail, detail), "aadsts": first}
        row.save(update_fields=["detail"])


def report_typed(*, stage: str, reason: str, address: str, detail: dict[str, Any]) -> Failure | FailurePerson | None:
    """As `report`; what has the reference to show, which is never shared with others.

    Or it would tell who is a vendor: only they have a case of their own.
    """
    failure = report(stage=stage, reason=reason, typed_address=address, detail=detail)
    if failure is None or not people.is_shared(failure):
        return failure
    return failure.people.out().annotate(_address=Lower("address")).get(_address=address.strip().lower())


def _store(
    *,
    stage: str,
    reason: str,
    user: User | None,
    oid: str,
    address: str,
    typed_address: str,
    claimed_address: str,
    topic: str,
    attempt: SignInAttempt | None,
    detail: dict[str, Any],
) -> tuple[Failure, FailurePerson]:
    claimed_address = claimed_address[:254]
    is_known = bool(user or oid or address) or people.belongs_to_a_vendor(typed_address)
    address = (address or typed_address or (known_address(user) if user is not None else "")).strip()
    person = FailurePerson(
        who=people.who(user=user, oid=oid, address=address),
        user=user,
        address=address,
        is_typed=bool(address) and user is None and not oid,
        claimed_address=claimed_address,
        topic=claimed_address.lower() if reasons.get(reason).is_about_account else topic[:254],
        detail=detail,
    )
    try:
        stored = _open_or_count(stage, reason, person, is_known=is_known, attempt=attempt)
    except IntegrityError:
        # Somebody else opened the same case at the same moment: count on theirs.
        stored = _open_or_count(stage, reason, person, is_known=is_known, attempt=attempt)
    failure, _row = stored
    log.warning("Failure %s: stage=%s reason=%s count=%s", failure.reference, stage, reason, failure.count)
    return stored


@transaction.atomic
def _open_or_count(
    stage: str, reason: str, person: FailurePerson, *, is_known: bool, attempt: SignInAttempt | None
) -> tuple[Failure, FailurePerson]:
    now = timezone.now()
    failure = _locked_case(stage, reason, subject=people.subject(reason, person, is_known=is_known, now=now), now=now)
    failure.last_seen_at, failure.worked_again_at = now, None
    failure.detail = reasons.joined(failure.detail, person.detail)
    if failure.subject != COMMON:
        failure.address = "" if people.is_of_unknown_people(failure) else person.address or failure.address
        failure.is_typed = person.is_typed and bool(failure.address)
        failure.claimed_address = person.claimed_address or failure.claimed_address
        failure.user = person.user
    elif not (failure.address or failure.claimed_address):
        failure.address, failure.is_typed = person.address, person.is_typed
        failure.claimed_address = person.claimed_address
    failure.save()
    person.waits_for_digest = people.waits_for_digest(failure, person, is_known=is_known)
    row, is_news = people.add(failure, person, now=now)
    if attempt is not None:
        # Somebody who repeats the callback of a finished sign-in does not undo it.
        unfinished = SignInAttempt.objects.filter(pk=attempt.pk).exclude(outcome=SignInAttempt.Outcome.SUCCEEDED)
        unfinished.update(outcome=SignInAttempt.Outcome.FAILED, failure=failure)
    if is_news:
        _tell(failure, row, now=now)
    return failure, row


def _locked_case(stage: str, reason: str, *, subject: str, now: dt.datetime) -> Failure:
    """The open case with one more on its count, or a recently resolved one re-opened, or a new one."""
    cases = Failure.objects.select_for_update().filter(subject=subject, stage=stage, reason=reason)
    failure = cases.open().first()
    if failure is not None:
        failure.count += 1
        return failure
    failure = cases.filter(resolved_at__gt=now - REOPEN_WITHIN).order_by("-resolved_at").first()
    if failure is None:
        return Failure(subject=subject, stage=stage, reason=reason, first_seen_at=now, opened_at=now)
    failure.count += 1
    failure.state, failure.opened_at = Failure.State.OPEN, now
    failure.mailed_at = failure.resolved_at = failure.resolved_by = None
    failure.resolved_how = ""
    # It is about those whom it hits now.
    failure.address = failure.claimed_address = ""
    failure.detail = {}
    return failure


def known_address(user: User) -> str:
    """The address the person was last invited at."""
    invited = Invitation.objects.filter(user=user).order_by("-queued_at").values_list("address", flat=True).first()
    if invited:
        return invited
    account = EntraAccount.objects.filter(user=user).order_by("-created_at").values_list("address", flat=True).first()
    return account or user.email


def _tell(failure: Failure, person: FailurePerson, *, now: dt.datetime) -> None:
    """Have VM mailed. Without a living worker nobody would run the task, so the web process mails by itself."""
    worker_is_dead = not person.waits_for_digest and heartbeat.is_dead("worker")
    due = _due_at(failure, person, now=now, worker_is_dead=worker_is_dead)
    is_pending = failure.mail_due_at is not None and failure.mail_due_at > now
    if due is None or (is_pending and due > now):
        return
    failure.mail_due_at = due
    failure.save(update_fields=["mail_due_at"])
    if person.waits_for_digest:
        return
    # Operations may be emailed while everything else is on hold.
    queue = "operations" if reasons.is_about_running(failure.reason) else ""
    defer("identity.tasks.mail_failure", at=due if due > now else None, queue=queue, failure_id=failure.pk)
    if worker_is_dead and due <= now:
        if not outbound.is_held():
            transaction.on_commit(lambda: mail_to_vm.tell(failure.pk), robust=True)
        transaction.on_commit(heartbeat.tell_worker_is_dead, robust=True)


def _due_at(failure: Failure, person: FailurePerson, *, now: dt.datetime, worker_is_dead: bool) -> dt.datetime | None:
    """When VM is to be told of the person; None when something due already takes them along."""
    if person.waits_for_digest:
        return now + WAIT_FOR_ADDRESS if failure.mail_due_at is None else None
    is_anybody_known = person.who != UNKNOWN or failure.subject == COMMON
    if not is_anybody_known or (person.who.startswith("oid:") and not (person.address or person.claimed_address)):
        return now + WAIT_FOR_ADDRESS
    if failure.subject == COMMON and failure.mailed_at is not None and not worker_is_dead:
        return now + FOLLOW_UP_AFTER
    return now


def name_address(failure: Failure, address: str) -> Failure | FailurePerson:
    """The person has said which address was invited; what has the reference that is theirs from now on.

    A vendor's address makes a case of its own. What else strangers type stays in the case that they share.
    """
    address = address.strip()
    is_known = people.belongs_to_a_vendor(address)
    with transaction.atomic():
        locked = Failure.objects.select_for_update().get(pk=failure.pk)
        if not people.is_shared(locked):
            return _complete(locked, address)
        person = FailurePerson(who=people.who(user=None, address=address), address=address, is_typed=True)
        if locked.subject == COMMON or not is_known:
            person.waits_for_digest = not is_known
            now = timezone.now()
            row, is_news = people.add(locked, person, now=now)
            if is_news:
                _tell(locked, row, now=now)
            return row
        is_only_one = locked.count == 1
        people.take_out_unknown(locked)
        own, _row = _open_or_count(locked.stage, locked.reason, person, is_known=True, attempt=None)
        if is_only_one:
            SignInAttempt.objects.filter(failure=locked).update(failure=own)
        Failure.objects.filter(pk=locked.pk, count__gt=0).update(count=locked.count - 1)
        if not locked.people.out().exists():
            resolve(locked, how=f"gave an address: {own.reference}")
    return own


def _complete(failure: Failure, address: str) -> Failure:
    """Microsoft has said who they are, and it is nobody we know: now VM hears who they say they are, once."""
    if failure.address or failure.user_id:
        return failure
    now = timezone.now()
    failure.address, failure.is_typed = address, True
    failure.save(update_fields=["address", "is_typed"])
    person = FailurePerson(who=failure.subject, address=address, is_typed=True, claimed_address=failure.claimed_address)
    row, _is_news = people.add(failure, person, now=now)
    _tell(failure, row, now=now)
    return failure


def dealt_with_by(audience: str | None) -> Q:
    """Whose it is to mend. Each case is either VM's or operations', also one of a reason that this version lacks."""
    of_vm = {code for code, reason in reasons.CATALOGUE.items() if reason.audience == reasons.VM}
    if audience == reasons.VM:
        return Q(reason__in=sorted(of_vm))
    # By name, which an index answers: with "none of VM's" PostgreSQL would look through all of VM's cases.
    return Q(reason__in=[reason for reason in _reasons_in_use() if reason not in of_vm])


def _reasons_in_use() -> list[str]:
    """One look into the index for each, however many cases there are."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE known AS (
                SELECT min(reason) AS reason FROM identity_failure
                UNION ALL
                SELECT (SELECT min(reason) FROM identity_failure WHERE reason > known.reason)
                FROM known WHERE known.reason IS NOT NULL
            )
            SELECT reason FROM known WHERE reason IS NOT NULL
            """
        )
        return [reason for (reason,) in cursor.fetchall()]


def resolve(failure: Failure, *, by: User | None = None, how: str) -> bool:
    """Close the case. False when it was closed already."""
    with transaction.atomic():
        return bool(people.resolve([failure.pk], failure.people.all(), how=how, by=by))


def resolve_for(
    user: User,
    *,
    stages: Iterable[str],
    how: str,
    reasons_only: Iterable[str] = (),
    common: str = "",
    got_further: bool = True,
) -> int:
    """What this person suffered at these stages is over: they got further. How many cases that closes.

    Notices stay until VM has seen them. `common` is a stage that has just been shown to work: a common cause is over
    there for whoever is not known to be out.
    """
    concerned = _concerned(tuple(stages), tuple(reasons_only), common)
    failures = [pk for (pk,) in concerned.values(user=user.pk, subject=f"user:{user.pk}")]
    if not failures:
        return 0
    theirs = Q(user=user) | Q(failure__subject=f"user:{user.pk}")
    with transaction.atomic():
        if common:
            Failure.objects.open().filter(pk__in=failures, subject=COMMON, stage=common).update(
                worked_again_at=timezone.now()
            )
            at_the_stage = Q(failure__subject=COMMON, failure__stage=common)
            people.resolve(failures, FailurePerson.objects.filter(at_the_stage, who=UNKNOWN), how=how)
            theirs |= at_the_stage & Q(is_typed=True, pk__in=_typed_as(user))
        return people.resolve(failures, FailurePerson.objects.filter(theirs), how=how, got_further=got_further)


@cache
def _concerned(stages: tuple[str, ...], reasons_only: tuple[str, ...], common: str) -> Compiled[Failure]:
    """The cases of a person, and the common ones that they are in, at these stages."""
    return Compiled(lambda: _cases_of_somebody(stages, reasons_only, common))


def _cases_of_somebody(stages: tuple[str, ...], reasons_only: tuple[str, ...], common: str) -> Any:
    own = Q(subject=Given("subject"), stage__in=stages)
    out = FailurePerson.objects.out()
    shared = out.filter(user=Given("user"), failure__subject=COMMON, failure__stage__in=stages)
    if reasons_only:
        own &= Q(reason__in=reasons_only)
        shared = shared.filter(failure__reason__in=reasons_only)
    notices = [code for code, reason in reasons.CATALOGUE.items() if reason.is_notice]
    concerned = Failure.objects.open().filter(own).exclude(reason__in=notices).order_by().values_list("pk")
    concerned = concerned.union(shared.order_by().values_list("failure"))
    if common:
        # Once for each time that it is seen to work again, so that nearly every sign-in asks this one question only.
        seen = Failure.objects.open().filter(subject=COMMON, stage=common, worked_again_at=None)
        concerned = concerned.union(seen.order_by().values_list("pk"))
    return concerned


def _typed_as(user: User) -> Any:
    """Rows with an address that somebody typed and that has just been proven to be this person's."""
    rows = FailurePerson.objects.annotate(_address=Lower("address")).order_by()
    return rows.filter(_address__in=people.addresses_of(user)).values("pk")


def resolve_common(reason: str, *, how: str) -> int:
    """What hit everybody for this reason is over."""
    failures = list(Failure.objects.open().filter(subject=COMMON, reason=reason).values_list("pk", flat=True))
    if not failures:
        return 0
    with transaction.atomic():
        return people.resolve(failures, FailurePerson.objects.all(), how=how, got_further=True)
