import time

import pytest

from tests.clients import signed_in
from tests.records import events, jobs
from tests.vendors.profiles import IBAN, approved_vendor
from vendors.models import PaymentDetails, PaymentRelease

pytestmark = pytest.mark.django_db


def proven(vendor, *, purpose="payment_change", ago=0):
    """The vendor's browser right after signing in once more."""
    client = signed_in(vendor.user)
    session = client.session
    session["proven"] = {"purpose": purpose, "at": int(time.time()) - ago}
    session.save()
    return client


def test_missing_payment_details_can_be_filled_in():
    vendor = approved_vendor()
    client = proven(vendor)
    assert client.get("/profile/payment/").status_code == 200

    saved = client.post("/profile/payment/", IBAN)

    assert saved.url == "/profile/"
    profile = client.get("/profile/").text
    assert "IBAN PL… 2874" in profile
    assert 'id="waiting-payment"' in profile
    assert not PaymentDetails.objects.exists()
    assert events(vendor)[-2:] == ["payment_added", "payment_to_release"]
    release = PaymentRelease.objects.get()
    assert jobs("vendors.tasks.mail_payment_added") == [{"release_id": release.pk, "source": "primary"}]


def test_another_first_account_takes_the_place_of_the_one_that_waits():
    vendor = approved_vendor()
    proven(vendor).post("/profile/payment/", IBAN)
    client = proven(vendor)
    assert "IBAN PL… 2874" in client.get("/profile/payment/").text

    client.post("/profile/payment/", IBAN | {"iban": "DE89370400440532013000"})

    assert "IBAN DE… 3000" in client.get("/profile/").text
    assert sorted(PaymentRelease.objects.values_list("state", flat=True)) == ["pending", "superseded"]


def test_open_browser_is_not_enough_to_add_payment_details():
    client = signed_in(approved_vendor().user)

    page = client.get("/profile/payment/")
    assert '<form id="prove"' in page.text
    assert "add-payment" not in page.text
    assert client.post("/profile/payment/", IBAN).url == "/profile/payment/"

    assert not PaymentDetails.objects.exists()


@pytest.mark.parametrize("proof", [{"ago": 301}, {"purpose": "email_change"}])
def test_old_or_other_proof_is_not_enough(proof):
    proven(approved_vendor(), **proof).post("/profile/payment/", IBAN)

    assert not PaymentDetails.objects.exists()


def test_wrong_payment_details_stay_in_the_field():
    vendor = approved_vendor()
    client = proven(vendor)

    refused = client.post("/profile/payment/", IBAN | {"iban": "PL00 1234"})

    assert (refused.status_code, refused.url) == (303, "/profile/payment/?check=1")
    page = client.get(refused.url).text
    assert "<title>Error:" in page
    assert 'value="PL00 1234"' in page
    assert "PL00" not in client.get("/profile/payment/").text
    assert "PL00" not in proven(vendor).get(refused.url).text, "another browser"
    assert not PaymentDetails.objects.exists()
    assert client.post("/profile/payment/", {}).status_code == 303, "nothing is said of it either"

    client.post("/profile/payment/", IBAN)
    assert vendor.draft.notes == {}


def test_payment_details_that_are_there_are_not_changed_here():
    client = proven(approved_vendor(payment=IBAN))

    assert client.get("/profile/payment/").url == "/profile/changes/payment/"
    client.post("/profile/payment/", IBAN | {"iban": "DE89370400440532013000"})

    assert PaymentDetails.objects.get().details == IBAN
