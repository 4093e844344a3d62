"""Holding a vendor back from erasure: while something is in dispute, under audit or still open."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format

from identity import accounts
from identity.models import User
from identity.text_direction import gettext as _
from vendors import lifecycle
from vendors.models import LockedRecord, RetentionEntry, RetentionHold, Vendor, VendorEvent, VendorState

MAY_HOLD = "vendors.hold_vendor"


class HeldAlready(Exception):
    def __init__(self) -> None:
        super().__init__(_("This vendor is already held back from erasure. Lift that hold first."))


class NotHeld(Exception):
    def __init__(self) -> None:
        super().__init__(_("This vendor is no longer held back from erasure."))


class NothingLeft(Exception):
    def __init__(self) -> None:
        super().__init__(_("This vendor has been erased, so there is nothing left to hold back."))


class Held(Exception):
    """Whoever wants to erase the vendor has to lift the hold first, and so to know of it."""

    def __init__(self, hold: RetentionHold) -> None:
        day = date_format(hold.until, "j F Y") if hold.until else ""
        super().__init__(
            (
                _("This vendor is held back from erasure until %(day)s: %(reason)s")
                if day
                else _("This vendor is held back from erasure: %(reason)s")
            )
            % {"day": day, "reason": hold.reason}
        )


def of(vendor: Vendor, *, today: dt.date | None = None) -> RetentionHold | None:
    """The hold in force."""
    today = today or timezone.localdate()
    return RetentionHold.objects.in_force(today=today).filter(vendor=vendor).select_related("by").first()


def check(vendor: Vendor) -> None:
    """Raise Held."""
    if hold := of(vendor):
        raise Held(hold)


@transaction.atomic
def place(vendor: Vendor, *, reason: str, until: dt.date | None, by: User | None) -> RetentionHold:
    """Takes the vendor off the list at once: the 30 days begin again when the hold is over.

    Raise HeldAlready or NothingLeft.
    """
    accounts.lock_person(vendor.user_id)
    vendor.refresh_from_db(fields=["state"])
    if vendor.state == VendorState.ERASED and not LockedRecord.objects.filter(vendor=vendor).exists():
        raise NothingLeft
    today = timezone.localdate()
    # One that ran out by itself makes room.
    over = RetentionHold.objects.filter(vendor=vendor, lifted_at=None, until__lt=today)
    over.update(lifted_at=timezone.now())
    try:
        with transaction.atomic():
            hold = RetentionHold.objects.create(vendor=vendor, reason=reason, until=until, by=by)
    except IntegrityError as error:
        raise HeldAlready from error
    RetentionEntry.objects.filter(vendor=vendor).delete()
    data = {"until": until.isoformat()} if until else {}
    lifecycle.record(vendor, VendorEvent.Kind.ERASURE_HELD, by=by, reason=reason, data=data)
    return hold


@transaction.atomic
def lift(hold: RetentionHold, *, by: User | None) -> None:
    """Raise NotHeld."""
    lifted = RetentionHold.objects.filter(pk=hold.pk, lifted_at=None)
    if not lifted.update(lifted_at=timezone.now(), lifted_by=by):
        raise NotHeld
    lifecycle.record(hold.vendor, VendorEvent.Kind.ERASURE_HOLD_LIFTED, by=by)
