"""Message-IDs: the same when a task runs again, and never again for anything else, also after a restore.

They end in a code that nobody can guess who has not got the email, so that a report about it proves that it was sent.
"""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.crypto import salted_hmac

TOKEN_LENGTH = 32


def of(kind: str, *parts: object) -> str:
    """`parts` must never come again: a row's number does after a restore, so a moment or a random part goes with it."""
    return f"<{kind}-{_token(kind, parts)}@{domain()}>"


def token(message_id: str) -> str:
    return message_id.partition("@")[0][-TOKEN_LENGTH:]


def _token(kind: str, parts: tuple[object, ...]) -> str:
    words = [part.isoformat() if isinstance(part, dt.datetime) else str(part) for part in parts]
    value = "|".join((kind, *words))
    return salted_hmac("identity.mail.message_ids", value, algorithm="sha256").hexdigest()[:TOKEN_LENGTH]


def domain() -> str:
    """The site's, whatever the name of this machine."""
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    if ":" in host:
        return f"[IPv6:{host}]"
    if host.replace(".", "").isdecimal():
        return f"[{host}]"
    return host if host.isascii() else host.encode("idna").decode()
