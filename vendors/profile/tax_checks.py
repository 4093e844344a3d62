"""What Finance found out about the numbers of a profile, such as VIES's answer."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.models import User
from vendors import lifecycle
from vendors.answers import tax_numbers
from vendors.models import Profile, TaxCheck, Vendor, VendorEvent

MAY_CHECK = "vendors.check_tax_numbers"
SHOWN_AT_MOST = 10


class NumberMissing(Exception):
    """The profile has no such number, or not any more."""

    def __init__(self) -> None:
        super().__init__(_("The vendor's profile has no such number."))


class NotYet(Exception):
    """The day is still to come."""

    def __init__(self) -> None:
        super().__init__(_("The date of the check must not be in the future."))


@dataclass(frozen=True)
class Checked:
    """A check as it is shown. The number may have changed since."""

    check: TaxCheck
    masked: str
    is_current: bool


@transaction.atomic
def record(vendor: Vendor, *, of: str, result: str, checked_on: dt.date, source: str, by: User) -> TaxCheck:
    """Raise NumberMissing or NotYet."""
    if checked_on > timezone.localdate():
        raise NotYet
    profile = Profile.objects.select_for_update().filter(vendor=vendor).first()
    number = profile.numbers.get(of) if profile else None
    if number is None:
        raise NumberMissing
    check = TaxCheck.objects.create(
        vendor=vendor, of=of, number=number, result=result, checked_on=checked_on, source=source, by=by
    )
    lifecycle.record(vendor, VendorEvent.Kind.TAX_CHECKED, by=by, data={"of": of, "result": result})
    return check


def of(vendor: Vendor, profile: Profile | None) -> list[Checked]:
    """The latest ones, newest first."""
    numbers = profile.numbers if profile else {}
    is_personal = profile is None or profile.has_personal_numbers
    return [
        Checked(
            check,
            tax_numbers.masked(check.number) if is_personal else check.number,
            numbers.get(check.of) == check.number,
        )
        for check in TaxCheck.objects.filter(vendor=vendor).select_related("by")[:SHOWN_AT_MOST]
    ]
