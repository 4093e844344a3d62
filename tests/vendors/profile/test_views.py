from decimal import Decimal

import pytest

from tests.clients import signed_in
from tests.factories import create_staff, create_vendor
from tests.vendors.documents.test_views import stored_cv
from tests.vendors.profiles import IBAN, approved, approved_vendor, pair
from vendors.answers import money, service_catalogue
from vendors.models import VendorState
from vendors.profile import approved_profile

pytestmark = pytest.mark.django_db


def test_profile_shows_what_was_approved():
    vendor = approved_vendor()
    cv = stored_cv(vendor)
    approved_profile.adopt(vendor, approved(payment=IBAN, documents=[approved_profile.ApprovedDocument(id=cv.pk)]))

    page = signed_in(vendor.user).get("/profile/")

    assert page.status_code == 200
    for shown in [
        "Łucja Nowak",
        "lucja@example.com",
        "+48 22 123 45 67",
        "German → Polish",
        'Translation: <span translate="no">EUR 0.085</span> per source word',
        "EUR 25.00",
        "IBAN PL… 2874",
        f"/documents/{cv.pk}/",
    ]:
        assert shown in page.text
    assert "109010140000071219812874" not in page.text
    assert "/profile/payment/" not in page.text


def test_address_in_the_united_states_stands_as_it_does_there():
    there = {"postal_code": "10001", "locality": "New York", "region": "US-NY", "country": "US"}

    page = signed_in(approved_vendor(**there).user).get("/profile/")

    assert "ul. Prosta 1<br>New York, NY 10001<br>United States" in page.text


def test_profile_says_that_payment_details_are_missing():
    page = signed_in(approved_vendor().user).get("/profile/")

    assert "/profile/payment/" in page.text


def test_profile_takes_a_constant_number_of_statements(django_assert_max_num_queries):
    tags = ["de", "fr", "es", "it", "nl", "sv", "da", "fi", "cs", "sk"]
    vendor = approved_vendor(pairs=[pair(tag, "pl", "0.1") for tag in tags])
    client = signed_in(vendor.user)

    with django_assert_max_num_queries(21):
        client.get("/profile/")


@pytest.mark.parametrize("state", [VendorState.ONBOARDING, VendorState.SUBMITTED, VendorState.CHANGES_REQUESTED])
def test_vendor_without_a_profile_goes_to_the_onboarding(state):
    client = signed_in(create_vendor(state=state).user)

    assert client.get("/profile/").url == "/onboarding/"
    assert client.get("/profile/payment/").url == "/onboarding/"


@pytest.mark.parametrize("path", ["/profile/", "/profile/payment/", "/profile/email-change/"])
def test_staff_have_no_profile(path):
    assert signed_in(create_staff()).get(path).status_code == 403


def test_rates_show_all_their_decimals():
    vendor = approved_vendor(minimum_fee=Decimal("1250"))

    assert "EUR 1,250.00" in signed_in(vendor.user).get("/profile/").text


def test_vm_reads_the_approved_rates_pair_by_pair(as_vera):
    vendor = approved_vendor()

    shown = as_vera.get(f"/admin/vendors/vendor/{vendor.pk}/change/").text

    for offered in vendor.language_pairs.all():
        for rate in offered.rates.all():
            assert (
                f"{service_catalogue.service_name(rate.service)}: "
                f'<span translate="no">{money.display(rate.amount, rate.currency)}</span>' in shown
            )
    assert vendor.language_pairs.filter(rates__isnull=False).exists()


# What was left for later

MA = {"subject": "translation", "title": "MA", "institution": "", "country": "", "year": None}
DEGREE = approved_profile.ApprovedQualification(route="translation_degree", degrees=[MA])


def test_profile_says_what_is_still_missing_and_where_to_give_it():
    page = signed_in(approved_vendor(qualification=DEGREE).user).get("/profile/").text

    assert "Still missing: payment details" in page
    assert "Still missing: degree certificate" in page
    assert "/profile/changes/qualifications/" in page


def test_who_has_worked_long_enough_needs_no_degree_certificate():
    worked = {"since": "2010-01", "until": "", "share": 100, "kind": "both", "pairs": []}
    both = approved_profile.ApprovedQualification(route="translation_degree", degrees=[MA], experience=[worked])

    assert "degree certificate" not in signed_in(approved_vendor(qualification=both).user).get("/profile/").text


def test_vm_sees_the_same_list(as_vera):
    vendor = approved_vendor(payment=IBAN, qualification=DEGREE)

    page = as_vera.get(f"/admin/vendors/vendor/{vendor.pk}/change/").text

    assert "<dd>degree certificate</dd>" in page
    assert "payment details</dd>" not in page
