"""What a line says. Never how somebody is paid, and no number of a person."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from vendors.feed.cursor import Cursor
from vendors.models import AwayPeriod, FeedLine, Profile, Rate, Vendor, VendorState

Kind = FeedLine.Kind
WITH_VENDOR = (Kind.APPROVED, Kind.CHANGED, Kind.REINSTATED)
# What a line needs of a profile; its other columns stay in the database.
_OF_PROFILE = (
    "vendor",
    "kind",
    "country",
    "time_zone",
    "weekly_hours",
    "working_days",
    "notice",
    "minimum_fee",
    "currency",
)


def line(kind: str, *, at: dt.datetime, cursor: Cursor, pk: int, vendor: Vendor | None = None) -> dict[str, Any]:
    head = {"event": kind, "cursor": str(cursor), "vendor": pk, "at": at}
    return head | {"profile": _profile(vendor)} if vendor else head


def related(prefix: str = "") -> list[Prefetch]:
    """What a vendor's line is made of, in a few statements for many vendors."""
    today = timezone.localdate()
    return [
        Prefetch(f"{prefix}profile", Profile.objects.only(*_OF_PROFILE)),
        Prefetch(f"{prefix}language_pairs"),
        Prefetch(f"{prefix}rates", Rate.objects.select_related("pair").order_by("pair_id", "service", "unit")),
        Prefetch(f"{prefix}away_periods", AwayPeriod.objects.not_over(today=today)),
    ]


def approved_vendors() -> QuerySet[Vendor]:
    return Vendor.objects.filter(state=VendorState.APPROVED).only("name", "primary_email", "state_changed_at")


def _profile(vendor: Vendor) -> dict[str, Any]:
    """As it is now."""
    try:
        profile: Profile | None = vendor.profile
    except ObjectDoesNotExist:
        profile = None
    about = {"name": vendor.name, "primary_email": vendor.address}
    if profile is None:
        return about
    pairs = list(vendor.language_pairs.all())
    return about | {
        "kind": profile.kind,
        "country": profile.country,
        "services": sorted({service for pair in pairs for service in pair.services}),
        "pairs": [{"source": pair.source, "target": pair.target, "services": pair.services} for pair in pairs],
        "rates": [
            {
                "source": rate.pair.source,
                "target": rate.pair.target,
                "service": rate.service,
                "unit": rate.unit,
                "amount": rate.amount,
                "currency": rate.currency,
            }
            for rate in vendor.rates.all()
        ],
        "minimum_fee": {"amount": profile.minimum_fee, "currency": profile.currency} if profile.minimum_fee else None,
        "availability": {
            "time_zone": profile.time_zone,
            "weekly_hours": profile.weekly_hours,
            "working_days": profile.working_days,
            "notice": profile.notice,
            "away": [
                {
                    "kind": period.kind,
                    "first_day": period.starts_on,
                    "last_day": period.ends_on,
                    "weekly_hours": period.weekly_hours,
                }
                for period in vendor.away_periods.all()
            ],
        },
    }
