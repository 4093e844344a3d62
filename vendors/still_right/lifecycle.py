""" "Is this still right?": asked a year after the last answer, or when VM wants to know; answered in one press."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from identity.compiled_queries import Compiled, Given
from identity.jobs.queue import defer
from identity.models import User
from identity.text_direction import gettext as _
from vendors import lifecycle
from vendors.models import ProfileCheck, Vendor, VendorEvent, VendorState

Answer = ProfileCheck.Answer
Kind = VendorEvent.Kind

EVERY = dt.timedelta(days=365)
ANSWER_WITHIN = dt.timedelta(days=30)
REMIND_AFTER = (dt.timedelta(days=10), dt.timedelta(days=20))


class AskedAlready(Exception):
    """The vendor has not answered yet; the reminders go out by themselves."""

    def __init__(self, vendor: Vendor) -> None:
        super().__init__(_("%(vendor)s has been asked and has not answered yet.") % {"vendor": vendor})


class NotAsked(Exception):
    """Answered in another tab."""

    def __init__(self) -> None:
        super().__init__(_("You have already answered. Thank you."))


OPEN = Compiled(lambda: ProfileCheck.objects.filter(vendor=Given("vendor"), answered_at=None)[:1])


def open_check(vendor: Vendor) -> ProfileCheck | None:
    return OPEN.first(vendor=vendor.pk)


@transaction.atomic
def ask(vendor: Vendor, *, by: User | None = None, now: dt.datetime | None = None) -> ProfileCheck:
    """Raise AskedAlready or lifecycle.WrongState."""
    lifecycle.check_approved(vendor)
    if open_check(vendor) is not None:
        raise AskedAlready(vendor)
    now = now or timezone.now()
    check = ProfileCheck.objects.create(vendor=vendor, asked_at=now, due_at=now + ANSWER_WITHIN, by=by)
    lifecycle.record(vendor, Kind.ASKED_IF_STILL_RIGHT, by=by)
    defer("vendors.tasks.mail_still_right", check_id=check.pk, number=0)
    return check


@transaction.atomic
def ask_about_carried_over(vendor: Vendor, *, now: dt.datetime | None = None) -> None:
    """At the first sign-in. Nothing is mailed: the vendor is here, and the question is the page that comes next."""
    now = now or timezone.now()
    is_new = ProfileCheck.objects.get_or_create(
        vendor=vendor, answered_at=None, defaults={"asked_at": now, "due_at": now + ANSWER_WITHIN}
    )[1]
    if is_new:
        lifecycle.record(vendor, Kind.ASKED_IF_STILL_RIGHT)


def note_pages(vendor: Vendor, pages: Iterable[str], *, asked: Iterable[str]) -> bool:
    """The vendor has looked at these pages of a profile that was carried over. Are those all that are asked? Call it
    with the vendor locked.
    """
    check = open_check(vendor)
    if check is None:
        return False
    check.pages = sorted({*check.pages, *pages})
    check.save(update_fields=["pages"])
    return set(asked) <= set(check.pages)


@transaction.atomic
def confirm(vendor: Vendor) -> None:
    """The vendor says that all of it is right. Raise NotAsked or lifecycle.WrongState."""
    lifecycle.check_approved(vendor)
    if not _answer(vendor, Answer.CONFIRMED):
        raise NotAsked
    lifecycle.record(vendor, Kind.STILL_RIGHT, by=vendor.user)


def note_changes_sent(vendor: Vendor, *, changed: Iterable[str] = (), asked: Iterable[str] = ()) -> None:
    """Who sends changes has gone through the profile: what was left is still right. Call it with the vendor locked.

    A profile that was carried over is confirmed page by page, so there it is the answer about the changed pages alone.
    """
    if vendor.is_carried_over and not note_pages(vendor, changed, asked=asked):
        return
    if _answer(vendor, Answer.CHANGED):
        lifecycle.record(vendor, Kind.STILL_RIGHT, by=vendor.user, data={"changed": True})


def ask_due(*, now: dt.datetime | None = None) -> int:
    """Ask everybody whose last answer, or approval, was a year ago; how many. Idempotent."""
    now = now or timezone.now()
    waiting = ProfileCheck.objects.filter(vendor=OuterRef("pk"), answered_at=None)
    due = Vendor.objects.filter(~Exists(waiting), state=VendorState.APPROVED, confirmed_at__lte=now - EVERY)
    asked = 0
    for vendor in due.select_related("user").order_by("confirmed_at").iterator():
        try:
            ask(vendor, now=now)
        except (AskedAlready, lifecycle.WrongState):  # VM was first, or suspended them in this moment
            continue
        asked += 1
    return asked


def remind_due(*, now: dt.datetime | None = None) -> int:
    """Queue what is due, never the same twice. Whoever missed one (no worker for weeks) gets one, not two."""
    now = now or timezone.now()
    reminded = 0
    for number, after in reversed(list(enumerate(REMIND_AFTER, start=1))):
        due = ProfileCheck.objects.open().filter(asked_at__lte=now - after, reminders_sent__lt=number)
        for check in due.order_by("asked_at").iterator():
            reminded += _remind(check, number)
    return reminded


@transaction.atomic
def _remind(check: ProfileCheck, number: int) -> int:
    """Not if it was answered, or reminded of, since it was read."""
    as_read = ProfileCheck.objects.filter(pk=check.pk, answered_at=None, reminders_sent=check.reminders_sent)
    first = as_read.update(reminders_sent=number)
    if first:
        defer("vendors.tasks.mail_still_right", check_id=check.pk, number=number)
    return first


def _answer(vendor: Vendor, answer: ProfileCheck.Answer) -> bool:
    now = timezone.now()
    answered = ProfileCheck.objects.filter(vendor=vendor, answered_at=None).update(answered_at=now, answer=answer)
    if answered:
        Vendor.objects.filter(pk=vendor.pk).update(confirmed_at=now)
    return bool(answered)
