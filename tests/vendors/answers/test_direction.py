"""Names that would turn round what stands beside them."""

import io

import pytest
from django.core.management import call_command

from tests.clients import signed_in
from tests.factories import create_staff, create_vendor
from vendors.bulk_import import csv_rows
from vendors.models import Vendor, VendorState

pytestmark = pytest.mark.django_db

CONTROLS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
ODD, PLAIN = f"Ana{CONTROLS} Almeida", "Ana Almeida"


def by_command():
    call_command("invite_vendor", "ana@mail.example", "--name", ODD, stdout=io.StringIO())


def by_the_admin():
    fields = {"name": ODD, "primary_email": "ana@mail.example", "language": "en-GB", "owner": ""}
    signed_in(create_staff()).post("/admin/vendors/vendor/add/", fields)


def by_editing():
    vendor = create_vendor(primary_email="ana@mail.example")
    fields = {"name": ODD, "language": "en-GB", "owner": ""}
    signed_in(create_staff()).post(f"/admin/vendors/vendor/{vendor.pk}/change/", fields)


@pytest.mark.parametrize("way_in", [by_command, by_the_admin, by_editing])
def test_name_keeps_no_control_of_direction(way_in):
    way_in()

    assert Vendor.objects.get(primary_email="ana@mail.example").name == PLAIN


def test_name_in_a_file_keeps_no_control_of_direction():
    assert csv_rows._tidy(ODD) == PLAIN


def test_names_and_addresses_are_isolated_on_pages():
    """A name in a script from right to left is allowed, and must not reach beyond itself."""
    vendor = create_vendor(name="אנה", primary_email="ana@mail.example", state=VendorState.APPROVED)
    staff = create_staff(email="vera@sandberg.example")

    page = signed_in(staff).get(f"/admin/vendors/vendor/{vendor.pk}/change/").text
    assert "<h1><bdi>אנה</bdi>" in page
    assert "<dd><bdi>ana@mail.example</bdi></dd>" in page
    assert "<bdi>vera@sandberg.example</bdi>" in page
    assert "<bdi>ana@mail.example</bdi></b>" in signed_in(vendor.user).get("/help/signing-in/").text
