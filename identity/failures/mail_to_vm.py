"""Emails to VM about cases: new ones at once, repeats in a digest; twenty an hour at most, the rest in one list.

A short transaction decides what to send and claims the cases. The email goes out after it, because a mail server can
be slow. No other process touches a claimed case until the email has gone out or the claim has expired.
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

from identity import person_page
from identity.failures import reasons
from identity.jobs.retries import RetryLater
from identity.mail import delivery
from identity.models import EntraAccount, Failure

MAILS_AN_HOUR = 20
LISTED_AT_MOST = 500
SILENCE_SETTLES = dt.timedelta(hours=24)
# Longer than a slow mail server needs for one email. After that, the process that claimed the case must have died.
CLAIM_LASTS = dt.timedelta(minutes=5)


def tell(failure_id: int) -> None:
    """Email VM about one case, once. Beyond twenty in an hour, the case waits for the list that `tell_overflow` sends.

    Raise RetryLater while another process is sending the email.
    """
    with _deciding():
        untold = _unclaimed(Failure.objects.open().filter(pk=failure_id, mailed_at=None))
        if not untold or (untold[0].reason == "did_not_come_back" and _has_got_in(untold[0])):
            return
        if not _has_room(besides=untold):
            return
        _claim(untold, counts=True)
    with _mailing(untold):
        _deliver_case(untold[0])


@contextlib.contextmanager
def _deciding() -> Iterator[None]:
    """Transactions that run one at a time. If two counted at once, both would find room for one more email."""
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('identity.failures.mail_to_vm', 0))")
        yield


def _unclaimed(cases: QuerySet[Failure]) -> list[Failure]:
    """These cases, oldest first. Raise RetryLater if another process is emailing any of them: it may still fail."""
    rows = list(cases.select_for_update().order_by("first_seen_at")[:LISTED_AT_MOST])
    claims = [row.mail_claimed_at for row in rows if row.mail_claimed_at is not None]
    if claims and (left := (max(claims) + CLAIM_LASTS - timezone.now()).total_seconds()) > 0:
        raise RetryLater(left)
    return rows


def _has_room(*, besides: list[Failure]) -> bool:
    """Whether one more email fits into this hour. A case that was counted but never sent is not counted twice."""
    within_the_hour = Failure.objects.filter(mail_counted_at__gt=timezone.now() - dt.timedelta(hours=1))
    return within_the_hour.exclude(pk__in=[failure.pk for failure in besides]).count() < MAILS_AN_HOUR


def _claim(cases: list[Failure], *, counts: bool = False) -> None:
    """Pass `counts` if the email counts towards the hourly limit. Lists do not, or they would hold back new cases."""
    now = timezone.now()
    place = {"mail_counted_at": now} if counts else {}
    Failure.objects.filter(pk__in=[failure.pk for failure in cases]).update(mail_claimed_at=now, **place)
    for failure in cases:
        failure.mail_claimed_at = now


@contextlib.contextmanager
def _mailing(cases: list[Failure]) -> Iterator[None]:
    """Record that VM has been emailed about them, or give them up so that the task can try again.

    A case that has been reopened, or claimed by another process since, is left alone: that process will email it.
    """
    ours = Failure.objects.filter(pk__in=[failure.pk for failure in cases], mail_claimed_at=cases[0].mail_claimed_at)
    try:
        yield
    except Exception:
        ours.filter(mailed_at=None).update(mail_counted_at=None)
        ours.update(mail_claimed_at=None)
        raise
    told_of = {failure.pk: failure.count for failure in cases}
    with transaction.atomic():
        mailed = list(ours.select_for_update())
        for failure in mailed:
            failure.mailed_at, failure.mail_claimed_at = timezone.now(), None
            failure.mailed_count = told_of[failure.pk]
        Failure.objects.bulk_update(mailed, ["mailed_at", "mailed_count", "mail_claimed_at"])


def _has_got_in(failure: Failure) -> bool:
    """People who have signed in before have usually just closed the page, so the daily digest is soon enough."""
    accounts = EntraAccount.objects.filter(user=failure.user_id, first_sign_in_at__isnull=False)
    return failure.user_id is None or accounts.exists()


def recipients(*cases: Failure) -> list[str]:
    """VM is always told; operations as well when something is theirs to repair."""
    if any(reasons.get(failure.reason).audience == reasons.OPERATIONS for failure in cases):
        return list(dict.fromkeys([*settings.VM_EMAIL, *settings.OPERATIONS_EMAIL]))
    return list(settings.VM_EMAIL)


def case_context(failure: Failure) -> dict[str, object]:
    reason = reasons.get(failure.reason)
    admin = f"{settings.BASE_URL}/admin"
    links = [(_label("case"), f"{admin}/identity/failure/{failure.pk}/change/")]
    if failure.user_id:
        page = person_page.url(failure.user_id, do=reason.button, failure=failure.reference)
        links.append((_label(reason.button or "vendor"), f"{settings.BASE_URL}{page}"))
    return {
        "failure": failure,
        "reason": reason,
        "address": delivery.one_line(failure.address),
        "others": [
            delivery.one_line(address) for address in failure.detail.get("addresses", []) if address != failure.address
        ],
        "claimed_address": delivery.one_line(failure.claimed_address),
        "links": links,
    }


def _label(button: str) -> str:
    return {
        "case": "Look at the case",
        "vendor": "Open the vendor's page",
        "invite": "Send the invitation again",
        "change_email": "Change the primary email",
    }.get(button, "Open the vendor's page")


def _deliver_case(failure: Failure) -> None:
    context = case_context(failure)
    delivery.deliver(
        to=recipients(failure),
        template="identity/mail/failure",
        context=context,
        message_id=f"failure-{failure.reference}-{failure.count}",
    )


def tell_overflow(*, message_id: str) -> None:
    """Cases that the hourly limit held back: one email with the address and reason of each.

    Raise RetryLater while another process is emailing any of them.
    """
    with _deciding():
        held_back = Failure.objects.open().filter(
            mailed_at=None, mail_due_at__lt=timezone.now() - dt.timedelta(minutes=5)
        )
        waiting = _unclaimed(held_back.exclude(reason="did_not_come_back"))
        if not waiting:
            return
        is_alone = len(waiting) == 1 and _has_room(besides=waiting)
        _claim(waiting, counts=is_alone)
    with _mailing(waiting):
        if is_alone:
            _deliver_case(waiting[0])
        else:
            _deliver_list(waiting, to=recipients(*waiting), template="identity/mail/overflow", message_id=message_id)


def tell_digest(*, message_id: str) -> None:
    """Once a day: what has repeated since VM was last emailed, and who went to Microsoft and never came back.

    Raise RetryLater while another process is emailing any of them.
    """
    with _deciding():
        repeated = _unclaimed(
            Failure.objects.open().filter(
                Q(mailed_at__isnull=False, count__gt=F("mailed_count"))
                | Q(
                    reason="did_not_come_back",
                    mailed_at=None,
                    first_seen_at__lt=timezone.now() - SILENCE_SETTLES,
                )
            )
        )
        if not repeated:
            return
        _claim(repeated)
    with _mailing(repeated):
        _deliver_list(repeated, to=settings.VM_EMAIL, template="identity/mail/digest", message_id=message_id)


def _deliver_list(cases: list[Failure], *, to: Sequence[str], template: str, message_id: str) -> None:
    delivery.deliver(
        to=to,
        template=template,
        context={
            "cases": [case_context(failure) for failure in cases],
            "list_url": f"{settings.BASE_URL}{reverse('admin:identity_failure_changelist')}",
        },
        message_id=message_id,
    )
