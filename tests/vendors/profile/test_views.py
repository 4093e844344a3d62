import time
import uuid
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from identity import roles
from tests.clients import signed_in
from tests.factories import create_email_change, create_staff, create_vendor
from tests.records import events, jobs
from tests.vendors.documents.test_inspection import PDF_BYTES
from tests.vendors.profile.test_approved_profile import IBAN, approved, pair
from vendors.answers import money, service_catalogue
from vendors.documents import lifecycle as documents
from vendors.documents.inspection import PDF
from vendors.models import PaymentDetails, VendorState
from vendors.profile import approved_profile

pytestmark = pytest.mark.django_db


def approved_vendor(**changed):
    vendor = create_vendor(state=VendorState.APPROVED, primary_email="lucja@example.com")
    approved_profile.adopt(vendor, approved(**changed))
    return vendor


def stored_cv(vendor):
    upload = SimpleUploadedFile("My CV.pdf", PDF_BYTES, PDF)
    return documents.store(vendor, slot="cv", upload=upload, content_type=PDF)


# The profile


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
        "Translation: EUR 0.085 per source word",
        "EUR 25.00",
        "IBAN PL… 2874",
        f"/documents/{cv.pk}/",
    ]:
        assert shown in page.text
    assert "109010140000071219812874" not in page.text
    assert "Still missing: payment details" not in page.text


def test_profile_says_that_payment_details_are_missing():
    page = signed_in(approved_vendor().user).get("/profile/")

    assert "Still missing: payment details" in page.text
    assert "/profile/payment/" in page.text


def test_profile_takes_a_constant_number_of_statements(django_assert_max_num_queries):
    tags = ["de", "fr", "es", "it", "nl", "sv", "da", "fi", "cs", "sk"]
    vendor = approved_vendor(pairs=[pair(tag, "pl", "0.1") for tag in tags])
    client = signed_in(vendor.user)

    with django_assert_max_num_queries(14):
        client.get("/profile/")


@pytest.mark.parametrize("state", [VendorState.ONBOARDING, VendorState.SUBMITTED, VendorState.CHANGES_REQUESTED])
def test_vendor_without_a_profile_goes_to_the_onboarding(state):
    client = signed_in(create_vendor(state=state).user)

    assert client.get("/profile/").url == "/onboarding/"
    assert client.get("/profile/payment/").url == "/onboarding/"


@pytest.mark.parametrize("path", ["/profile/", "/profile/payment/", "/profile/email-change/"])
def test_staff_have_no_profile(path):
    assert signed_in(create_staff()).get(path).status_code == 403


# Payment details that were left for later


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
    assert "IBAN PL… 2874" in client.get("/profile/").text
    assert "payment_added" in events(vendor)
    assert jobs("vendors.tasks.mail_payment_added") == [{"vendor_id": vendor.pk}]


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
    page = proven(approved_vendor()).post("/profile/payment/", IBAN | {"iban": "PL00"})

    assert "<title>Error: How we pay you" in page.text
    assert 'value="PL00"' in page.text
    assert not PaymentDetails.objects.exists()


def test_payment_details_that_are_there_are_not_changed_here():
    client = proven(approved_vendor(payment=IBAN))

    assert client.get("/profile/payment/").url == "/profile/changes/payment/"
    client.post("/profile/payment/", IBAN | {"iban": "DE89370400440532013000"})

    assert PaymentDetails.objects.get().details == IBAN


# Another address


def test_email_change_page_says_how_to_ask_and_what_happens():
    page = signed_in(approved_vendor().user).get("/profile/email-change/")

    assert "lucja@example.com" in page.text
    assert "mailto:vm@sandberg.example" in page.text
    assert "A change is under way" not in page.text


def test_email_change_page_shows_an_open_change():
    vendor = create_vendor(state=VendorState.ONBOARDING)
    create_email_change(vendor=vendor, new="new@example.com")

    page = signed_in(vendor.user).get("/profile/email-change/")

    assert "We have invited new@example.com" in page.text


# Files


def test_owner_gets_the_file_as_a_download():
    vendor = create_vendor(state=VendorState.ONBOARDING)
    cv = stored_cv(vendor)

    response = signed_in(vendor.user).get(f"/documents/{cv.pk}/")

    assert b"".join(response.streaming_content) == PDF_BYTES
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == 'attachment; filename="My CV.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert "document_opened" not in events(vendor)


def test_other_vendor_does_not_learn_that_the_file_exists():
    cv = stored_cv(create_vendor(state=VendorState.ONBOARDING))
    stranger = signed_in(create_vendor(state=VendorState.ONBOARDING).user)

    assert stranger.get(f"/documents/{cv.pk}/").status_code == 404
    assert stranger.get(f"/documents/{uuid.uuid4()}/").status_code == 404


def test_nobody_gets_a_file_without_signing_in(client):
    cv = stored_cv(create_vendor(state=VendorState.ONBOARDING))

    assert client.get(f"/documents/{cv.pk}/").url.startswith("/sign-in/")


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (roles.VENDOR_MANAGER, 200),
        (roles.FINANCE, 200),
        (roles.AUDITOR, 200),
        (roles.ADMINISTRATOR, 200),
        (roles.OPERATIONS, 404),
    ],
)
def test_staff_get_a_file_by_their_role_and_each_look_is_recorded(role, status):
    vendor = create_vendor(state=VendorState.ONBOARDING)
    cv = stored_cv(vendor)
    staff = create_staff(role=role)

    assert signed_in(staff).get(f"/documents/{cv.pk}/").status_code == status

    opened = list(vendor.events.filter(kind="document_opened").values_list("by", "data"))
    assert opened == ([(staff.pk, {"document": str(cv.pk)})] if status == 200 else [])


def test_file_that_is_gone_from_the_disk_is_not_found():
    vendor = create_vendor(state=VendorState.ONBOARDING)
    cv = stored_cv(vendor)
    cv.file.storage.delete(cv.file.name)

    assert signed_in(vendor.user).get(f"/documents/{cv.pk}/").status_code == 404


def test_rates_show_all_their_decimals():
    vendor = approved_vendor(minimum_fee=Decimal("1250"))

    assert "EUR 1,250.00" in signed_in(vendor.user).get("/profile/").text


def test_vm_reads_the_approved_rates_pair_by_pair(as_vera):
    vendor = approved_vendor()

    shown = as_vera.get(f"/admin/vendors/vendor/{vendor.pk}/change/").text

    for offered in vendor.language_pairs.all():
        for rate in offered.rates.all():
            assert (
                f"{service_catalogue.service_name(rate.service)}: {money.display(rate.amount, rate.currency)}" in shown
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
