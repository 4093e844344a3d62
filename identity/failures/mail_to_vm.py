"""Telling VM of cases: the first at once, repeats in a digest, no more than twenty mails an hour, the rest listed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from identity import person_page
from identity.failures import reasons
from identity.mail import delivery
from identity.models import EntraAccount, Failure

MAILS_AN_HOUR = 20
SILENCE_SETTLES = dt.timedelta(hours=24)


def tell(failure_id: int) -> None:
    """Tell VM of one case, once; beyond twenty in an hour it waits for the list that `tell_overflow` sends."""
    now = timezone.now()
    with transaction.atomic():
        _one_at_a_time()
        failure = Failure.objects.select_for_update().open().filter(pk=failure_id, mailed_at=None).first()
        if failure is None or (failure.reason == "did_not_come_back" and _has_got_in(failure)):
            return
        if Failure.objects.filter(mailed_at__gt=now - dt.timedelta(hours=1)).count() >= MAILS_AN_HOUR:
            return
        # Sent inside the transaction: a mail server that fails leaves the case untold, to be tried again.
        _deliver_case(failure)
        Failure.objects.filter(pk=failure.pk).update(mailed_at=now, mailed_count=F("count"))


def _one_at_a_time() -> None:
    """Until the end of the transaction. Who counted at the same moment would all find room for one more mail."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('identity.failures.mail_to_vm', 0))")


def _has_got_in(failure: Failure) -> bool:
    """Somebody who has been in before mostly just closed the page; the daily digest is soon enough."""
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
        "others": [delivery.one_line(each) for each in failure.detail.get("addresses", []) if each != failure.address],
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
    """Cases that the hourly limit held back: one mail naming address and reason of each."""
    now = timezone.now()
    with transaction.atomic():
        _one_at_a_time()
        waiting = list(
            Failure.objects.open()
            .select_for_update()
            .filter(mailed_at=None, mail_due_at__lt=now - dt.timedelta(minutes=5))
            .exclude(reason="did_not_come_back")
            .order_by("first_seen_at")[:500]
        )
        if not waiting:
            return
        sent_lately = Failure.objects.filter(mailed_at__gt=now - dt.timedelta(hours=1)).count()
        if sent_lately < MAILS_AN_HOUR and len(waiting) == 1:
            _deliver_case(waiting[0])
        else:
            _deliver_list(waiting, to=recipients(*waiting), template="identity/mail/overflow", message_id=message_id)
        # Not counted against the hourly limit, or the list would hold back the next ones.
        long_ago = now - dt.timedelta(hours=2)
        Failure.objects.filter(pk__in=[failure.pk for failure in waiting]).update(
            mailed_at=long_ago, mailed_count=F("count")
        )


def tell_digest(*, message_id: str) -> None:
    """Once a day: what repeated since VM was last told, and who went to Microsoft and never came back."""
    now = timezone.now()
    with transaction.atomic():
        repeated = list(
            Failure.objects.open()
            .select_for_update()
            .filter(
                Q(mailed_at__isnull=False, count__gt=F("mailed_count"))
                | Q(reason="did_not_come_back", mailed_at=None, first_seen_at__lt=now - SILENCE_SETTLES)
            )
            .order_by("first_seen_at")[:500]
        )
        if not repeated:
            return
        _deliver_list(repeated, to=settings.VM_EMAIL, template="identity/mail/digest", message_id=message_id)
        Failure.objects.filter(pk__in=[failure.pk for failure in repeated]).update(
            mailed_at=now - dt.timedelta(hours=2), mailed_count=F("count")
        )


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
