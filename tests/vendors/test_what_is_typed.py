"""Names and addresses with something in them that nobody sees, by every way that leads in."""

import io

import pytest
from django.core.management import call_command

from identity.models import Failure
from tests.clients import signed_in
from tests.factories import create_staff, create_vendor
from vendors.bulk_import import csv_rows
from vendors.models import Vendor, VendorState

pytestmark = pytest.mark.django_db

CONTROLS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
ODD, PLAIN = f"\ufeffAme\u0301lie{CONTROLS}\u00a0\u200bAlmeida", "Amélie Almeida"
ADDRESS, ODD_ADDRESS = "ana.o'brien@mail.example", "\u200b<ana.o\u2019brien@mail.example>\u00a0"


def by_command():
    call_command("invite_vendor", ODD_ADDRESS, "--name", ODD, stdout=io.StringIO())


def by_the_admin():
    fields = {"name": ODD, "primary_email": ODD_ADDRESS, "language": "en-GB", "owner": ""}
    signed_in(create_staff()).post("/admin/vendors/vendor/add/", fields)


def by_editing():
    vendor = create_vendor(primary_email=ADDRESS)
    fields = {"name": ODD, "language": "en-GB", "owner": ""}
    signed_in(create_staff()).post(f"/admin/vendors/vendor/{vendor.pk}/change/", fields)


def by_a_file():
    file = io.BytesIO(f"name,email,language\n{ODD},{ODD_ADDRESS},\uff44\uff45\u200b\n".encode())
    [result] = csv_rows.carry_out(file)
    assert result.kind == csv_rows.Kind.ADDED, result


@pytest.mark.parametrize("way_in", [by_command, by_the_admin, by_editing, by_a_file])
def test_what_cannot_be_seen_is_not_kept(way_in):
    way_in()

    assert Vendor.objects.get(primary_email=ADDRESS).name == PLAIN


def test_whoever_asks_for_help_is_recognised_by_what_can_be_seen(client):
    create_vendor(primary_email=ADDRESS, state=VendorState.INVITED)

    client.post("/help/cannot-sign-in/", {"address": ODD_ADDRESS, "shown": "", "reach": ""})

    failure = Failure.objects.get()
    assert (failure.address, failure.subject) == (ADDRESS, f"address:{ADDRESS}")


@pytest.mark.parametrize("command", ["explain_sign_in", "reinvite_vendor"])
def test_commands_find_whom_the_address_is_meant_for(command):
    vendor = create_vendor(primary_email=ADDRESS, state=VendorState.INVITED)
    written = io.StringIO()

    call_command(command, ODD_ADDRESS, stdout=written)

    assert vendor.primary_email in written.getvalue()
