"""Where somebody is signed in now, and ending it from here. Entra's own revoke does nothing for guests."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from identity.models import Device, EntraAccount, Session, User
from identity.sessions import devices, store

# For so long a browser whose session was ended from another one is told so.
WORD_LEFT_FOR = dt.timedelta(days=30)


@dataclass(frozen=True)
class OpenSession:
    handle: str  # names the session on a page; its key would open it
    account: EntraAccount | None
    since: dt.datetime | None
    last_seen_at: dt.datetime | None
    ends_at: dt.datetime
    stays: bool
    browser: str = ""
    is_this: bool = False
    is_asleep: bool = False  # a remembered browser without a session, which would open one by itself


def of(user: User, *, this: str | None = None) -> list[OpenSession]:
    """Newest first. `this` is the key of the session that asks."""
    sessions = [_read(row, this) for row in _rows(user)]
    return sorted(sessions, key=lambda session: session.since or session.ends_at, reverse=True)


def with_remembered(user: User, *, this: str | None) -> list[OpenSession]:
    """The one that asks first, then newest first, with the browsers whose session has lapsed and would come back."""
    asleep = [_read_device(device) for device in _asleep(user)]
    return sorted([*of(user, this=this), *asleep], key=lambda session: not session.is_this)


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


@transaction.atomic
def end_from(user: User, *, this: str | None, handle: str = "") -> int:
    """The person ends another session or remembered browser of theirs, or without a handle all others; how many.

    Those browsers find a word about it. The one that asks is never ended.
    """
    User.objects.select_for_update().get(pk=user.pk)
    chosen = [row for row in _rows(user) if row.session_key != this and _is_meant(_handle(row), handle)]
    asleep = [device for device in _asleep(user) if _is_meant(_device_handle(device), handle)]
    of_chosen = [row.device_id for row in chosen if row.device_id]
    devices.end_all(Device.objects.filter(pk__in=[*of_chosen, *(device.pk for device in asleep)]))
    _leave_word(chosen)
    return len(chosen) + len(asleep)


def _leave_word(rows: Iterable[Session]) -> None:
    """In place of the session: nobody is signed in by it, and it names nobody."""
    said = store.SessionStore().encode({store.ENDED_ELSEWHERE: int(time.time())})
    Session.objects.filter(pk__in=[row.pk for row in rows]).update(
        session_data=said,
        user=None,
        account=None,
        device=None,
        sid="",
        expire_date=timezone.now() + WORD_LEFT_FOR,
    )


def _is_meant(handle: str, wanted: str) -> bool:
    return not wanted or constant_time_compare(handle, wanted)


def _rows(user: User) -> list[Session]:
    return list(Session.objects.filter(user=user, expire_date__gt=timezone.now()).select_related("account"))


def _asleep(user: User) -> list[Device]:
    """Remembered browsers that have no session at the moment."""
    now = timezone.now()
    awake = Session.objects.filter(user=user, expire_date__gt=now, device__isnull=False)
    remembered = Device.objects.live().filter(account__user=user, interactive_at__gt=now - store.STAY_ABSOLUTE)
    return list(remembered.exclude(pk__in=awake.values("device")).select_related("account").order_by("-created_at"))


def _read(row: Session, this: str | None) -> OpenSession:
    data = row.get_decoded()
    return OpenSession(
        handle=_handle(row),
        account=row.account,
        since=store.moment(data.get(store.BEGAN_AT) or data.get(store.INTERACTIVE_AT)),
        last_seen_at=store.moment(data.get(store.TOUCHED_AT)),
        ends_at=row.expire_date,
        stays=bool(data.get(store.STAYS)),
        browser=data.get(store.BROWSER, ""),
        is_this=row.session_key == this,
    )


def _read_device(device: Device) -> OpenSession:
    return OpenSession(
        handle=_device_handle(device),
        account=device.account,
        since=device.interactive_at,
        last_seen_at=None,
        ends_at=device.interactive_at + store.STAY_ABSOLUTE,
        stays=True,
        browser=device.browser,
        is_asleep=True,
    )


def _handle(row: Session) -> str:
    return _signed(row.session_key)


def _device_handle(device: Device) -> str:
    return _signed(f"device {device.pk}")


def _signed(what: str) -> str:
    return salted_hmac("identity.sessions.active_sessions", what, algorithm="sha256").hexdigest()
