"""The numbers of the approved profile: a person's are masked, shown in full to few, and found by who knows one."""

from __future__ import annotations

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from identity.models import User
from vendors import lifecycle
from vendors.answers import fingerprints, tax_numbers
from vendors.models import Profile, Vendor, VendorEvent, VendorKind, VendorQuerySet

MAY_SEE = "vendors.see_tax_numbers"

_NAMES: dict[str, str | Promise] = {
    "registration_number": _("Company registration number"),
    "vat_number": _("VAT number"),
    "tax_id": _("Tax number"),
}


def rows(profile: Profile, *, in_full: bool = False) -> list[tuple[str, str]]:
    """Name and number of each; a person's masked."""
    is_clear = in_full or not profile.has_personal_numbers
    return [
        (str(_NAMES[name]), number if is_clear else tax_numbers.masked(number))
        for name, number in profile.numbers.items()
    ]


def choices(profile: Profile) -> list[tuple[str, str]]:
    """The key of each number, and in words which it is."""
    return list(zip(profile.numbers, (f"{label} {number}" for label, number in rows(profile)), strict=True))


@transaction.atomic
def reveal(profile: Profile, *, by: User, reason: str) -> list[tuple[str, str]]:
    """The numbers in full. Every look at a person's is written down, with why."""
    if profile.has_personal_numbers:
        lifecycle.record(profile.vendor, VendorEvent.Kind.TAX_NUMBERS_REVEALED, by=by, reason=reason)
    return rows(profile, in_full=True)


def vendors_with(number: str, *, user: User) -> VendorQuerySet | None:
    """Whose approved number this is, in whatever spelling; a person's only for who may see it."""
    known = fingerprints.to_look_for(number)
    if not known or not user.has_perm("vendors.view_profile"):
        return None
    found = Vendor.objects.filter(profile__number_fingerprints__overlap=known)
    return found if user.has_perm(MAY_SEE) else found.filter(profile__kind=VendorKind.COMPANY)
