"""Where somebody is signed in now, and ending it from here. Entra's own revoke does nothing for guests."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from identity.models import Device, EntraAccount, Session, User
from identity.sessions import devices, store


@dataclass(frozen=True)
class OpenSession:
    handle: str  # names the session on a page; its key would open it
    account: EntraAccount | None
    since: dt.datetime | None
    last_seen_at: dt.datetime | None
    ends_at: dt.datetime
    stays: bool


def of(user: User) -> list[OpenSession]:
    """Newest first."""
    sessions = [_read(row) for row in _rows(user)]
    return sorted(sessions, key=lambda session: session.since or session.ends_at, reverse=True)


@transaction.atomic
def end(user: User, *, handle: str) -> bool:
    """End this one session, and the device that would open the next one. False when it has ended already."""
    User.objects.select_for_update().get(pk=user.pk)
    row = next((row for row in _rows(user) if constant_time_compare(_handle(row), handle)), None)
    if row is None:
        return False
    devices.end_all(Device.objects.filter(sessions=row))
    return bool(Session.objects.filter(pk=row.pk).delete()[0])


@transaction.atomic
def end_all(user: User) -> int:
    """End every session, and let no device open one without a sign-in."""
    User.objects.select_for_update().get(pk=user.pk)
    devices.end_all(Device.objects.filter(account__user=user))
    open_ones = [row.pk for row in _rows(user)]
    Session.objects.filter(user=user).delete()
    return len(open_ones)


def _rows(user: User) -> list[Session]:
    return list(Session.objects.filter(user=user, expire_date__gt=timezone.now()).select_related("account"))


def _read(row: Session) -> OpenSession:
    data = row.get_decoded()
    return OpenSession(
        handle=_handle(row),
        account=row.account,
        since=_moment(data.get(store.INTERACTIVE_AT)),
        last_seen_at=_moment(data.get(store.TOUCHED_AT)),
        ends_at=row.expire_date,
        stays=bool(data.get(store.STAYS)),
    )


def _handle(row: Session) -> str:
    return salted_hmac("identity.sessions.active_sessions", row.session_key, algorithm="sha256").hexdigest()


def _moment(seconds: int | None) -> dt.datetime | None:
    return dt.datetime.fromtimestamp(seconds, dt.UTC) if seconds else None
