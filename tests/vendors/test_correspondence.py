"""By which name a vendor is spoken to, and by which clock."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.factories import create_draft, create_vendor
from tests.onboarding.changing import sent_first
from tests.vendors.profiles import approved, approved_vendor
from vendors import correspondence
from vendors.models import Vendor, VendorState
from vendors.profile import approved_profile

pytestmark = pytest.mark.django_db

SUMMER = dt.datetime(2027, 7, 14, 22, 30, tzinfo=dt.UTC)


def named(vendor: Vendor, name: str) -> Vendor:
    # As it may have come into the database before names were cleaned.
    Vendor.objects.filter(pk=vendor.pk).update(name=name)
    vendor.refresh_from_db()
    return vendor


@pytest.mark.parametrize(
    ("name", "greeting"),
    [
        ("Dora", "Hello Dora,"),
        ("  ", "Hello,"),
        ("", "Hello,"),
        ("Dora\r\nhttps://evil.example", "Hello Dora https[:]//evil.example,"),
    ],
)
def test_name_that_vm_gave_counts_until_they_say_one(name, greeting):
    assert correspondence.greeting(named(create_vendor(), name)) == greeting


def test_what_they_want_to_be_called_counts_from_when_they_say_it():
    vendor = create_vendor(state=VendorState.ONBOARDING, name="Nowak")
    draft = create_draft(vendor=vendor, answers={"about": {"about-full_name": ["Łucja Nowak"]}})
    assert correspondence.greeting(vendor) == "Hello Łucja Nowak,"
    draft.delete()
    sent_first(vendor)
    assert correspondence.greeting(vendor) == "Hello Łucja,"
    approved_profile.adopt(vendor, approved(display_name="Lulu"))
    assert correspondence.greeting(vendor) == "Hello Lulu,"
    approved_profile.adopt(vendor, approved(display_name=""))
    assert correspondence.greeting(vendor) == "Hello Łucja Nowak,"


def test_times_are_those_of_the_vendors_clock_where_it_is_known():
    known = correspondence.moment(SUMMER, approved_vendor())
    assert (known.day, known.time, known.zone) == ("15 July 2027", "00:30", "Warsaw time")

    vendor = create_vendor(state=VendorState.ONBOARDING)
    assert correspondence.moment(SUMMER, vendor).zone == "UTC"
    create_draft(vendor=vendor, answers={"contact": {"contact-country": ["PL"], "contact-time_zone": [""]}})
    assert correspondence.moment(SUMMER, vendor).zone == "Warsaw time", "a country with one clock"
    for nonsense in ("Mars/Olympus", "../../etc/passwd", "", "x" * 5000, "a\0b"):
        assert correspondence.moment_in(SUMMER, nonsense) == correspondence.Moment("14 July 2027", "22:30", "UTC")
