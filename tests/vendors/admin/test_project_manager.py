"""A project manager finds vendors and sees what it takes to offer them work, and nothing else of them."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from identity.roles import PROJECT_MANAGER
from tests.clients import signed_in
from tests.factories import create_email_change, create_failure, create_staff
from tests.onboarding.answers import PAYMENT
from tests.vendors.finding.offering import offering
from tests.vendors.qualifications.test_companies import company
from vendors.models import AwayPeriod, VendorKind
from vendors.payment import details as payment
from vendors.tags import lifecycle as tags

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_petra():
    return signed_in(create_staff(role=PROJECT_MANAGER))


@pytest.fixture
def known_vendor(vera):
    """With something of everything that is none of a project manager's business."""
    vendor = offering(
        "Ana Almeida",
        contact_email="jobs@almeida.example",
        billing_email="invoices@almeida.example",
        tax_residence="PT",
        tax_id="123456789",
        vat_status="registered",
    )
    payment.adopt(vendor, PAYMENT)
    create_failure(user=vendor.user, reason="declined")
    create_email_change(vendor=vendor, old="before@almeida.example")
    AwayPeriod.objects.create(
        vendor=vendor, starts_on=timezone.localdate(), ends_on=timezone.localdate() + dt.timedelta(3), note="On a boat"
    )
    tags.replace(vendor, ["rush jobs"], by=vera)
    return vendor


def page_of(vendor) -> str:
    return f"/admin/vendors/vendor/{vendor.pk}/change/"


def test_first_page_is_for_finding_vendors(as_petra):
    first = as_petra.get("/admin/")

    assert 'id="find"' in first.text
    assert first.context["queues"] == []
    assert first.context["stuck"] == []
    assert first.context["funnel"] == []
    assert "There is nothing here for your role." not in first.text


def test_vendor_management_keeps_its_queues(as_vera):
    assert 'id="find"' not in as_vera.get("/admin/").text


def test_page_shows_profile_rates_availability_and_contact(as_petra, known_vendor):
    seen = as_petra.get(page_of(known_vendor)).text

    contact = (known_vendor.primary_email, "jobs@almeida.example")
    for shown in ("Ana Almeida", *contact, "EUR 0.10", "On a boat", "rush jobs"):
        assert shown in seen, shown


def test_page_shows_nothing_of_tax_payment_cases_and_the_work_on_them(as_petra, known_vendor):
    seen = as_petra.get(page_of(known_vendor)).text

    for hidden in (
        "123456789",
        "registered for VAT",
        "invoices@almeida.example",
        "IBAN",
        "before@almeida.example",
        "Timeline",
        "consent",
        "/explain/",
        "/tags/",
        "Can sign in with",
        "ISO 17100",
    ):
        assert hidden not in seen, hidden


@pytest.mark.parametrize("way", ["explain/", "history/", "suspend/", "tags/", "change-email/", "sessions/"])
def test_what_belongs_to_the_work_on_a_vendor_is_refused(as_petra, known_vendor, way):
    assert as_petra.get(f"/admin/vendors/vendor/{known_vendor.pk}/{way}").status_code == 403


def test_nothing_is_saved_from_the_page(as_petra, known_vendor):
    assert as_petra.post(page_of(known_vendor), {"name": "Other", "language": "en-GB"}).status_code == 403


def test_list_shows_no_cases_and_finds_no_vendor_by_one(as_petra, as_vera, known_vendor):
    case = create_failure(user=known_vendor.user)

    assert "open cases" not in as_petra.get("/admin/vendors/vendor/").text
    for client, number in ((as_vera, 1), (as_petra, 0)):
        found = client.get(f"/admin/vendors/vendor/?q={case.reference}")
        assert len(found.context["cl"].result_list) == number


def test_finding_offers_no_criterion_about_cases_and_takes_none(as_petra, known_vendor):
    offering("No case")

    answer = as_petra.get("/admin/vendors/vendor/find/?cases=open")

    assert 'name="cases"' not in answer.text
    assert len(answer.context["groups"][0].lines) == 2


def test_contacts_of_an_agency_are_shown_and_not_its_list_of_linguists(as_petra):
    linguists = [{"initials": "QX", "pairs": ["de.pl"], "route": "experience"}]
    agency = company(projects_name="Paula Projects", undertakes_iso_17100=True, linguists=linguists)
    vendor = offering("Studio Ana", kind=VendorKind.COMPANY, company_legal_name="Studio Ana", company=agency)

    seen = as_petra.get(page_of(vendor)).text

    assert "Paula Projects" in seen
    assert "QX" not in seen
