"""The list of what is about to go, and the night in which it goes.

Nothing goes that has not been on the list for 30 days, and nothing that would not be put on it again today. So a
mistake in a setting, or in here, shows on VM's first page a month before it does harm; and if more is due in one night
than is likely, nothing goes and operations are told.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import DateTimeField, Exists, Max, OuterRef, QuerySet, Subquery, Value
from django.utils import timezone

from identity import accounts
from identity.failures import cases
from identity.models import EntraAccount, Failure, Invitation
from vendors import lifecycle
from vendors.models import LockedRecord, RetentionEntry, RetentionHold, Vendor, VendorState
from vendors.privacy import erasure, locks, periods

What = RetentionEntry.What
VIA = "purge"
# Kept for ever, and without a word about whom.
REASONS = {
    What.DECLINED: "No longer kept: the application was closed (KEEP_DECLINED_MONTHS).",
    What.NEVER_SIGNED_IN: "No longer kept: never signed in (KEEP_NEVER_SIGNED_IN_MONTHS).",
    What.ENDED: "No longer kept: the work has ended (KEEP_ENDED_PROFILE_MONTHS).",
}
COUNTED = {What.DECLINED: "declined_vendors", What.NEVER_SIGNED_IN: "vendors_never_signed_in"}
COUNTED |= {What.ENDED: "ended_vendors"}
OF_WHAT_IS_LOCKED = "locked_records"
STOPPED = "stopped_by_the_brake"
NEVER_IN = (VendorState.PREPARED, VendorState.INVITED)
SHARE = 20  # one in so many of all vendors
ALWAYS_ALLOWED = 5  # or few vendors would never lose one
AT_A_TIME = 500


@dataclass(frozen=True)
class Due:
    vendor_id: int
    what: str
    counted_from: dt.date
    due_on: dt.date  # the first night on which it may go


# Who is due


def due(*, today: dt.date) -> Iterator[Due]:
    """Whatever goes within the next 30 days, if nothing happens. A constant number of statements."""
    horizon = today + periods.LISTED_FOR
    held = dict(RetentionHold.objects.in_force(today=today).values_list("vendor", "until"))
    for found in _within(horizon):
        until = held.get(found.vendor_id, today)
        if until is None:
            continue
        day = max(found.due_on, until + dt.timedelta(days=1)) if found.vendor_id in held else found.due_on
        if day <= horizon:
            yield Due(found.vendor_id, found.what, found.counted_from, day)


def _within(horizon: dt.date) -> Iterator[Due]:
    for what in RetentionEntry.OF_VENDORS:
        number = periods.months(periods.OF_A_VENDOR[what])
        before = periods.at_most_before(horizon, number)
        for pk, since, invited_until in _vendors(what, before).iterator(chunk_size=AT_A_TIME):
            counted_from = timezone.localtime(max(since, invited_until) if invited_until else since).date()
            yield Due(pk, what, counted_from, periods.of_vendor(what, counted_from))
    records = LockedRecord.objects.filter(until__lt=horizon)
    for pk, section, counted_from, until in records.values_list("vendor", "section", "counted_from", "until"):
        yield Due(pk, f"locked_{section}", counted_from, until + dt.timedelta(days=1))


def _vendors(what: str, before: dt.date) -> QuerySet:
    """Id, since when they are what they are, and when their last invitation ended, where that counts."""
    day = timezone.make_aware(dt.datetime.combine(before + dt.timedelta(days=1), dt.time()))
    old = Vendor.objects.filter(state_changed_at__lt=day).order_by()
    if what == What.NEVER_SIGNED_IN:
        open_invitation = Invitation.objects.open().filter(user=OuterRef("user"))
        used = EntraAccount.objects.filter(user=OuterRef("user"), first_sign_in_at__isnull=False)
        found = old.filter(~Exists(open_invitation), ~Exists(used), state__in=NEVER_IN)
        last = (
            Invitation.objects.filter(user=OuterRef("user")).order_by().values("user").annotate(last=Max("closed_at"))
        )
        found = found.annotate(_invited_until=Subquery(last.values("last")))
    else:
        state = VendorState.DECLINED if what == What.DECLINED else VendorState.ENDED
        found = old.filter(state=state).annotate(_invited_until=Value(None, DateTimeField()))
    return found.values_list("pk", "state_changed_at", "_invited_until")


# The list


def refresh(*, today: dt.date) -> None:
    """Put on the list whatever goes within 30 days, and take off it what does not any more."""
    known = {(entry.vendor_id, entry.what): entry for entry in RetentionEntry.objects.all()}
    new, moved = [], []
    for found in due(today=today):
        entry = known.pop((found.vendor_id, found.what), None)
        if entry is None or entry.counted_from != found.counted_from:
            # Reopened and closed again meanwhile: it is another end, and VM sees it for 30 days of its own.
            listed_on = today
        else:
            listed_on = entry.listed_on
        goes_on = max(found.due_on, listed_on + periods.LISTED_FOR)
        if entry is None:
            new.append(_entry(found, listed_on=listed_on, goes_on=goes_on))
        elif (entry.counted_from, entry.goes_on) != (found.counted_from, goes_on):
            entry.counted_from, entry.listed_on, entry.goes_on = found.counted_from, listed_on, goes_on
            moved.append(entry)
    with transaction.atomic():
        RetentionEntry.objects.filter(pk__in=[entry.pk for entry in known.values()]).delete()
        RetentionEntry.objects.bulk_update(moved, ["counted_from", "listed_on", "goes_on"], batch_size=AT_A_TIME)
        RetentionEntry.objects.bulk_create(new, batch_size=AT_A_TIME, ignore_conflicts=True)


def _entry(found: Due, *, listed_on: dt.date, goes_on: dt.date) -> RetentionEntry:
    return RetentionEntry(
        vendor_id=found.vendor_id,
        what=found.what,
        counted_from=found.counted_from,
        listed_on=listed_on,
        goes_on=goes_on,
    )


# The night


class NotDue(Exception):
    """Held, reopened or signed in since the list was made."""


def carry_out(*, now: dt.datetime | None = None, dry_run: bool = False, at_most: int | None = None) -> dict[str, int]:
    """Bring the list up to date, and let go what has been on it for 30 days. A dry run counts the same.

    If more is due than `at_most`, or PURGE_AT_MOST and 5 % of all vendors, nothing goes and operations are told.
    """
    today = timezone.localdate(now)
    if not dry_run:
        refresh(today=today)
    entries = list(_tonight(today, check=dry_run))
    counts = dict.fromkeys((*COUNTED.values(), OF_WHAT_IS_LOCKED, STOPPED), 0)
    allowed = allowance() if at_most is None else at_most
    if len(entries) > allowed:
        counts[STOPPED] = len(entries)
        if not dry_run:
            cases.report(
                stage=Failure.Stage.RUNNING,
                reason="purge_stopped",
                detail={"due": len(entries), "allowed": allowed},
            )
        return counts
    for entry in entries:
        if dry_run or _let_go(entry, today=today):
            counts[COUNTED.get(What(entry.what), OF_WHAT_IS_LOCKED)] += 1
    return counts


def allowance() -> int:
    """How many may go in one night without somebody having looked."""
    vendors = Vendor.objects.exclude(state=VendorState.ERASED).count()
    return min(int(settings.PURGE_AT_MOST), max(ALWAYS_ALLOWED, vendors // SHARE))


def _tonight(today: dt.date, *, check: bool) -> Iterator[RetentionEntry]:
    """With `check`, only those that bringing the list up to date would leave there."""
    entries = RetentionEntry.objects.filter(goes_on__lte=today).select_related("vendor__user").order_by("goes_on", "pk")
    found = {(each.vendor_id, each.what): each for each in due(today=today)} if check else {}
    for entry in entries:
        still = found.get((entry.vendor_id, entry.what))
        if not check or (still and still.counted_from == entry.counted_from and still.due_on <= today):
            yield entry


def _let_go(entry: RetentionEntry, *, today: dt.date) -> bool:
    """Whether it is gone, or on its way: what a task still holds up is finished by the worker."""
    what = What(entry.what)
    try:
        if what in RetentionEntry.OF_VENDORS:
            erasure.erase(
                entry.vendor,
                reason=REASONS[what],
                via=VIA,
                sections=locks.IN_TIME,
                check=lambda: _check(entry, today=today),
                patiently=False,
            )
        else:
            with transaction.atomic():
                accounts.lock_person(entry.vendor.user_id)
                _check_hold(entry, today=today)
                record = LockedRecord.objects.get(vendor=entry.vendor, section=what.removeprefix("locked_"))
                locks.forget(record, via=VIA)
    except (NotDue, lifecycle.WrongState, LockedRecord.DoesNotExist):
        return False
    except erasure.StillBusy:
        pass
    return True


def _check(entry: RetentionEntry, *, today: dt.date) -> None:
    """Once more, with the person locked: nobody holds, reopens or lets in the vendor from here on. Raise NotDue."""
    _check_hold(entry, today=today)
    before = periods.at_most_before(today, periods.months(periods.OF_A_VENDOR[What(entry.what)]))
    if not _vendors(entry.what, before).filter(pk=entry.vendor_id).exists():
        raise NotDue


def _check_hold(entry: RetentionEntry, *, today: dt.date) -> None:
    listed = RetentionEntry.objects.filter(pk=entry.pk, goes_on__lte=today).exists()
    if not listed or RetentionHold.objects.in_force(today=today).filter(vendor=entry.vendor_id).exists():
        raise NotDue
