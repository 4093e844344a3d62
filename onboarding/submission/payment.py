"""The account that a submission names."""

from __future__ import annotations

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
def reveal(submission: Submission, *, by: User) -> dict[str, str]:
    """The payment details in clear. Every look is written down."""
    details = given(submission)
    if details:
        lifecycle.record(
            submission.vendor, VendorEvent.Kind.PAYMENT_REVEALED, by=by, data={"submission": submission.reference}
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


def state_of(vendor: Vendor, name: str) -> PaymentState:
    """Where an account stands that came with the change of this name, or with none."""
    changes = list(
        Submission.objects.filter(vendor=vendor, kind=Submission.Kind.CHANGE).defer("answers").order_by("pk")
    )
    approved = [change for change in changes if change.state == Submission.State.APPROVED and PAYMENT in change.changed]
    if not name:
        return "replaced" if approved else "in_force"
    versions = [change for change in changes if name_of(change) == name]
    if not versions or PAYMENT not in versions[-1].changed:
        return "dropped"
    if versions[-1].state == Submission.State.APPROVED:
        return "in_force" if versions[-1] == approved[-1] else "replaced"
    open_states = (Submission.State.WAITING, Submission.State.CHANGES_REQUESTED)
    return "waiting" if versions[-1].state in open_states else "dropped"
