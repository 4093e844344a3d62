"""The device cookie: only "Yes, stay signed in" sets it. It says whom to ask Entra about, and proves nothing."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from identity.models import EntraAccount
from identity.sessions.store import STAY_ABSOLUTE

_SALT = "identity.device"


def remember(response: HttpResponse, account: EntraAccount, *, interactive_at: int) -> None:
    value = signing.dumps({"device": account.device_id.hex, "at": interactive_at}, salt=_SALT)
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        value,
        max_age=int(STAY_ABSOLUTE.total_seconds()),
        path="/",
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def forget(response: HttpResponse) -> None:
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        "",
        max_age=0,
        path="/",
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def _read(request: HttpRequest) -> tuple[uuid.UUID, int] | None:
    text = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
    if not text:
        return None
    try:
        value = signing.loads(text, salt=_SALT, max_age=STAY_ABSOLUTE)
        return uuid.UUID(value["device"]), int(value["at"])
    except (signing.BadSignature, ValueError, TypeError, KeyError):
        return None


def account_of(request: HttpRequest) -> EntraAccount | None:
    """The account that stays signed in on this device, while it may still sign in."""
    cookie = _read(request)
    if cookie is None:
        return None
    return EntraAccount.objects.live().select_related("user").filter(device_id=cookie[0], guest=True).first()


def interactive_at(request: HttpRequest, account: EntraAccount) -> int | None:
    """When the person last signed in with a page on this device, in seconds since 1970."""
    cookie = _read(request)
    return cookie[1] if cookie is not None and cookie[0] == account.device_id else None
