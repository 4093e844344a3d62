"""Using a vendor although the evidence is not enough: with a reason, until a day, and reported apart."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format

from identity.models import User
from identity.text_direction import gettext as _
from identity.text_direction import ours
from vendors import lifecycle
from vendors.evidence import standing
from vendors.models import IsoException, LanguagePair, Measure, Profile, Vendor, VendorEvent
from vendors.qualifications import measures


class NotOffered(Exception):
    """The approved profile has no such service in this pair, or nothing that it could be an exception from."""

    def __init__(self) -> None:
        super().__init__(
            _("The approved profile does not have this service in this pair, or no standard applies to it.")
        )


class HasOne(Exception):
    def __init__(self, until: dt.date) -> None:
        super().__init__(
            _("There is already an exception for this until %(day)s. Withdraw it before you grant another one.")
            % {"day": ours(date_format(until, "j F Y"))}
        )


class AlreadyOver(Exception):
    def __init__(self) -> None:
        super().__init__(_("Choose a day in the future as the last day of the exception."))


class NotInForce(Exception):
    def __init__(self) -> None:
        super().__init__(_("This exception has already been withdrawn."))


class ReasonMissing(Exception):
    def __init__(self) -> None:
        super().__init__(_("Give a reason. Auditors can read it."))


def of_vendor(vendor: Vendor) -> QuerySet[IsoException]:
    return IsoException.objects.filter(vendor=vendor).select_related("granted_by", "withdrawn_by")


@transaction.atomic
def grant(
    vendor: Vendor,
    *,
    source: str,
    target: str,
    service: str,
    specialism: str = "",
    reason: str,
    until: dt.date,
    by: User | None,
) -> IsoException:
    """Raise NotOffered, AlreadyOver, HasOne or ReasonMissing."""
    Vendor.objects.select_for_update().get(pk=vendor.pk)
    if not reason.strip():
        raise ReasonMissing
    today = timezone.localdate()
    if until <= today:
        raise AlreadyOver
    offered = LanguagePair.objects.filter(vendor=vendor, source=source, target=target, services__contains=[service])
    if measures.of_service(service) == Measure.NONE or not offered.exists():
        raise NotOffered
    if specialism and not Profile.objects.filter(vendor=vendor, specialisms__contains=[specialism]).exists():
        raise NotOffered
    there = IsoException.objects.filter(
        vendor=vendor,
        source=source,
        target=target,
        service=service,
        specialism__in={specialism, ""},
        until__gte=today,
        withdrawn_at=None,
    ).first()
    if there:
        raise HasOne(there.until)
    exception = IsoException.objects.create(
        vendor=vendor,
        source=source,
        target=target,
        service=service,
        specialism=specialism,
        reason=reason.strip(),
        until=until,
        granted_by=by,
        granted_at=timezone.now(),
    )
    lifecycle.record(vendor, VendorEvent.Kind.EXCEPTION_GRANTED, by=by, data={"exception": exception.pk})
    standing.refresh(vendor)
    return exception


@transaction.atomic
def withdraw(exception: IsoException, *, reason: str, by: User | None) -> None:
    """Raise NotInForce or ReasonMissing."""
    Vendor.objects.select_for_update().get(pk=exception.vendor_id)
    if not reason.strip():
        raise ReasonMissing
    changed = IsoException.objects.filter(pk=exception.pk, withdrawn_at=None).update(
        withdrawn_at=timezone.now(), withdrawn_by=by, withdrawn_why=reason.strip()
    )
    if not changed:
        raise NotInForce
    lifecycle.record(exception.vendor, VendorEvent.Kind.EXCEPTION_WITHDRAWN, by=by, data={"exception": exception.pk})
    standing.refresh(exception.vendor)
