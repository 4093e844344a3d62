"""The numbers of the page “Reports”: worked out at night by the database, kept as a few small tables.

Each is one or two statements whatever there is. What they read grows with the vendors, which is why nobody waits for
them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import Aggregate, Count, Exists, F, Func, Min, OuterRef, Q
from django.db.models.functions import TruncMonth
from django.utils import timezone

from identity.jobs.queue import defer
from identity.models import Failure
from onboarding.models import Draft, Report
from vendors.models import AwayPeriod, LanguagePair, Measure, PairStanding, Rate, Standing, VendorEvent, VendorState
from vendors.qualifications import measures

Kind = VendorEvent.Kind
Rows = list[list[Any]]

MONTHS = 12
ROWS_AT_MOST = 10_000
AGAIN_AFTER = dt.timedelta(minutes=5)
STAGES = (Kind.INVITED, Kind.SIGNED_IN_FIRST, Kind.SUBMITTED, Kind.APPROVED)
FUNNEL, DAYS, STOPS, CASES, PAIRS = "funnel", "days", "stops", "cases", "pairs"


class WorkedOutJustNow(Exception):
    """Less than five minutes ago: asking again would only keep the database busy."""


class Median(Aggregate):
    """Of numbers or of intervals."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


def work_out(*, now: dt.datetime | None = None) -> None:
    now = now or timezone.now()
    for name, rows_of in REPORTS.items():
        rows = rows_of(now)
        with transaction.atomic():
            Report.objects.update_or_create(
                name=name,
                defaults={
                    "rows": rows[:ROWS_AT_MOST],
                    "is_capped": len(rows) > ROWS_AT_MOST,
                    "computed_at": now,
                },
            )


def work_out_soon(*, now: dt.datetime | None = None) -> None:
    """Have the worker do it. Raise WorkedOutJustNow."""
    since = (now or timezone.now()) - AGAIN_AFTER
    if Report.objects.filter(computed_at__gt=since).exists():
        raise WorkedOutJustNow
    defer("onboarding.tasks.work_out_reports_now")


def _first_month(now: dt.datetime) -> dt.datetime:
    """Of the last twelve, the present one included."""
    months = now.year * 12 + now.month - MONTHS
    return dt.datetime(months // 12, months % 12 + 1, 1, tzinfo=dt.UTC)


def funnel(now: dt.datetime) -> Rows:
    """Month, then how many vendors reached each stage in it; months in which nothing happened as well."""
    since = _first_month(now)
    counted = (
        VendorEvent.objects.filter(kind__in=STAGES, at__gte=since)
        .annotate(month=TruncMonth("at"))
        .order_by()
        .values_list("month", "kind")
        .annotate(vendors=Count("vendor", distinct=True))
    )
    numbers = {(month.strftime("%Y-%m"), kind): vendors for month, kind, vendors in counted}
    months = [f"{number // 12}-{number % 12 + 1:02}" for number in _months(since)]
    return [[month, *(numbers.get((month, kind.value), 0) for kind in STAGES)] for month in months]


def _months(since: dt.datetime) -> range:
    first = since.year * 12 + since.month - 1
    return range(first, first + MONTHS)


def days_between(now: dt.datetime) -> Rows:
    """From stage to stage, and from the first to the last: how many vendors got there in these months, median days."""
    since = _first_month(now)
    first = {kind.value: Min("at", filter=Q(kind=kind)) for kind in STAGES}
    vendors = VendorEvent.objects.filter(kind__in=STAGES).order_by().values("vendor").annotate(**first)
    steps = [*zip(STAGES, STAGES[1:], strict=False), (STAGES[0], STAGES[-1])]
    wanted: dict[str, Aggregate] = {}
    for before, after in steps:
        in_order = Q(**{f"{after}__gte": since, f"{before}__lte": F(after)})
        took = F(after.value) - F(before.value)
        wanted[f"count_{before}_{after}"] = Count("vendor", filter=in_order)
        wanted[f"days_{before}_{after}"] = Median(took, filter=in_order)
    found = vendors.aggregate(**wanted)
    return [
        [before, after, found[f"count_{before}_{after}"], _in_days(found[f"days_{before}_{after}"])]
        for before, after in steps
    ]


def _in_days(took: dt.timedelta | None) -> float | None:
    return None if took is None else round(took.total_seconds() / 86400, 1)


def stops(now: dt.datetime) -> Rows:
    """The step of the wizard, and how many have been there for three days or longer; most first."""
    stopped = Draft.objects.filter(left_at__lte=now - Draft.STOPPED_AFTER, vendor__state__in=Draft.EDITABLE_IN)
    counted = stopped.order_by().values_list("current_step").annotate(vendors=Count("pk"))
    return sorted(([step, vendors] for step, vendors in counted), key=lambda row: (-row[1], row[0]))


def open_cases(now: dt.datetime) -> Rows:
    """The reason, how many are open, and since when the oldest; most first."""
    counted = Failure.objects.open().order_by().values_list("reason")
    rows = counted.annotate(cases=Count("pk"), oldest=Min("first_seen_at"))
    return sorted(([reason, cases, oldest.date().isoformat()] for reason, cases, oldest in rows), key=_most_first)


def _most_first(row: list[Any]) -> tuple[int, str]:
    return -row[1], row[0]


def pairs(now: dt.datetime) -> Rows:
    """Pair, service, approved vendors, how many of them are verified (None: by no standard), those away today; for each
    unit and currency the median rate, and of how many.

    A pair and service without rates has one row, and several units or currencies have several.
    """
    approved = {"vendor__state": VendorState.APPROVED}
    away = AwayPeriod.objects.current(today=now.date()).filter(vendor=OuterRef("vendor"), kind=AwayPeriod.Kind.AWAY)
    offered = (
        LanguagePair.objects.filter(**approved)
        .annotate(service=Func("services", function="unnest"), is_away=Exists(away))
        .order_by()
        .values_list("source", "target", "service")
        .annotate(approved=Count("vendor"), away=Count("vendor", filter=Q(is_away=True)))
    )
    verified = {
        (source, target, service): number
        for source, target, service, number in PairStanding.objects.filter(
            **approved, specialism="", state=Standing.VERIFIED
        )
        .order_by()
        .values_list("source", "target", "service")
        .annotate(verified=Count("vendor"))
    }
    rates = (
        Rate.objects.filter(pair__vendor__state=VendorState.APPROVED)
        .order_by()
        .values_list("pair__source", "pair__target", "service", "unit", "currency")
        .annotate(median=Median("amount"), rates=Count("pk"))
    )
    priced: dict[tuple[str, str, str], Rows] = {}
    for source, target, service, unit, currency, median, number in rates:
        priced.setdefault((source, target, service), []).append([unit, currency, round(float(median), 4), number])
    rows: Rows = []
    for source, target, service, number, gone in offered:
        is_judged = measures.of_service(service) != Measure.NONE
        qualified = verified.get((source, target, service), 0) if is_judged else None
        for price in sorted(priced.get((source, target, service), [["", "", None, 0]]), key=lambda row: -row[3]):
            rows.append([source, target, service, number, qualified, gone, *price])
    return sorted(rows, key=lambda row: (-row[3], *row[:3]))


REPORTS: dict[str, Callable[[dt.datetime], Rows]] = {
    FUNNEL: funnel,
    DAYS: days_between,
    STOPS: stops,
    CASES: open_cases,
    PAIRS: pairs,
}
