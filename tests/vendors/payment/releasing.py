"""Accounts that wait for a second person, to start from."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.test import Client
from django.utils import timezone

from identity.models import User, protected_rows
from tests.clients import signed_in
from tests.factories import create_staff
from tests.vendors.profiles import IBAN, approved_vendor
from vendors.models import PaymentRelease, Vendor
from vendors.payment import numbers_on_file, releases

OTHER = IBAN | {"iban": "DE89370400440532013000"}
PHONE = "+48221234567"


def known_for_long(**changed: Any) -> Vendor:
    """An approved vendor whose phone number has been on file for years."""
    vendor = approved_vendor(**changed)
    age_the_history(vendor, dt.timedelta(days=1000))
    return vendor


def age_the_history(vendor: Vendor, by: dt.timedelta) -> None:
    history = type(vendor.profile.history.first())
    with protected_rows.lifted():
        for row in history.objects.filter(vendor=vendor):
            history.objects.filter(pk=row.pk).update(pgh_created_at=row.pgh_created_at - by)


def waiting(vendor: Vendor | None = None, *, by: User | None = None, days: float = 0) -> PaymentRelease:
    """Another account, approved by this colleague so many days ago."""
    vendor = vendor or known_for_long(payment=IBAN)
    named_at = timezone.now() - dt.timedelta(days=days + 1)
    with transaction.atomic():
        release = releases.hold(vendor, OTHER, about="change-1", named_at=named_at, by=by)
    with protected_rows.lifted():
        PaymentRelease.objects.filter(pk=release.pk).update(approved_at=timezone.now() - dt.timedelta(days=days))
    release.refresh_from_db()
    return release


def called(release: PaymentRelease, *, by: User | None = None) -> PaymentRelease:
    [number] = numbers_on_file.at(release.vendor, timezone.now())
    releases.record_call(release, person="Łucja Nowak", number=number, at=timezone.now(), by=by or create_staff())
    release.refresh_from_db()
    return release


def page(release: PaymentRelease, step: str = "change") -> str:
    return f"/admin/vendors/paymentrelease/{release.pk}/{step}/"


def press(client: Client, release: PaymentRelease, step: str, **typed: str) -> str:
    """The page that comes back."""
    return client.post(page(release, step), typed, follow=True).text


def browser(role: str) -> Client:
    return signed_in(create_staff(role=role))
