"""The account that a submission names."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from identity.models import User
from onboarding.draft.steps import PAYMENT
from onboarding.models import Submission
from vendors import lifecycle
from vendors.models import Vendor, VendorEvent
from vendors.onboarding_interface import PaymentState
from vendors.payment import details as payment


def given(submission: Submission) -> dict[str, str]:
    """What was sent, or what the vendor filled in after approval; empty while it is left for later."""
    sent = dict(submission.answers[PAYMENT])
    if sent["method"] != "later":
        return sent
    details = getattr(submission.vendor, "payment_details", None)
    return dict(details.details) if details and submission.state == Submission.State.APPROVED else {}


@transaction.atomic
def reveal(submission: Submission, *, by: User, reason: str) -> dict[str, str]:
    """The payment details in clear. Every look is written down, with why."""
    details = given(submission)
    if details:
        lifecycle.record(
            submission.vendor,
            VendorEvent.Kind.PAYMENT_REVEALED,
            by=by,
            reason=reason,
            data={"submission": submission.reference},
        )
    return details


def is_somebody_elses(submission: Submission) -> bool:
    """Whoever approves it agrees to pay to an account that is neither the vendor's nor its company's."""
    return submission.decides_on(PAYMENT) and payment.is_somebody_elses(submission.answers.get(PAYMENT, {}))


def agreed(submission: Submission) -> dict[str, bool]:
    """What the history says of an approval."""
    return {"somebody_elses_account": True} if is_somebody_elses(submission) else {}


def name_of(change: Submission) -> str:
    """How disputes name the account of a change. A change that is sent again keeps the name of the first version."""
    while change.previous is not None and change.previous.is_change:
        change = change.previous
    return f"change-{change.pk}"


def named_at(change: Submission) -> dt.datetime:
    """Since when the vendor names this account: a version that is sent again keeps the time of the first."""
    while (earlier := change.previous) is not None and earlier.is_change and _same(earlier, change):
        change = earlier
    return change.submitted_at


def _same(one: Submission, other: Submission) -> bool:
    return bool(one.answers.get(PAYMENT) == other.answers.get(PAYMENT))


def state_of(vendor: Vendor, name: str) -> PaymentState:
    """Where an account stands that came with the change of this name and has not been approved."""
    changes = Submission.objects.filter(vendor=vendor, kind=Submission.Kind.CHANGE).defer("answers").order_by("pk")
    versions = [change for change in changes if name_of(change) == name]
    open_states = (Submission.State.WAITING, Submission.State.CHANGES_REQUESTED)
    is_open = bool(versions) and PAYMENT in versions[-1].changed and versions[-1].state in open_states
    return "waiting" if is_open else "dropped"
