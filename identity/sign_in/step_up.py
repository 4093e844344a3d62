"""A fresh sign-in with the same account, begun by one action and good for that action for five minutes."""

from __future__ import annotations

import time
from enum import StrEnum

from django.http import HttpRequest

PROVEN = "proven"
GOOD_FOR = 300  # seconds


class Purpose(StrEnum):
    EMAIL_CHANGE = "email_change"
    PAYMENT_CHANGE = "payment_change"


def note(request: HttpRequest, purpose: str) -> None:
    request.session[PROVEN] = {"purpose": purpose, "at": int(time.time())}


def is_proven(request: HttpRequest, purpose: str) -> bool:
    proof = request.session.get(PROVEN) or {}
    return proof.get("purpose") == purpose and time.time() - proof.get("at", 0) <= GOOD_FOR


def use(request: HttpRequest, purpose: str) -> bool:
    """Take the proof for the action, once."""
    good = is_proven(request, purpose)
    if good:
        del request.session[PROVEN]
    return good
