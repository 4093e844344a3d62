"""The device cookie: only "Yes, stay signed in" sets it. It says whom to ask Entra about, and proves nothing.

It belongs to one browser, and is dead once that browser has signed out or said No, whoever still has a copy of it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from identity.models import Device, DeviceQuerySet, EntraAccount
from identity.sessions import browsers, store


def remember(request: HttpRequest, response: HttpResponse, account: EntraAccount, *, interactive_at: int) -> None:
    """The person said Yes: this browser's cookie of before, if it has one, is ended."""
    end(request)
    device_id = secrets.token_urlsafe(32)
    device = Device.objects.create(
        id_hash=_hashed(device_id),
        account=account,
        browser=browsers.in_words(request),
        interactive_at=dt.datetime.fromtimestamp(interactive_at, dt.UTC),
    )
    request.session[store.DEVICE] = device.pk
    _set_cookie(response, device_id, max_age=int(store.STAY_ABSOLUTE.total_seconds()))


def forget(request: HttpRequest, response: HttpResponse) -> None:
    """The person said No, or signs out."""
    end(request)
    _set_cookie(response, "", max_age=0)


def end(request: HttpRequest) -> None:
    """By the cookie and by the session: either of them may have got lost."""
    text = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
    of_session = request.session.pop(store.DEVICE, None)
    if text or of_session:
        end_all(Device.objects.filter(Q(id_hash=_hashed(text)) | Q(pk=of_session)))


def end_all(devices: DeviceQuerySet) -> None:
    devices.filter(ended_at=None).update(ended_at=timezone.now())


def of(request: HttpRequest) -> Device | None:
    """The device that this browser is, while its account may sign in and it is not over."""
    text = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
    if not text:
        return None
    live = Device.objects.live().select_related("account__user")
    return live.filter(id_hash=_hashed(text), interactive_at__gt=timezone.now() - store.STAY_ABSOLUTE).first()


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


def _set_cookie(response: HttpResponse, value: str, *, max_age: int) -> None:
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        value,
        max_age=max_age,
        path="/",
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )
