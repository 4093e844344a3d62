"""Closing an applicant, and ending the work with an approved vendor, as VM does it: with all that hangs on it."""

from __future__ import annotations

from django.db import transaction

from identity import accounts
from identity.models import User
from vendors import lifecycle
from vendors.email_change import requests as email_requests
from vendors.models import ClosedAs, Vendor
from vendors.onboarding_interface import onboarding

# Being a duplicate is not among them: that is said about two vendors.
REASONS_TO_CLOSE = (ClosedAs.NOT_SUITABLE, ClosedAs.WITHDREW, ClosedAs.MISTAKE)


@transaction.atomic
def close(vendor: Vendor, *, closed_as: ClosedAs, by: User | None = None, via: str = "", reason: str = "") -> None:
    """Someone who was never approved. What they sent waits for no one any more. Raise lifecycle.WrongState."""
    accounts.lock_person(vendor.user_id)
    onboarding().closing(vendor, closed_as=closed_as, by=by)
    lifecycle.decline(vendor, closed_as=closed_as, by=by, via=via, reason=reason)
    email_requests.drop(vendor, by=by)


@transaction.atomic
def end(
    vendor: Vendor, *, closed_as: ClosedAs = ClosedAs.LEFT, by: User | None = None, via: str = "", reason: str = ""
) -> None:
    """Someone who is or was approved. Raise lifecycle.WrongState."""
    lifecycle.end(vendor, closed_as=closed_as, by=by, via=via, reason=reason)
    email_requests.drop(vendor, by=by)
