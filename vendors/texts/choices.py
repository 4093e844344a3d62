"""What VM sets itself: reminder days, how long a review usually takes, how vendors invoice and whom.

Settings name `invitation_reminders` (INVITATION_REMINDERS).
"""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from vendors.texts import lifecycle

KEY = "choices"
REMINDERS = 3
LATEST_REMINDER = 60  # days; an invitation is withdrawn after 90
LONGEST_TURNAROUND = 30  # working days
LONGEST_NOTE = 2000


class Choices(NamedTuple):
    invitation_days: tuple[int, ...] = (3, 7, 14)
    onboarding_days: tuple[int, ...] = (3, 10, 21)
    turnaround_days: int = 5
    invoice_to: str = ""
    invoice_note: str = ""


ORIGINAL = Choices()


def current() -> Choices:
    """As set, or else the originals. One statement."""
    return of(lifecycle.value(KEY))


def of(stored: dict[str, Any] | None) -> Choices:
    chosen = {**ORIGINAL._asdict(), **(stored or {})}
    days = {name: tuple(chosen[name]) for name in ("invitation_days", "onboarding_days")}
    return Choices(**{**chosen, **days})


def invitation_reminders() -> tuple[dt.timedelta, ...]:
    return tuple(dt.timedelta(days=days) for days in current().invitation_days)


def onboarding_reminders() -> tuple[dt.timedelta, ...]:
    return tuple(dt.timedelta(days=days) for days in current().onboarding_days)


def invoicing() -> str:
    """Whom to invoice, then how; empty if neither is set."""
    chosen = current()
    return "\n\n".join(filter(None, [chosen.invoice_to, chosen.invoice_note]))
