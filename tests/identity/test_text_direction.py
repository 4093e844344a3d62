"""Names that would turn round what stands beside them."""

import io
import json
import time

import pytest
from django.core.management import call_command
from django.utils.html import conditional_escape

from identity import text_direction
from identity.failures import cases
from identity.models import Failure, FailurePerson
from identity.sign_in import oidc, step_up
from tests.clients import signed_in
from tests.factories import create_staff, create_vendor
from vendors.bulk_import import csv_rows, headings
from vendors.models import EmailChangeRequest, Vendor, VendorState

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


ODD_ADDRESS, ADDRESS = f"ana{CONTROLS}@mail.example", "ana@mail.example"


def typed_in_the_public_form(client):
    client.post("/help/cannot-sign-in/", {"address": ODD_ADDRESS, "reach": ODD})
    row = FailurePerson.objects.get()
    assert row.detail["reach"] == PLAIN
    return row.address


def typed_on_the_problem_page(client):
    case = cases.report(stage=Failure.Stage.SIGN_IN, reason="microsoft_refused")
    client.post(f"/sign-in/problem/{case.reference}/", {"address": ODD_ADDRESS})
    return FailurePerson.objects.exclude(address="").get().address


def asked_for(client):
    vendor = create_vendor(state=VendorState.APPROVED)
    browser = signed_in(vendor.user)
    session = browser.session
    session[step_up.PROVEN] = {"purpose": step_up.Purpose.EMAIL_CHANGE, "at": int(time.time())}
    session.save()
    browser.post("/profile/email-change/", {"new": ODD_ADDRESS, "reason": ""})
    return EmailChangeRequest.objects.get().new


def claimed_in_a_token(client):
    return oidc.claimed_address({"email": ODD_ADDRESS})


def in_a_file(client):
    [result] = csv_rows.examine(io.BytesIO(f"name,email\nAna,{ODD_ADDRESS}\n".encode()))
    return result.address


def invited_by_command(client):
    call_command("invite_vendor", ODD_ADDRESS, "--name", ODD, stdout=io.StringIO())
    return Vendor.objects.get().primary_email


def changed_by_command(client):
    vendor = create_vendor(state=VendorState.INVITED, primary_email="old@mail.example")
    odd = f"o{CONTROLS}ld@mail.example"
    call_command("change_vendor_email", odd, ODD_ADDRESS, "--reason", ODD, stdout=io.StringIO())
    assert vendor.email_changes.get().reason == PLAIN
    return vendor.email_changes.get().new


def explained_by_command(client):
    create_vendor(primary_email=ADDRESS)
    said = io.StringIO()
    call_command("explain_sign_in", ODD_ADDRESS, "--json", stdout=said)
    return json.loads(said.getvalue())["address"]


@pytest.mark.parametrize(
    "way_in",
    [
        typed_in_the_public_form,
        typed_on_the_problem_page,
        asked_for,
        claimed_in_a_token,
        in_a_file,
        invited_by_command,
        changed_by_command,
        explained_by_command,
    ],
)
def test_address_keeps_no_control_of_direction(client, way_in):
    assert way_in(client) == ADDRESS


def test_sentence_is_plain_in_an_email_and_isolated_on_a_page():
    sentence = text_direction.gettext("%(new)s instead of <%(old)s>.") % {"new": "<b>", "old": "אנה"}

    assert sentence == str(sentence) == "<b> instead of <אנה>."
    assert json.dumps(sentence) == json.dumps("<b> instead of <אנה>.")
    isolated = '<bdi translate="no">&lt;b&gt;</bdi> instead of &lt;<bdi translate="no">אנה</bdi>&gt;.'
    assert conditional_escape(sentence) == isolated
    assert conditional_escape("See: " + sentence + " & so on") == f"See: {isolated} &amp; so on"
    assert conditional_escape(text_direction.joined([sentence, "50 %"])) == f"{isolated} 50 %"
    assert conditional_escape(text_direction.gettext("%s: %d") % ("a", 7)) == '<bdi translate="no">a</bdi>: 7'


def test_name_in_a_file_keeps_no_control_of_direction():
    assert headings.tidy(ODD, "name") == PLAIN


def test_names_and_addresses_are_isolated_on_pages():
    """A name in a script from right to left is allowed, and must not reach beyond itself."""
    vendor = create_vendor(name="אנה", primary_email="ana@mail.example", state=VendorState.APPROVED)
    staff = create_staff(email="vera@sandberg.example")

    page = signed_in(staff).get(f"/admin/vendors/vendor/{vendor.pk}/change/").text
    assert '<h1><bdi translate="no">אנה</bdi>' in page
    assert '<dd><bdi translate="no">ana@mail.example</bdi></dd>' in page
    assert '<bdi translate="no">vera@sandberg.example</bdi>' in page
    assert '<bdi translate="no">ana@mail.example</bdi></b>' in signed_in(vendor.user).get("/help/signing-in/").text
