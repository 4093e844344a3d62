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
    ANSWERS_IN_FULL = "answers_in_full"
    SESSIONS = "sessions"
    PAYMENT_EXPORT = "payment_export"


def note(request: HttpRequest, purpose: str) -> None:
    request.session[PROVEN] = {"purpose": purpose, "at": int(time.time())}


def is_proven(request: HttpRequest, purpose: str) -> bool:
    return is_fresh(request) and request.session[PROVEN].get("purpose") == purpose


def is_fresh(request: HttpRequest) -> bool:
    """Whatever they signed in for: enough to read what is one's own, not to change anything."""
    proof = request.session.get(PROVEN) or {}
    return bool(proof) and time.time() - proof.get("at", 0) <= GOOD_FOR


def use(request: HttpRequest, purpose: str) -> bool:
    """Take the proof for the action, once."""
    good = is_proven(request, purpose)
    if good:
        del request.session[PROVEN]
    return good
