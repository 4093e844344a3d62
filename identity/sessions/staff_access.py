"""Ending the sessions of somebody of ours, keeping them out and letting them in again. Each is recorded.

A role comes with a sign-in: who has lost one in the tenant works on until the session ends, unless it is ended here.
"""

from __future__ import annotations

from django.db import transaction

from identity.models import User, UserEvent
from identity.sessions import active_sessions
from identity.text_direction import gettext as _

Kind = UserEvent.Kind


class NotStaff(Exception):
    """A vendor: suspending them is what keeps them out."""

    def __init__(self, user: User) -> None:
        super().__init__(_("%(user)s is a vendor. To keep a vendor out, suspend them.") % {"user": user})


class OwnAccess(Exception):
    """Whoever switches themselves off cannot take it back."""

    def __init__(self) -> None:
        super().__init__(_("You cannot switch off your own access. Ask a colleague."))


class SwitchedAlready(Exception):
    """They are switched off, or on, already."""

    def __init__(self, user: User) -> None:
        fact = (
            _("Access for %(user)s is not switched off.")
            if user.is_active
            else _("Access for %(user)s is already switched off.")
        )
        super().__init__(fact % {"user": user})


@transaction.atomic
def end_sessions(user: User, *, by: User | None = None, via: str = "", reason: str = "") -> int:
    """End all of them now; how many there were. Raise NotStaff."""
    _lock(user)
    ended = active_sessions.end_all(user)
    _record(user, Kind.SESSIONS_ENDED, by=by, via=via, reason=reason, data={"sessions": ended})
    return ended


@transaction.atomic
def switch_off(user: User, *, by: User | None = None, via: str = "", reason: str) -> int:
    """Let them in no more, whatever role they have, by an emergency link neither, and end their sessions.

    Returns how many there were. Raise NotStaff, OwnAccess or SwitchedAlready.
    """
    if by is not None and by.pk == user.pk:
        raise OwnAccess
    _lock(user)
    ended = 0
    for each in _switch(user, is_active=False):
        ended_now = active_sessions.end_all(each)
        _record(each, Kind.SWITCHED_OFF, by=by, via=via, reason=reason, data={"sessions": ended_now})
        ended += ended_now
    return ended


@transaction.atomic
def switch_on(user: User, *, by: User | None = None, via: str = "", reason: str = "") -> None:
    """They may sign in again, with the role that the tenant says then. Raise NotStaff or SwitchedAlready."""
    _lock(user)
    for each in _switch(user, is_active=True):
        _record(each, Kind.SWITCHED_ON, by=by, via=via, reason=reason)


def is_staff(user: User) -> bool:
    return User.objects.staff().filter(pk=user.pk).exists()


def _lock(user: User) -> None:
    """The person first, as everybody who changes accounts and sessions: a sign-in under way is waited for."""
    User.objects.select_for_update().get(pk=user.pk)
    if not is_staff(user):
        raise NotStaff(user)


def _switch(user: User, *, is_active: bool) -> list[User]:
    """Who was switched: with them, who came in by an emergency link at the same address, a user of their own."""
    changed = User.objects.filter(pk=user.pk, is_active=not is_active).update(is_active=is_active)
    user.is_active = is_active
    if not changed:
        raise SwitchedAlready(user)
    break_glass = User.objects.filter(is_emergency=True, email__iexact=user.email).exclude(pk=user.pk).exclude(email="")
    others = [other for other in break_glass.order_by("pk") if other.is_active != is_active]
    User.objects.filter(pk__in=[other.pk for other in others]).update(is_active=is_active)
    return [user, *others]


def _record(
    user: User, kind: UserEvent.Kind, *, by: User | None, via: str, reason: str, data: dict[str, int] | None = None
) -> None:
    UserEvent.objects.create(user=user, kind=kind, by=by, via=via, reason=reason[:300], data=data or {})
