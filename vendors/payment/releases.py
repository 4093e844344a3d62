"""From an account that VM approved to one that we pay to: someone other than the approver releases it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.formats import date_format

from identity.jobs.queue import defer
from identity.models import User
from identity.text_direction import gettext as _
from identity.text_direction import ours
from vendors import correspondence, lifecycle
from vendors.models import PaymentDetails, PaymentRelease, Vendor, VendorEvent, VendorState
from vendors.payment import details as payment
from vendors.payment import disputes, notice_recipients, numbers_on_file

Kind, State = VendorEvent.Kind, PaymentRelease.State

MAY_RELEASE = "vendors.release_payment"

# What settings.PAYMENT_RELEASE may be.
SECOND_PERSON, THREE_DAYS = "second_person", "three_days"
# Without a call the vendor has this long to read one of the emails and say that it was someone else.
WITHOUT_CALL = dt.timedelta(days=7)
# When the worker releases, if there is no second person.
HELD_FOR = dt.timedelta(hours=72)


class NotPending(Exception):
    """Someone else has decided, or a newer account has taken its place."""

    def __init__(self) -> None:
        super().__init__(_("This account is no longer waiting for release."))


class OwnApproval(Exception):
    """Nobody releases what they approved."""

    def __init__(self) -> None:
        super().__init__(_("You approved this change, so someone else has to release the account."))


class TooEarly(Exception):
    """Nobody called the vendor, and the wait is not over."""

    def __init__(self, earliest: dt.datetime) -> None:
        day = ours(date_format(timezone.localtime(earliest), "j F Y, H:i e"))
        super().__init__(
            _("No call has been recorded, so the account can be released on %(day)s at the earliest.") % {"day": day}
        )


class NumberNotOnFile(Exception):
    """Whoever changed the account may have changed the number as well."""

    def __init__(self) -> None:
        super().__init__(_("Choose a number that had been on file for 30 days before the call."))


class CallNotThen(Exception):
    """It was not about this account, or has not taken place."""

    def __init__(self) -> None:
        super().__init__(
            _("The call must have taken place after the vendor gave us the account, and cannot be in the future.")
        )


def hold(
    vendor: Vendor, account: Mapping[str, Any], *, about: str, named_at: dt.datetime, by: User | None
) -> PaymentRelease:
    """Another account is approved, or the first one given: it waits. One that waited before does not any more.

    Call it with the vendor locked.
    """
    superseded = pending_of(vendor)
    if superseded is not None:
        _decide(superseded, State.SUPERSEDED, by=None)
        disputes.dropped(vendor, superseded.about, by=by)
        lifecycle.record(vendor, Kind.PAYMENT_SUPERSEDED, by=by, data={"release": superseded.pk})
    in_force = PaymentDetails.objects.filter(vendor=vendor).first()
    release = PaymentRelease.objects.create(
        vendor=vendor,
        about=about,
        before=payment.in_part(in_force.details) if in_force else {},
        after=dict(account),
        named_at=named_at,
        approved_at=timezone.now(),
        approved_by=by,
    )
    lifecycle.record(vendor, Kind.PAYMENT_TO_RELEASE, by=by, data={"release": release.pk})
    return release


@transaction.atomic
def add_first(vendor: Vendor, account: Mapping[str, Any]) -> PaymentRelease | None:
    """What an approved vendor gives who had left it for later. None if there is an account in force already."""
    vendor = disputes.lock(vendor)
    lifecycle.check_approved(vendor)
    if PaymentDetails.objects.filter(vendor=vendor).exists():
        return None
    lifecycle.record(vendor, Kind.PAYMENT_ADDED, by=vendor.user)
    release = hold(vendor, account, about=disputes.ADDED, named_at=timezone.now(), by=None)
    for source in notice_recipients.of(vendor):
        defer("vendors.tasks.mail_payment_added", release_id=release.pk, source=source)
    return release


def pending_of(vendor: Vendor) -> PaymentRelease | None:
    return PaymentRelease.objects.filter(vendor=vendor, state=State.PENDING).first()


def without_account(vendors: QuerySet[Vendor]) -> QuerySet[Vendor]:
    """Those who are approved and whom we cannot pay: no account is in force, and none waits for its release."""
    waiting = PaymentRelease.objects.filter(vendor=OuterRef("pk"), state=State.PENDING)
    return vendors.filter(~Exists(waiting), state=VendorState.APPROVED, has_payment_details=False)


def earliest(release: PaymentRelease, *, by_worker: bool = False) -> dt.datetime:
    """From when it may be released: at once after a call; the worker waits, and the longer wait counts."""
    waits = [dt.timedelta(0)]
    if release.called_at is None:
        waits.append(WITHOUT_CALL)
    if by_worker:
        waits.append(HELD_FOR)
    return release.approved_at + max(waits)


def worker_releases() -> bool:
    return bool(settings.PAYMENT_RELEASE == THREE_DAYS)


@dataclass(frozen=True)
class Waiting:
    """What a vendor reads of an account that we do not use yet."""

    masked: str
    since: correspondence.Moment
    until: correspondence.Moment  # at the earliest, if no one reaches them by phone
    is_first: bool


def waiting_for_vendor(vendor: Vendor) -> Waiting | None:
    release = pending_of(vendor)
    if release is None:
        return None
    until = earliest(release, by_worker=worker_releases())
    clock = correspondence.clock(vendor)
    return Waiting(masked(release), clock(release.approved_at), clock(until), release.is_first)


@transaction.atomic
def record_call(release: PaymentRelease, *, person: str, number: str, at: dt.datetime, by: User) -> None:
    """Raise NotPending, NumberNotOnFile or CallNotThen."""
    disputes.lock(release.vendor)
    if not release.named_at.replace(second=0, microsecond=0) <= at <= timezone.now():  # typed to the minute
        raise CallNotThen
    if number not in numbers_on_file.at(release.vendor, at):
        raise NumberNotOnFile
    called = PaymentRelease.objects.filter(pk=release.pk, state=State.PENDING).update(
        called_person=person, called_number=number, called_at=at, called_by=by
    )
    if not called:
        raise NotPending
    lifecycle.record(release.vendor, Kind.PAYMENT_CALLED, by=by, data={"release": release.pk})


def check(release: PaymentRelease, *, by: User | None, now: dt.datetime | None = None) -> None:
    """May it be released now? `by` is empty for the worker. What is disputed, and accounts of vendors who are
    suspended or ended, wait. Raise NotPending, WrongState, Disputed, OwnApproval or TooEarly.
    """
    if not release.is_pending:
        raise NotPending
    if release.vendor.state != VendorState.APPROVED:
        raise lifecycle.WrongState(release.vendor)
    disputes.check_undisputed(release.vendor, release.about)
    if by is not None and by.pk == release.approved_by_id:
        raise OwnApproval
    since = earliest(release, by_worker=by is None)
    if (now or timezone.now()) < since:
        raise TooEarly(since)


@transaction.atomic
def release(waiting: PaymentRelease, *, by: User | None = None, via: str = "", now: dt.datetime | None = None) -> None:
    """We pay to this account from now on. Raise what `check` raises."""
    vendor = disputes.lock(waiting.vendor)
    waiting = PaymentRelease.objects.get(pk=waiting.pk)
    waiting.vendor = vendor
    check(waiting, by=by, now=now)
    account = dict(waiting.after)
    _decide(waiting, State.RELEASED, by=by)
    payment.adopt(vendor, account)
    disputes.adopted(vendor, by=by)
    lifecycle.record(vendor, Kind.PAYMENT_RELEASED, by=by, via=via, data={"release": waiting.pk})
    _tell(waiting)


@transaction.atomic
def refuse(waiting: PaymentRelease, *, by: User, reason: str) -> None:
    """The account is not used, and the one before stays in force. Whoever approved it may refuse it as well.

    Raise NotPending or, of an erased vendor, WrongState.
    """
    vendor = disputes.lock(waiting.vendor)
    if vendor.state == VendorState.ERASED:
        raise lifecycle.WrongState(vendor)
    waiting = PaymentRelease.objects.get(pk=waiting.pk)
    _decide(waiting, State.REFUSED, by=by, reason=reason)
    disputes.dropped(vendor, waiting.about, by=by)
    lifecycle.record(vendor, Kind.PAYMENT_REFUSED, by=by, reason=reason, data={"release": waiting.pk})
    _tell(waiting)


def release_due(*, now: dt.datetime | None = None, via: str = "") -> int:
    """Where there is no second person: what has waited long enough. How many."""
    if not worker_releases():
        return 0
    now = now or timezone.now()
    due = PaymentRelease.objects.filter(
        state=State.PENDING, approved_at__lte=now - HELD_FOR, vendor__state=VendorState.APPROVED
    )
    released = 0
    for waiting in list(due.select_related("vendor").order_by("approved_at")):
        try:
            release(waiting, via=via, now=now)
        except (NotPending, TooEarly, disputes.Disputed, lifecycle.WrongState):
            continue
        released += 1
    return released


def shown(release: PaymentRelease) -> list[tuple[str, str]]:
    """The new account, with no more of it than is masked."""
    return payment.summary(payment.in_part(release.after) if release.is_pending else release.after)


def masked(release: PaymentRelease) -> str:
    return payment.masked(release.after) if release.is_pending else payment.shown_of(release.after)


def _decide(release: PaymentRelease, state: PaymentRelease.State, *, by: User | None, reason: str = "") -> None:
    """Raise NotPending."""
    decided = PaymentRelease.objects.filter(pk=release.pk, state=State.PENDING).update(
        state=state,
        decided_at=timezone.now(),
        decided_by=by,
        reason=reason,
        after=payment.in_part(release.after),
    )
    if not decided:
        raise NotPending
    release.state = state


def _tell(release: PaymentRelease) -> None:
    for source in notice_recipients.of(release.vendor):
        defer("vendors.tasks.mail_payment_decided", release_id=release.pk, source=source)
