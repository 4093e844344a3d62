"""The morning email: what is waiting, to each colleague who owns vendors or covers for someone who does.

What is waiting is known above this app, so settings name who says it (WAITING_FOR_COLLEAGUE).
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Sequence
from typing import Protocol, cast

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.module_loading import import_string

from identity.jobs.queue import defer
from identity.mail import delivery, message_ids
from identity.models import User
from vendors.colleagues import absences, recipients
from vendors.models import ColleaguePreferences, Vendor

DUE_AT = dt.time(6, tzinfo=dt.UTC)


class Waiting(Protocol):
    """One queue, and how much of it is this colleague's."""

    @property
    def name(self) -> str | Promise: ...
    @property
    def url(self) -> str: ...
    @property
    def count(self) -> int: ...
    @property
    def shown_count(self) -> str: ...
    @property
    def oldest(self) -> dt.datetime | None: ...


def queue_due(*, now: dt.datetime | None = None) -> int:
    """Queue what is due, for each colleague once a day. How many."""
    now = now or timezone.now()
    return sum(_queue(user, now=now) for user in _colleagues(today=now.date()).order_by("pk"))


def _colleagues(*, today: dt.date) -> QuerySet[User]:
    """Owners and their covers who are not away themselves."""
    away = absences.covers(today=today)
    covers = [person for owner in away if (person := absences.looks_after(owner, away)) is not None]
    own = Exists(Vendor.objects.filter(owner=OuterRef("pk")))
    staff = User.objects.filter(is_staff=True, is_active=True).exclude(pk__in=away)
    return staff.filter(own) | staff.filter(pk__in=covers)


@transaction.atomic
def _queue(user: User, *, now: dt.datetime) -> bool:
    ColleaguePreferences.objects.bulk_create([ColleaguePreferences(user=user)], ignore_conflicts=True)
    row = ColleaguePreferences.objects.select_for_update().get(user=user)
    if not row.morning_email or (row.morning_due_at is not None and row.morning_due_at > now):
        return False
    row.morning_due_at = _next(now)
    row.save(update_fields=["morning_due_at"])
    defer("vendors.tasks.mail_morning", preferences_id=row.pk)
    return True


def _next(now: dt.datetime) -> dt.datetime:
    today = dt.datetime.combine(now.astimezone(dt.UTC), DUE_AT)
    return today if today > now else today + dt.timedelta(days=1)


def mail(preferences_id: int) -> None:
    """Unless nothing is waiting, or the colleague has switched it off, left or gone away since."""
    row = ColleaguePreferences.objects.select_related("user").filter(pk=preferences_id).first()
    if row is None or not row.morning_email or not recipients.can_be_told(row.user):
        return
    if row.user_id in absences.covers(today=timezone.localdate()):
        return
    waiting = [queue for queue in _waiting_for(row.user) if queue.count]
    if not waiting:
        return
    # A refusal has become a case of its own by then.
    with contextlib.suppress(delivery.MailRefused):
        delivery.deliver(
            to=[row.user.email],
            template="vendors/mail/morning",
            context={
                "queues": waiting,
                "url": f"{settings.BASE_URL}{reverse('admin:index')}?whose=mine",
                "switch_off_url": f"{settings.BASE_URL}{reverse('admin:vendors_absence_changelist')}",
            },
            message_id=message_ids.of("morning", row.user.username, row.morning_due_at),
        )


def _waiting_for(user: User) -> Sequence[Waiting]:
    return cast(Sequence[Waiting], import_string(settings.WAITING_FOR_COLLEAGUE)(user))
