"""How a vendor is spoken to: by which name, and in which time. One rule for pages and emails."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from identity.mail import from_outside
from vendors.models import Profile, Vendor
from vendors.onboarding_interface import onboarding


@dataclass(frozen=True)
class Moment:
    """A time as the vendor's clock shows it; `zone` says which clock that is."""

    day: str
    time: str
    zone: str


def greeting(vendor: Vendor) -> str:
    """For emails to an address that the vendor signs in with; to any other, `greeting_without_name`."""
    return greeting_by(called(vendor))


def called(vendor: Vendor) -> str:
    """What the approved profile says they want to be called, else their full name there, else the same as they typed
    it last, else the name that VM gave.
    """
    profile = _profile(vendor)
    name = (profile.display_name or profile.full_name) if profile else onboarding().said(vendor).name
    return name or vendor.name


def greeting_by(name: str) -> str:
    called = " ".join(from_outside.name(name).split())
    return _("Hello %(name)s,") % {"name": called} if called else greeting_without_name()


def greeting_without_name() -> str:
    """Nothing shows yet, or any more, whose mailbox it is."""
    return _("Hello,")


def moment(at: dt.datetime, vendor: Vendor) -> Moment:
    return clock(vendor)(at)


def clock(vendor: Vendor) -> Callable[[dt.datetime], Moment]:
    """For a page with many moments."""
    return partial(moment_in, time_zone=_time_zone(vendor))


def today(vendor: Vendor) -> dt.date:
    """Where the vendor is, so that nobody's today is in the past."""
    return today_in(_time_zone(vendor))


def today_in(time_zone: str) -> dt.date:
    zone, _label = _zone(time_zone)
    return timezone.localdate(timezone=zone)


def _time_zone(vendor: Vendor) -> str:
    profile = _profile(vendor)
    return profile.time_zone if profile else onboarding().said(vendor).time_zone


def moment_in(at: dt.datetime, time_zone: str) -> Moment:
    """UTC where the zone is unknown."""
    zone, label = _zone(time_zone)
    local = timezone.localtime(at, zone)
    return Moment(day=date_format(local, "j F Y"), time=date_format(local, "H:i"), zone=label)


def _zone(time_zone: str) -> tuple[dt.tzinfo, str]:
    try:
        zone = zoneinfo.ZoneInfo(time_zone)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return dt.UTC, "UTC"
    place = time_zone.rpartition("/")[2].replace("_", " ")
    return zone, _("%(place)s time") % {"place": place}


def _profile(vendor: Vendor) -> Profile | None:
    profiles = Profile.objects.filter(vendor=vendor.pk)
    return profiles.only("display_name", "full_name", "time_zone").first()
