"""The tax numbers that a submission names."""

from __future__ import annotations

from identity.models import User
from onboarding.models import Submission
from onboarding.submission.summary import has_personal_numbers
from vendors import lifecycle
from vendors.models import VendorEvent


def is_personal(submission: Submission) -> bool:
    """In it, or in the version that it is compared with on the same page."""
    versions = filter(None, [submission, submission.compared_with])
    return any(has_personal_numbers(version.answers) for version in versions)


def record_look(submission: Submission, *, by: User, reason: str) -> None:
    """Every look at a person's numbers is written down, with why."""
    if is_personal(submission):
        lifecycle.record(
            submission.vendor,
            VendorEvent.Kind.TAX_NUMBERS_REVEALED,
            by=by,
            reason=reason,
            data={"submission": submission.reference},
        )
