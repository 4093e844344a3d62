"""Reminders of a wizard left half-way, by the days that VM has set, then a case for VM."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from identity.failures import cases, mail_to_person
from identity.invitations.reminders import Sent
from identity.jobs.queue import defer
from identity.mail import message_ids
from identity.models import Failure, User
from identity.text_direction import gettext as _
from onboarding.draft import progress
from onboarding.draft.steps import COMPLETED, STEPS, read
from onboarding.models import Draft
from vendors import correspondence, lifecycle
from vendors.documents import lifecycle as documents
from vendors.models import Vendor, VendorEvent, VendorState
from vendors.onboarding_interface import CannotRemind
from vendors.texts import choices

NO_REACTION_AFTER = dt.timedelta(days=7)  # from the last reminder
APART = dt.timedelta(days=2)  # from one that VM had sent
BY_HAND_EVERY = dt.timedelta(days=1)
STUCK = "stuck"


class RemindedAlready(CannotRemind):
    """Twice in a day is a nuisance; and somebody who has gone on this minute needs no reminder."""

    def __init__(self, vendor: Vendor) -> None:
        super().__init__(_("%(vendor)s was reminded less than a day ago, or has just continued.") % {"vendor": vendor})


def send_due(*, now: dt.datetime | None = None, dry_run: bool = False) -> Sent:
    """Queue what is due, never the same twice. Whoever missed some (no worker for weeks) gets one. Idempotent."""
    now = now or timezone.now()
    sent = Sent()
    unopened = Vendor.objects.filter(
        state=VendorState.ONBOARDING, state_changed_at__lte=now - Draft.STOPPED_AFTER, draft=None
    )
    days = choices.onboarding_reminders()
    if dry_run:
        sent.reminders += unopened.count()
    else:
        Draft.objects.bulk_create((_unopened_draft(vendor) for vendor in unopened.iterator()), ignore_conflicts=True)
    unfinished = Draft.objects.unfinished().defer("answers")
    rested = Q(reminded_at=None) | Q(reminded_at__lte=now - APART)
    for number, after in reversed(list(enumerate(days))):
        due = unfinished.filter(rested, left_at__lte=now - after, reminders_sent__lte=number)
        for draft in due.select_related("vendor").order_by("left_at").iterator():
            sent.reminders += 1
            if not dry_run:
                _remind(draft, now=now, reminders_sent=number + 1)
        if dry_run:
            unfinished = unfinished.exclude(pk__in=due.values("pk"))
    silent = Draft.objects.unfinished().filter(
        reminders_sent=len(days), reminded_at__lte=now - NO_REACTION_AFTER, stuck_reported_at=None
    )
    for draft in silent.defer("answers").select_related("vendor__user").iterator():
        sent.cases += 1
        if not dry_run:
            _report(draft, now=now)
    if not dry_run:
        _close_cases_that_are_over()
    return sent


def remind(vendor: Vendor, *, by: User | None) -> None:
    """The same mail, now. Raise lifecycle.WrongState or RemindedAlready."""
    if vendor.state not in Draft.EDITABLE_IN:
        raise lifecycle.WrongState(vendor)
    now = timezone.now()
    draft = Draft.objects.defer("answers").filter(vendor=vendor).first()
    if draft is None:
        Draft.objects.bulk_create([_unopened_draft(vendor)], ignore_conflicts=True)
        draft = Draft.objects.get(vendor=vendor)
    if draft.reminded_at and draft.reminded_at > now - BY_HAND_EVERY:
        raise RemindedAlready(vendor)
    if not _remind(draft, now=now, by=by):
        raise RemindedAlready(vendor)


def why_not(vendors: Sequence[Vendor]) -> Mapping[int, str]:
    """Which of them `remind` would refuse, and why."""
    reminded = Draft.objects.filter(vendor__in=vendors, reminded_at__gt=timezone.now() - BY_HAND_EVERY)
    lately = set(reminded.order_by().values_list("vendor", flat=True))
    refused = {vendor.pk: str(RemindedAlready(vendor)) for vendor in vendors if vendor.pk in lately}
    closed = (vendor for vendor in vendors if vendor.state not in Draft.EDITABLE_IN)
    return refused | {vendor.pk: str(lifecycle.WrongState(vendor)) for vendor in closed}


def was_reminded_lately(draft: Draft) -> bool:
    """Is another reminder too soon?"""
    return draft.reminded_at is not None and draft.reminded_at > timezone.now() - APART


def mail_vendor(draft_id: int) -> None:
    """Unless the vendor has gone on since the reminder was queued."""
    draft = Draft.objects.select_related("vendor__user").filter(pk=draft_id).first()
    if draft is None or draft.reminded_at is None or draft.vendor.state not in Draft.EDITABLE_IN:
        return
    mail_to_person.to_person(
        draft.vendor.user,
        address=draft.vendor.address,
        template="onboarding/mail/reminder",
        context=_for_vendor(draft),
        message_id=message_ids.of("onboarding-reminder", draft.pk, draft.reminded_at),
    )


def _for_vendor(draft: Draft) -> dict[str, Any]:
    reading = read(draft, documents=documents.current_documents(draft.vendor))
    step = STEPS[progress.goes_on_at(draft.current_step, reading)]
    asked_for_changes = draft.vendor.state == VendorState.CHANGES_REQUESTED
    # Asked for changes and nothing saved since: the first page says what to change.
    is_untouched = asked_for_changes and not draft.current_step
    path = reverse("onboarding:index") if is_untouched else reverse("onboarding:step", kwargs={"step": step.name})
    return {
        "draft": draft,
        "greeting": correspondence.greeting(draft.vendor),
        "day": correspondence.moment(draft.left_at, draft.vendor).day if draft.left_at else "",
        "step": step,
        "url": f"{settings.BASE_URL}{path}",
        "has_begun": bool(draft.answers),
        "asked_for_changes": asked_for_changes,
        "is_untouched": is_untouched,
        "pages_left": sum(reading.states[name] != COMPLETED for name in reading.questions),
        "page_count": len(reading.questions),
    }


def note_progress(draft: Draft, *, how: str = "has continued onboarding") -> None:
    """The vendor has gone on: everything begins anew. The caller saves the draft."""
    if draft.stuck_reported_at:
        cases.resolve_for(
            draft.vendor.user,
            stages=[Failure.Stage.ONBOARDING],
            reasons_only=[STUCK],
            how=how,
        )
    begin_anew(draft)


def begin_anew(draft: Draft) -> None:
    """The vendor has to go on from now. The caller saves the draft."""
    for field, value in _afresh().items():
        setattr(draft, field, value)


def note_end(draft: Draft, *, how: str = "has continued onboarding") -> None:
    """The answers are sent, or taken back: it is not the vendor's turn any more."""
    note_progress(draft, how=how)
    draft.left_at = None
    draft.save(update_fields=list(_afresh()))


def _afresh() -> dict[str, Any]:
    return {"left_at": timezone.now(), "reminders_sent": 0, "reminded_at": None, "stuck_reported_at": None}


def _unopened_draft(vendor: Vendor) -> Draft:
    """Of somebody who signed in and closed the browser before the wizard's first page."""
    return Draft(vendor=vendor, left_at=vendor.state_changed_at)


@transaction.atomic
def _remind(draft: Draft, *, now: dt.datetime, by: User | None = None, **fields: Any) -> bool:
    """False if somebody reminded them, or they went on, since the draft was read."""
    as_read = Draft.objects.filter(pk=draft.pk, left_at=draft.left_at, reminded_at=draft.reminded_at)
    if not as_read.update(reminded_at=now, **fields):
        return False
    data = {"step": draft.current_step} if draft.current_step else {}
    lifecycle.record(draft.vendor, VendorEvent.Kind.REMINDED, by=by, data=data)
    defer("onboarding.tasks.mail_reminder", draft_id=draft.pk)
    return True


def _report(draft: Draft, *, now: dt.datetime) -> None:
    cases.report(
        stage=Failure.Stage.ONBOARDING,
        reason=STUCK,
        user=draft.vendor.user,
        address=draft.vendor.address,
        detail={"step": draft.current_step},
    )
    # After the report: killed in between, it is counted once more and not lost.
    Draft.objects.filter(pk=draft.pk, left_at=draft.left_at).update(stuck_reported_at=now)


def _close_cases_that_are_over() -> None:
    """Of vendors who were suspended, or who went on in the moment in which VM was told."""
    still_stuck = Draft.objects.unfinished().filter(stuck_reported_at__isnull=False)
    over = Failure.objects.open().filter(stage=Failure.Stage.ONBOARDING, reason=STUCK)
    for failure in over.exclude(user__in=still_stuck.values("vendor__user")):
        cases.resolve(failure, how="is no longer in onboarding")
