"""Emails to VM about cases: new ones at once, who follows in a common cause within ten minutes, the rest in lists.

A short transaction decides what to send and claims the cases. The email goes out after it, because a mail server can
be slow. No other process touches a claimed case until the email has gone out or the claim has expired. Whether VM
knows of somebody is kept with the person and not with the case, which may be closed before anybody was told.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator, Sequence

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string

from identity.failures import people, reasons
from identity.failures.case_text import case_context
from identity.jobs import side_effects
from identity.jobs.retries import RetryLater
from identity.mail import delivery, message_ids
from identity.models import DueDate, Failure, FailurePerson, FailurePersonQuerySet

MAILS_AN_HOUR = 20  # to VM about its own cases; as many about those of operations
LISTED_AT_MOST = 500  # in the list of what the hourly limit held back; the rest follows in the next one
IN_A_DIGEST = 50  # cases that are written out; of the rest it says how many
AT_ONCE = 500  # rows of one statement
# Longer than a slow mail server needs for one email. After that, the process that claimed the case must have died.
CLAIM_LASTS = dt.timedelta(minutes=5)
LOOK_AGAIN_AFTER = 15.0  # seconds; most emails have gone out by then
HELD_BACK_AFTER = dt.timedelta(minutes=5)
DIGEST = "digest"
DIGEST_AT = dt.time(6, tzinfo=dt.UTC)
STRANGERS_SETTLE = dt.timedelta(minutes=10)  # they may yet name an address

About = dict[Failure, list[FailurePerson]]


def tell(failure_id: int) -> None:
    """Email VM about those in one case of whom it has not been told. Each of them once, also if the case is closed.

    Beyond twenty in an hour they wait for the list that `tell_overflow` sends. Raise RetryLater while another process
    is sending the email.
    """
    with _deciding():
        about = _untold(Failure.objects.filter(pk=failure_id), _pressing())
        if not about:
            return
        [(failure, persons)] = about.items()
        counts = _counts(failure)
        if counts and not _has_room(failure):
            return
        _claim(about, counted=persons[:1] if counts else [])
    message_id = _message_id(failure, persons)
    with _mailing(about, message_id):
        _deliver_case(failure, persons, message_id)


@contextlib.contextmanager
def _deciding() -> Iterator[None]:
    """Transactions that run one at a time. If two counted at once, both would find room for one more email."""
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('identity.failures.mail_to_vm', 0))")
        yield


def _pressing() -> QuerySet[FailurePerson]:
    """Of whom VM has yet to be told before the next digest."""
    return FailurePerson.objects.untold().filter(waits_for_digest=False).exclude(people.dropped())


def _untold(cases: QuerySet[Failure], rows: QuerySet[FailurePerson]) -> About:
    """These people by their cases, oldest first. Raise RetryLater if another process is emailing any of the cases.

    It may still fail. The cases are locked, so nobody joins one of them unseen.
    """
    concerned = cases.filter(people.has_someone(rows))
    failures = {failure.pk: failure for failure in _unclaimed(concerned, at_most=LISTED_AT_MOST)}
    about: About = {}
    found = rows.filter(failure__in=failures).order_by("failure__first_seen_at", "failure", "first_seen_at", "pk")
    for row in found[:LISTED_AT_MOST]:
        row.failure = failures[row.failure_id]
        about.setdefault(row.failure, []).append(row)
    return about


def _unclaimed(cases: QuerySet[Failure], *, at_most: int | None = None) -> list[Failure]:
    """These cases, oldest first. Raise RetryLater if another process is emailing any of them: it may still fail."""
    oldest = cases.order_by("first_seen_at").values_list("pk", flat=True)[:at_most]
    rows = list(Failure.objects.select_for_update().filter(pk__in=list(oldest)).order_by("pk"))
    claims = [row.mail_claimed_at for row in rows if row.mail_claimed_at is not None]
    if claims and (left := (max(claims) + CLAIM_LASTS - timezone.now()).total_seconds()) > 0:
        raise RetryLater(min(left, LOOK_AGAIN_AFTER))
    return sorted(rows, key=lambda row: row.first_seen_at)


def _counts(failure: Failure) -> bool:
    """Whether an email about it takes one of the hour's places. A follow-up does not: it is a list."""
    return not (_is_follow_up(failure) or reasons.get(failure.reason).is_urgent)


def _is_follow_up(failure: Failure) -> bool:
    """Others are hit by what VM knows of. In a case about Passport itself there are no others, only more to say."""
    is_told = failure.subject == people.COMMON and failure.mailed_at is not None
    return is_told and not reasons.is_about_running(failure.reason)


def _has_room(failure: Failure) -> bool:
    """Whether one more email fits into this hour. What is operations' to repair does not use up VM's places."""
    within_the_hour = FailurePerson.objects.filter(mail_counted_at__gt=timezone.now() - dt.timedelta(hours=1))
    audience = reasons.get(failure.reason).audience
    alike = [code for code, reason in reasons.CATALOGUE.items() if reason.audience == audience]
    return within_the_hour.filter(failure__reason__in=alike).count() < MAILS_AN_HOUR


def _claim(about: About, *, counted: Sequence[FailurePerson] = ()) -> None:
    """`counted` has one person for each email that counts towards the hourly limit. Lists do not count."""
    now = timezone.now()
    Failure.objects.filter(pk__in=[failure.pk for failure in about]).update(mail_claimed_at=now)
    for failure in about:
        failure.mail_claimed_at = now
    FailurePerson.objects.filter(pk__in=[row.pk for row in counted]).update(mail_counted_at=now)


@contextlib.contextmanager
def _mailing(about: About, message_id: str) -> Iterator[None]:
    """Record that VM has been emailed about them in this email, or give them up so that the task can try again.

    A case that has been opened again meanwhile is about others, of whom VM has yet to be told.
    """
    [claimed_at] = {failure.mail_claimed_at for failure in about}
    ours = Failure.objects.filter(pk__in=[failure.pk for failure in about], mail_claimed_at=claimed_at)
    told = FailurePerson.objects.filter(pk__in=[row.pk for persons in about.values() for row in persons])
    try:
        yield
    except Exception:
        told.untold().update(mail_counted_at=None)
        ours.update(mail_claimed_at=None)
        raise
    side_effects.keep(lambda: _note_mailed(ours, told, about, message_id))


@transaction.atomic
def _note_mailed(cases: QuerySet[Failure], told: FailurePersonQuerySet, about: About, message_id: str) -> None:
    before = {failure.pk: failure for failure in about}
    mailed = list(cases.select_for_update().order_by("pk"))
    now = timezone.now()
    told.untold().update(reported_at=now)
    FailurePerson.objects.bulk_update(_counted(about), ["told_count"], batch_size=AT_ONCE)
    for failure in mailed:
        failure.mail_claimed_at = None
        failure.mailed_count = before[failure.pk].count
        failure.first_message_id = failure.first_message_id or message_id
        if failure.opened_at == before[failure.pk].opened_at:
            failure.mailed_at = now
    fields = ["mailed_at", "mailed_count", "mail_claimed_at", "first_message_id"]
    Failure.objects.bulk_update(mailed, fields, batch_size=AT_ONCE)


def _counted(about: About) -> list[FailurePerson]:
    """As often as it was when the email was written; it may have happened again since."""
    rows = {row.pk: row for persons in about.values() for row in persons}
    for row in rows.values():
        row.told_count = row.count
    return list(rows.values())


def recipients(*cases: Failure) -> list[str]:
    """VM is always told; operations as well when something is theirs to repair, and alone when no one is hit by it."""
    if all(reasons.is_about_running(failure.reason) for failure in cases):
        return list(settings.OPERATIONS_EMAIL)
    if any(reasons.get(failure.reason).audience == reasons.OPERATIONS for failure in cases):
        return list(dict.fromkeys([*settings.VM_EMAIL, *settings.OPERATIONS_EMAIL]))
    return list(settings.VM_EMAIL)


def _addressed(failure: Failure) -> tuple[list[str], list[str]]:
    """To and Cc of an email about one case. Of one about a single person, whoever looks after them is told first:
    identity knows no vendors, so settings name who says that (RESPONSIBLE_FOR)."""
    is_about_one = failure.user_id is not None and failure.subject != people.COMMON
    if not is_about_one or reasons.get(failure.reason).audience == reasons.OPERATIONS:
        return recipients(failure), []
    to, cc = import_string(settings.RESPONSIBLE_FOR)(failure.user_id)
    return to, cc


def _reply_to(failure: Failure, persons: list[FailurePerson]) -> list[str]:
    """Operations for what is theirs; the vendor only at an address where we invited them; otherwise VM.

    Never an address that somebody typed or that Microsoft reports, nor a mailbox that is itself in doubt.
    """
    if reasons.get(failure.reason).audience == reasons.OPERATIONS:
        return list(settings.OPERATIONS_EMAIL)
    if failure.user_id is not None and failure.reason not in reasons.MAILBOX_IN_DOUBT:
        answered = {person.address.lower() for person in persons if person.user_id == failure.user_id}
        if len(answered) == 1 and answered <= people.live_addresses(failure.user_id):
            return [persons[-1].address]
    return list(settings.VM_EMAIL)


def _message_id(failure: Failure, persons: list[FailurePerson]) -> str:
    # Both are drawn by chance, so that they never come again.
    return message_ids.of("failure", failure.reference, persons[-1].reference)


def _deliver_case(failure: Failure, persons: list[FailurePerson], message_id: str) -> None:
    to, cc = _addressed(failure)
    template = "follow_up" if _is_follow_up(failure) else "failure"
    if reasons.is_about_running(failure.reason):
        template = "self_check"
    delivery.deliver(
        to=to,
        cc=cc,
        template=f"identity/mail/{template}",
        context=case_context(failure, persons),
        message_id=message_id,
        reply_to=_reply_to(failure, persons),
        thread=[failure.first_message_id],
    )


def tell_overflow(*, message_id: str) -> None:
    """Whom the hourly limit held back: one email with the address and reason of each.

    Raise RetryLater while another process is emailing any of them.
    """
    with _deciding():
        held_back = Failure.objects.filter(mail_due_at__lt=timezone.now() - HELD_BACK_AFTER)
        about = _untold(held_back, _pressing())
        if not about:
            return
        [first, *others] = about
        is_alone = not others and (not _counts(first) or _has_room(first))
        _claim(about, counted=about[first][:1] if is_alone and _counts(first) else [])
    full_id = _message_id(first, about[first]) if is_alone else message_ids.of("overflow", message_id)
    with _mailing(about, full_id):
        if is_alone:
            _deliver_case(first, about[first], full_id)
        else:
            _deliver_list(about, to=recipients(*about), template="identity/mail/overflow", message_id=full_id)


def tell_digest(*, message_id: str) -> None:
    """Once a day: what has repeated since VM was last emailed, who did not come back from Microsoft, and strangers.

    Raise RetryLater while another process is emailing any of them.
    """
    with _deciding():
        now = timezone.now()
        due = DueDate.objects.filter(name=DIGEST).first()
        if due is not None and due.due_at > now:
            return
        about = _for_digest(now)
        if not about:
            # The very first digest is due as soon as there is something to tell.
            DueDate.objects.filter(name=DIGEST).update(due_at=_next_digest(now))
            return
        _claim(about)
    full_id = message_ids.of("digest", message_id)
    with _mailing(about, full_id):
        _deliver_list(
            about, to=recipients(*about), template="identity/mail/digest", message_id=full_id, at_most=IN_A_DIGEST
        )
        DueDate.objects.update_or_create(name=DIGEST, defaults={"due_at": _next_digest(now)})


def _for_digest(now: dt.datetime) -> About:
    """Those to whom it has happened again, and those of whom VM hears first by this email."""
    is_silence = Q(failure__reason=people.SILENCE)
    repeated = Q(failure__state=Failure.State.OPEN, reported_at__isnull=False, count__gt=F("told_count"))
    settled = (is_silence & Q(first_seen_at__lt=now - people.SILENCE_SETTLES)) | (
        ~is_silence & Q(first_seen_at__lt=now - STRANGERS_SETTLE)
    )
    everybody = FailurePerson.objects.exclude(people.dropped())
    waiting = repeated | (Q(reported_at=None, waits_for_digest=True) & settled)
    cases = Failure.objects.filter(people.has_someone(everybody.filter(waiting)))
    by_pk = {failure.pk: failure for failure in _unclaimed(cases)}
    about: About = {failure: [] for failure in by_pk.values()}
    # Nobody else can tell of those in these cases at the moment, so others of whom VM has to be told come along.
    pressing = Q(reported_at=None, waits_for_digest=False)
    for row in everybody.filter(waiting | pressing, failure__in=by_pk).order_by("first_seen_at", "pk"):
        row.failure = by_pk[row.failure_id]
        about[row.failure].append(row)
    return about


def _next_digest(now: dt.datetime) -> dt.datetime:
    today = dt.datetime.combine(now.astimezone(dt.UTC), DIGEST_AT)
    return today if today > now else today + dt.timedelta(days=1)


def _deliver_list(
    about: About, *, to: Sequence[str], template: str, message_id: str, at_most: int | None = None
) -> None:
    written_out = list(about)[:at_most]
    delivery.deliver(
        to=to,
        template=template,
        context={
            "cases": [case_context(failure, about[failure]) for failure in written_out],
            "count": len(about),
            "more": len(about) - len(written_out),
            "list_url": f"{settings.BASE_URL}{reverse('admin:identity_failure_changelist')}?state__exact=open",
        },
        message_id=message_id,
        thread=[failure.first_message_id for failure in written_out],
    )
