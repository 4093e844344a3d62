"""Where a submission stands. Every transition goes through `move`, which asks Submission.MOVES."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from identity import accounts
from identity.models import User
from onboarding.models import Draft, Submission
from vendors.models import Vendor, VendorEvent, VendorState

State = Submission.State


class NotWaiting(Exception):
    """Somebody has decided already, or the vendor has sent something newer."""

    def __init__(self, submission: Submission) -> None:
        super().__init__(
            _("This submission is no longer waiting for review. It is now “%(state)s”.")
            % {"state": submission.get_state_display()}
        )


class ReasonMissing(Exception):
    """The vendor cannot act on a decision without its reason."""

    def __init__(self) -> None:
        super().__init__(_("Please give a reason."))


def sent_back_to(vendor: Vendor) -> Submission | None:
    """The submission that VM has asked the vendor to change."""
    if vendor.state != VendorState.CHANGES_REQUESTED:
        return None
    sent_back = Submission.objects.filter(vendor=vendor, state=State.CHANGES_REQUESTED)
    return sent_back.order_by("-reviewed_at").first()


def move(submission: Submission, name: str, **fields: Any) -> None:
    """One conditional UPDATE: whoever comes second, or with an old page, changes nothing. Raise NotWaiting."""
    target = Submission.MOVES[name].get(State(submission.state))
    values = {"state": target, **fields}
    if target is None or not Submission.objects.filter(pk=submission.pk, state=submission.state).update(**values):
        submission.refresh_from_db(fields=["state"])
        raise NotWaiting(submission)
    for field, value in values.items():
        setattr(submission, field, value)


def close(submission: Submission, decision: str, *, by: User | None, reason: str = "") -> None:
    """Raise NotWaiting."""
    move(submission, decision, reviewed_at=timezone.now(), reviewed_by=by, reason=reason.strip())


def lock_waiting(submission: Submission) -> None:
    """Raise NotWaiting."""
    rows = Submission.objects.select_for_update()
    submission.state = rows.values_list("state", flat=True).get(pk=submission.pk)
    if not submission.is_waiting:
        raise NotWaiting(submission)


def lock_to_decide(submission: Submission) -> Draft | None:
    """The person, then draft, vendor, submission: in the order in which the vendor's own commands lock them, so no
    deadlocks. Raise NotWaiting.
    """
    accounts.lock_person(submission.vendor.user_id)
    draft = Draft.objects.select_for_update().filter(vendor=submission.vendor_id).first()
    Vendor.objects.select_for_update().get(pk=submission.vendor_id)
    lock_waiting(submission)
    if draft is not None:
        draft.vendor = submission.vendor
    return draft


def opened_again(draft: Draft | None, vendor: Vendor) -> Draft:
    """The draft, to be changed and sent again as another submission. The caller saves it."""
    draft = draft or Draft(vendor=vendor)
    draft.submission_token, draft.current_step, draft.saved_since = uuid.uuid4(), "", []
    return draft


def required(reason: str) -> str:
    """Raise ReasonMissing."""
    if not reason.strip():
        raise ReasonMissing
    return reason.strip()


def for_history(reason: str) -> str:
    """The vendor's history holds the beginning; the whole is with the submission."""
    return reason.strip()[: VendorEvent._meta.get_field("reason").max_length]
