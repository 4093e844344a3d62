"""Which colleague is on a case, and what they wrote down. Nobody's work is overwritten unseen."""

from __future__ import annotations

import hashlib

from django.db import transaction
from django.db.models import Q

from identity.models import Failure, User
from identity.text_direction import gettext as _


class TakenMeanwhile(Exception):
    """A colleague is on the case since the page was opened, or has let go of it."""

    def __init__(self) -> None:
        super().__init__(_("A colleague has changed who is on this case. This page now shows the current owner."))


def take(failure: Failure, *, by: User, seen: int | None) -> None:
    """From now on `by` is on it. `seen` is who was on it when they decided. Raise TakenMeanwhile."""
    as_seen = Failure.objects.open().filter(pk=failure.pk, assigned_to=seen)
    if not as_seen.update(assigned_to=by):
        raise TakenMeanwhile


class ChangedMeanwhile(Exception):
    """Someone else has saved other notes or another owner since the page was opened."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "A colleague has changed the notes or the owner since you opened this page. Nothing has been saved "
                "yet. What you wrote is still below: compare it with theirs, then save again."
            )
        )


def version_of_work(failure: Failure) -> str:
    """Changes with the notes and the owner."""
    return hashlib.sha256(f"{failure.assigned_to_id}\n{failure.notes}".encode()).hexdigest()[:16]


@transaction.atomic
def work_on(failure: Failure, *, owner: User | None, notes: str, seen: str) -> None:
    """Keep who looks after it and what was found out. `seen` is the version changed. Raise ChangedMeanwhile."""
    locked = Failure.objects.select_for_update().get(pk=failure.pk)
    if version_of_work(locked) != seen:
        raise ChangedMeanwhile
    locked.assigned_to, locked.notes = owner, notes
    locked.save(update_fields=["assigned_to", "notes"])


def theirs_or_taken(theirs: Q, *, by: User) -> Q:
    """Cases that are this colleague's in some way, or that they are on. Each way has an index; an OR has none."""
    taken = Failure.objects.filter(assigned_to=by).order_by().values("pk")
    return Q(pk__in=Failure.objects.filter(theirs).order_by().values("pk").union(taken, all=True))
