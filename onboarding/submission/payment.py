"""The account that a submission names."""

from __future__ import annotations

from django.db import transaction

from identity.models import User
from onboarding.draft.steps import PAYMENT
from onboarding.models import Submission
from vendors import lifecycle
from vendors.models import VendorEvent
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
