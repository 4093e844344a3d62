"""To whom an email about one vendor goes: the owner or their cover, with the shared mailbox in copy.

Settings name `of_person` (RESPONSIBLE_FOR), which emails about cases ask.
"""

from __future__ import annotations

from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone

from identity import roles
from identity.models import Failure, User
from vendors.colleagues import absences
from vendors.models import Vendor

WORKS_ON_VENDORS = "vendors.change_vendor"


class Recipients(NamedTuple):
    to: list[str]
    cc: list[str]


def of(vendor: Vendor) -> Recipients:
    return _of_owner(vendor.owner_id)


def of_person(user_id: int) -> Recipients:
    return _of_owner(Vendor.objects.filter(user=user_id).values_list("owner", flat=True).first())


def _of_owner(owner_id: int | None) -> Recipients:
    """The shared mailbox alone, where nobody owns the vendor or nobody could be reached."""
    shared = list(settings.VM_EMAIL)
    if owner_id is None:
        return Recipients(shared, [])
    person_id = absences.looks_after(owner_id, absences.covers(today=timezone.localdate()))
    person = User.objects.filter(pk=person_id).first() if person_id is not None else None
    if person is None or not can_be_told(person):
        return Recipients(shared, [])
    return Recipients([person.email], [address for address in shared if address.lower() != person.email.lower()])


def can_be_told(user: User) -> bool:
    """Someone who works on vendors, and whose mailbox is not known to refuse our email."""
    works = user.is_staff and user.is_active and not user.is_emergency
    if not works or WORKS_ON_VENDORS not in roles.permissions(user.roles):
        return False
    try:
        validate_email(user.email)
    except ValidationError:
        return False
    refused = Failure.objects.open().filter(reason="staff_mail_refused", address__lower=user.email.lower())
    return not refused.exists()
