"""When a colleague is away, and who looks after their vendors meanwhile."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from identity.models import User
from identity.text_direction import gettext as _
from vendors.models import Absence

KEPT_FOR = dt.timedelta(days=365)  # after the last day


class Overlaps(Exception):
    """The colleague is away on some of these days already."""

    def __init__(self, other: Absence) -> None:
        super().__init__(
            _("%(colleague)s is already away %(days)s. Remove that first, or choose other days.")
            % {"colleague": other.colleague, "days": in_words(other)}
        )


class Gone(Exception):
    def __init__(self) -> None:
        super().__init__(_("A colleague has already removed this absence."))


def in_words(absence: Absence) -> str:
    first, last = (date_format(day, "j F Y") for day in (absence.starts_on, absence.ends_on))
    if first == last:
        return gettext("on %(day)s") % {"day": first}
    return gettext("from %(first)s to %(last)s") % {"first": first, "last": last}


@transaction.atomic
def add(colleague: User, *, starts_on: dt.date, ends_on: dt.date, cover: User | None, by: User) -> Absence:
    """Raise Overlaps. Two colleagues who add one at once wait for each other."""
    User.objects.select_for_update().get(pk=colleague.pk)
    others = Absence.objects.filter(colleague=colleague, starts_on__lte=ends_on, ends_on__gte=starts_on)
    if other := others.select_related("colleague").first():
        raise Overlaps(other)
    return Absence.objects.create(colleague=colleague, starts_on=starts_on, ends_on=ends_on, cover=cover, set_by=by)


def remove(absence_id: int) -> None:
    """Raise Gone."""
    if not Absence.objects.filter(pk=absence_id).delete()[0]:
        raise Gone


def covers(*, today: dt.date) -> dict[int, int | None]:
    """Of everyone who is away today, who covers for them. One statement; colleagues are few."""
    return dict(Absence.objects.current(today=today).values_list("colleague", "cover"))


def looks_after(user_id: int, away: Mapping[int, int | None]) -> int | None:
    """Who does what would be theirs today: they themselves, their cover, or the cover's cover. None: nobody."""
    seen: set[int] = set()
    current: int | None = user_id
    while current is not None and current in away:
        if current in seen:
            return None
        seen.add(current)
        current = away[current]
    return current


def forget_old(*, now: dt.datetime | None = None, dry_run: bool = False) -> int:
    """What was over a year ago."""
    old = Absence.objects.filter(ends_on__lt=(now or timezone.now()).date() - KEPT_FOR)
    return old.count() if dry_run else old.delete()[0]
