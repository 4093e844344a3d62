"""Time away: the vendor says it, nobody approves it, and VM and project managers see it."""

from __future__ import annotations

import datetime as dt

from django.apps import apps
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from identity.models import protected_rows
from vendors import lifecycle
from vendors.models import AwayPeriod, AwayPeriodQuerySet, Vendor, VendorEvent

Kind = AwayPeriod.Kind

AT_MOST = 50  # that are not over
LONGEST_AHEAD = dt.timedelta(days=3 * 365)
KEPT_FOR = dt.timedelta(days=365)  # after the last day


class Overlaps(Exception):
    """With another time of being partly available: nobody can know which hours count."""

    def __init__(self, other: AwayPeriod) -> None:
        self.other = other
        super().__init__(
            _("You have already said that you are partly available %(days)s. Change that, or choose other days.")
            % {"days": in_words(other)}
        )


class TooMany(Exception):
    def __init__(self) -> None:
        super().__init__(
            _("You already have %(count)s periods of time away coming up. Remove one first.") % {"count": AT_MOST}
        )


class Gone(Exception):
    """Removed in another tab, or joined with another one."""

    def __init__(self) -> None:
        super().__init__(_("That time away no longer exists. It may have been removed, or combined with another."))


def in_words(period: AwayPeriod) -> str:
    first, last = (date_format(day, "j F Y") for day in (period.starts_on, period.ends_on))
    if period.starts_on == period.ends_on:
        return _("on %(day)s") % {"day": first}
    return _("from %(first)s to %(last)s") % {"first": first, "last": last}


@transaction.atomic
def save(vendor: Vendor, period: AwayPeriod, *, today: dt.date) -> list[AwayPeriod]:
    """Add or change it. Which times away it was joined with, since they overlapped: those are gone.

    Raise Overlaps, TooMany, Gone or lifecycle.WrongState. What is partly available may overlap with what is away.
    """
    lifecycle.check_approved(vendor)
    others = AwayPeriod.objects.filter(vendor=vendor).exclude(pk=period.pk)
    if period.pk and not AwayPeriod.objects.filter(pk=period.pk, vendor=vendor).exists():
        raise Gone
    if not period.pk and others.not_over(today=today).count() >= AT_MOST:
        raise TooMany
    joined = _join(period, others)
    is_new = period.pk is None
    period.vendor = vendor
    period.save()
    kind = VendorEvent.Kind.AWAY_ADDED if is_new else VendorEvent.Kind.AWAY_CHANGED
    lifecycle.record(vendor, kind, by=vendor.user)
    return joined


def _join(period: AwayPeriod, others: AwayPeriodQuerySet) -> list[AwayPeriod]:
    overlapping = list(others.filter(kind=period.kind, starts_on__lte=period.ends_on, ends_on__gte=period.starts_on))
    if overlapping and period.is_partly:
        raise Overlaps(overlapping[0])
    if overlapping:
        period.starts_on = min(period.starts_on, *(other.starts_on for other in overlapping))
        period.ends_on = max(period.ends_on, *(other.ends_on for other in overlapping))
        notes = dict.fromkeys(filter(None, [period.note, *(other.note for other in overlapping)]))
        period.note = "; ".join(notes)[: AwayPeriod._meta.get_field("note").max_length]
        AwayPeriod.objects.filter(pk__in=[other.pk for other in overlapping]).delete()
    return overlapping


@transaction.atomic
def remove(vendor: Vendor, period: AwayPeriod) -> None:
    """Raise Gone or lifecycle.WrongState."""
    lifecycle.check_approved(vendor)
    if not AwayPeriod.objects.filter(pk=period.pk, vendor=vendor).delete()[0]:
        raise Gone
    lifecycle.record(vendor, VendorEvent.Kind.AWAY_REMOVED, by=vendor.user)


@transaction.atomic
def come_back(vendor: Vendor, period: AwayPeriod, *, today: dt.date) -> None:
    """Earlier than planned: yesterday was the last day. Raise Gone or lifecycle.WrongState."""
    if period.starts_on >= today:
        remove(vendor, period)
        return
    lifecycle.check_approved(vendor)
    ended = AwayPeriod.objects.filter(pk=period.pk, vendor=vendor, ends_on__gte=today, starts_on__lt=today)
    if not ended.update(ends_on=today - dt.timedelta(days=1)):
        raise Gone
    lifecycle.record(vendor, VendorEvent.Kind.AWAY_CHANGED, by=vendor.user)


def until(periods: list[AwayPeriod], *, today: dt.date) -> tuple[Promise | str, dt.date] | None:
    """What somebody is today, by these periods, and until when; away counts before partly available."""
    current = [period for period in periods if period.starts_on <= today <= period.ends_on]
    if not current:
        return None
    away = [period for period in current if not period.is_partly]
    chosen = away or current
    return chosen[0].get_kind_display(), max(period.ends_on for period in chosen)


def forget_old(*, now: dt.datetime | None = None, dry_run: bool = False) -> int:
    """What was over a year ago, with its history: nobody plans by it any more, and its note may be personal."""
    old = AwayPeriod.objects.filter(ends_on__lt=(now or timezone.now()).date() - KEPT_FOR)
    ids = list(old.values_list("pk", flat=True))
    if ids and not dry_run:
        with protected_rows.lifted():
            old.delete()
            apps.get_model("vendors", "AwayPeriodHistory")._base_manager.filter(id__in=ids).delete()
    return len(ids)
