"""Whose vendors are mine today: my own, and those of whom I cover for. Settings name `of_people` (OWNED_BY)."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q
from django.utils import timezone

from identity.models import User
from vendors.colleagues import absences


def mine(user: User, *, today: dt.date | None = None) -> list[int]:
    """The owners whose vendors this colleague looks after. One statement."""
    away = absences.covers(today=today or timezone.localdate())
    covered = [owner for owner in away if absences.looks_after(owner, away) == user.pk]
    return [user.pk, *covered]


def of_people(user: User, *, person: str = "user") -> Q:
    """Rows that have a person who is one of these vendors; `person` leads to them."""
    return Q(**{f"{person}__vendor__owner__in": mine(user)})


def of_vendors(user: User, *, vendor: str = "vendor") -> Q:
    return Q(**{f"{vendor}__owner__in" if vendor else "owner__in": mine(user)})
