"""An application that the vendor takes back or VM closes, and taking it up again once VM has reopened it."""

from __future__ import annotations

import contextlib

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from identity import accounts
from identity.failures import mail_to_person
from identity.jobs.queue import defer
from identity.mail import message_ids
from identity.models import User
from onboarding.draft import reminders
from onboarding.draft.retention import DECIDED_KEPT_FOR
from onboarding.draft.steps import typed_from
from onboarding.models import Draft, Submission
from onboarding.submission import lifecycle as submissions
from vendors import correspondence, lifecycle
from vendors.email_change import requests as email_requests
from vendors.models import ClosedAs, Vendor, VendorState
from vendors.privacy import periods

State = Submission.State


@transaction.atomic
def withdraw(vendor: Vendor, *, reason: str = "") -> None:
    """What was sent waits for nobody any more, the draft is left alone, and access ends. Raise lifecycle.WrongState."""
    draft, locked, submission = _lock(vendor)
    vendor.state = locked.state
    if submission is not None and submission.state in Submission.MOVES["withdraw"]:
        submissions.move(submission, "withdraw")
    lifecycle.withdraw(vendor, reason=submissions.for_history(reason))
    if draft is not None:
        reminders.note_end(draft, how="withdrew the application")
    if (asked := email_requests.waiting(vendor)) is not None:
        with contextlib.suppress(email_requests.NotWaiting):
            email_requests.withdraw(asked)
    defer("onboarding.tasks.mail_withdrawn", vendor_id=vendor.pk)


def close(vendor: Vendor, *, closed_as: ClosedAs, by: User | None) -> None:
    """Inside the transaction in which VM closes the vendor. Whoever told VM that they withdraw has withdrawn."""
    draft, _locked, submission = _lock(vendor)
    move = "withdraw" if closed_as == ClosedAs.WITHDREW else "decline"
    if submission is not None and submission.state in Submission.MOVES[move]:
        submissions.move(submission, move, reviewed_at=timezone.now(), reviewed_by=by)
    if draft is not None:
        reminders.note_end(draft, how="closed by Vendor Management")


def take_up_again(vendor: Vendor) -> None:
    """Inside the transaction that has moved a declined vendor back to where it was."""
    came_to = vendor.suspended_from or vendor.state
    draft = Draft.objects.filter(vendor=vendor).first()
    submission = Submission.objects.filter(vendor=vendor).order_by("-submitted_at").first()
    if submission is not None and came_to == VendorState.SUBMITTED and submission.state in Submission.MOVES["reopen"]:
        submissions.move(submission, "reopen", reviewed_at=None, reviewed_by=None)
    if came_to not in Draft.EDITABLE_IN:
        return
    if submission is not None and came_to == VendorState.CHANGES_REQUESTED and submission.state == State.WITHDRAWN:
        submissions.move(submission, "resume")
    if draft is None:  # it was kept for a month only; what was sent is still there
        draft = submissions.opened_again(None, vendor)
        draft.answers = typed_from(submission.answers) if submission is not None else {}
    reminders.begin_anew(draft)
    draft.save()


def _lock(vendor: Vendor) -> tuple[Draft | None, Vendor, Submission | None]:
    """The person, then draft, vendor and submission, as everybody locks them."""
    accounts.lock_person(vendor.user_id)
    draft = Draft.objects.select_for_update().filter(vendor=vendor).first()
    locked = Vendor.objects.select_for_update().get(pk=vendor.pk)
    submission = Submission.objects.select_for_update().filter(vendor=vendor).order_by("-submitted_at").first()
    if draft is not None:
        draft.vendor = vendor
    return draft, locked, submission


def mail_vendor(vendor_id: int) -> None:
    """Unless they are back by now."""
    vendor = Vendor.objects.select_related("user").filter(pk=vendor_id).first()
    if vendor is None or not vendor.has_withdrawn:
        return
    mail_to_person.to_person(
        vendor.user,
        address=vendor.address,
        template="onboarding/mail/withdrawn",
        context={
            "greeting": correspondence.greeting(vendor),
            "day": correspondence.moment(vendor.state_changed_at, vendor).day,
            "has_sent": Submission.objects.filter(vendor=vendor).exists(),
            "draft_days": DECIDED_KEPT_FOR.days,
            "kept_for": periods.in_words("KEEP_DECLINED_MONTHS"),
            "url": f"{settings.BASE_URL}{reverse('help-your-data')}",
        },
        message_id=message_ids.of("withdrawn", vendor.pk, vendor.state_changed_at),
    )
