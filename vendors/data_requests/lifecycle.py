"""Requests about personal data: received, extended, answered or refused, and by when.

Nothing is given out or deleted by a request. What the answer needs is done by operations, with export_vendor and
erase_vendor.
"""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format

from identity import accounts
from identity.jobs.queue import defer
from identity.models import User
from identity.text_direction import gettext as _
from identity.text_direction import ours
from vendors import lifecycle
from vendors.models import DataRequest, LockedRecord, Vendor, VendorEvent, VendorState
from vendors.privacy import periods

Kind = DataRequest.Kind
State = DataRequest.State
MAY_ANSWER = "vendors.answer_datarequest"
MAY_SEE = "vendors.view_datarequest"
# GDPR, Art. 12(3): within one month of receipt; by two further months where necessary.
MONTHS, FURTHER_MONTHS = 1, 2


class AlreadyOpen(Exception):
    def __init__(self, kind: str) -> None:
        super().__init__(
            _("A request for this (%(kind)s) is already open. Answer that one first.")
            % {"kind": ours(Kind(kind).label)}
        )


class NothingHeld(Exception):
    def __init__(self) -> None:
        super().__init__(_("This vendor has been erased, so there is nothing left to ask for."))


class NotOpen(Exception):
    def __init__(self) -> None:
        super().__init__(_("This request has been answered already."))


class ExtendedAlready(Exception):
    def __init__(self) -> None:
        super().__init__(
            _("The deadline for this request has already been extended once, so it cannot be extended again.")
        )


class TooLate(Exception):
    def __init__(self) -> None:
        super().__init__(
            _("The deadline has passed. It can only be extended before then, because the vendor must be told in time.")
        )


def open_of(vendor: Vendor) -> list[DataRequest]:
    return list(DataRequest.objects.open().filter(vendor=vendor).order_by("due_on", "pk"))


def due_on(received_on: dt.date, *, extended: bool = False) -> dt.date:
    return periods.after(received_on, MONTHS + (FURTHER_MONTHS if extended else 0))


@transaction.atomic
def record(
    vendor: Vendor,
    *,
    kind: Kind | str,
    received_on: dt.date,
    identity: DataRequest.Identity | str,
    identity_note: str = "",
    by: User | None,
) -> DataRequest:
    """Raise AlreadyOpen or NothingHeld."""
    accounts.lock_person(vendor.user_id)
    vendor.refresh_from_db(fields=["state"])
    if vendor.state == VendorState.ERASED and not LockedRecord.objects.filter(vendor=vendor).exists():
        raise NothingHeld
    try:
        with transaction.atomic():
            request = DataRequest.objects.create(
                vendor=vendor,
                kind=kind,
                received_on=received_on,
                identity=identity,
                identity_note=identity_note,
                due_on=due_on(received_on),
                by=by,
            )
    except IntegrityError as error:
        raise AlreadyOpen(kind) from error
    _write_down(request, VendorEvent.Kind.DATA_REQUESTED, by=by)
    return request


@transaction.atomic
def ask(vendor: Vendor, *, kind: Kind | str) -> DataRequest:
    """The vendor's own press, signed in. VM is emailed once. Raise AlreadyOpen."""
    request = record(
        vendor,
        kind=kind,
        received_on=timezone.localdate(),
        identity=DataRequest.Identity.SIGNED_IN,
        by=vendor.user,
    )
    defer("vendors.tasks.mail_data_request", data_request_id=request.pk)
    return request


@transaction.atomic
def extend(request: DataRequest, *, why: str, by: User | None) -> None:
    """Once, before the month is over. Raise NotOpen, ExtendedAlready or TooLate."""
    request.refresh_from_db()
    if not request.is_open:
        raise NotOpen
    if request.extended_at:
        raise ExtendedAlready
    if request.due_on < timezone.localdate():
        raise TooLate
    open_one = DataRequest.objects.open().filter(pk=request.pk, extended_at=None)
    later = due_on(request.received_on, extended=True)
    if not open_one.update(due_on=later, extended_at=timezone.now(), extended_why=why):
        raise NotOpen
    request.refresh_from_db()
    _write_down(request, VendorEvent.Kind.DATA_REQUEST_EXTENDED, by=by, reason=why)


@transaction.atomic
def answer(request: DataRequest, *, what: str, by: User | None) -> None:
    """Say what was done. Raise NotOpen."""
    _close(request, State.ANSWERED, text=what, by=by)
    _write_down(request, VendorEvent.Kind.DATA_REQUEST_ANSWERED, by=by, reason=what)


@transaction.atomic
def refuse(request: DataRequest, *, why: str, by: User | None) -> None:
    """Raise NotOpen."""
    _close(request, State.REFUSED, text=why, by=by)
    _write_down(request, VendorEvent.Kind.DATA_REQUEST_REFUSED, by=by, reason=why)


def _close(request: DataRequest, state: State, *, text: str, by: User | None) -> None:
    closed = DataRequest.objects.open().filter(pk=request.pk)
    if not closed.update(state=state, answer=text, closed_at=timezone.now(), closed_by=by):
        raise NotOpen
    request.refresh_from_db()


def _write_down(request: DataRequest, kind: VendorEvent.Kind, *, by: User | None, reason: str = "") -> None:
    data = {"asked_for": request.kind, "due": request.due_on.isoformat()}
    lifecycle.record(request.vendor, kind, by=by, reason=reason, data=data)


def in_words(day: dt.date) -> str:
    return date_format(day, "j F Y")
