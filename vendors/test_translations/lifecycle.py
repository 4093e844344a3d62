"""Test translations: recorded by VM, and removed if that was a mistake. What was removed stays in the history."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from identity.models import User
from identity.text_direction import gettext as _
from vendors import lifecycle
from vendors.models import TestTranslation, Vendor, VendorEvent, VendorState

Kind = VendorEvent.Kind


class Removed(Exception):
    def __init__(self) -> None:
        super().__init__(_("This test translation has already been removed."))


@transaction.atomic
def add(
    vendor: Vendor, *, source: str, target: str, subject: str, result: str, assessor: str, day: dt.date, by: User
) -> TestTranslation:
    """A second press of the button adds nothing. Raise lifecycle.WrongState for an erased vendor."""
    state = Vendor.objects.select_for_update().values_list("state", flat=True).get(pk=vendor.pk)
    if state == VendorState.ERASED:
        vendor.state = state
        raise lifecycle.WrongState(vendor)
    test, is_new = TestTranslation.objects.get_or_create(
        vendor=vendor,
        source=source,
        target=target,
        subject=subject,
        result=result,
        assessor=assessor,
        day=day,
        defaults={"by": by},
    )
    if is_new:
        lifecycle.record(vendor, Kind.TEST_ADDED, by=by, data=_about(test))
    return test


@transaction.atomic
def remove(vendor: Vendor, pk: int, *, by: User) -> None:
    """Raise Removed."""
    test = TestTranslation.objects.select_for_update().filter(vendor=vendor, pk=pk).first()
    if test is None:
        raise Removed
    lifecycle.record(vendor, Kind.TEST_REMOVED, by=by, data=_about(test))
    test.delete()


def _about(test: TestTranslation) -> dict[str, str]:
    return {"pair": f"{test.source}.{test.target}", "subject": test.subject, "result": test.result}
