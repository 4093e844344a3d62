import dataclasses
import uuid
from decimal import Decimal

import pytest

from tests.factories import create_vendor
from tests.records import events, jobs
from vendors.models import LanguagePair, PaymentDetails, Rate, VendorState
from vendors.profile import approved_profile

pytestmark = pytest.mark.django_db

IBAN = {
    "method": "iban",
    "holder": "Łucja Nowak",
    "holder_is_vendor": "yes",
    "iban": "PL61109010140000071219812874",
    "bic": "",
}


def approved(**changed) -> approved_profile.ApprovedProfile:
    values = {
        "kind": "freelancer",
        "full_name": "Łucja Nowak",
        "display_name": "Łucja",
        "company_legal_name": "",
        "phone": "+48221234567",
        "contact_email": "",
        "address_lines": "ul. Prosta 1",
        "locality": "Warszawa",
        "region": "",
        "postal_code": "00-001",
        "country": "PL",
        "time_zone": "Europe/Warsaw",
        "native_languages": ["pl"],
        "specialisms": ["legal"],
        "cat_tools": ["memoq"],
        "minimum_fee": Decimal("25.00"),
        "currency": "EUR",
        "pairs": [pair("de", "pl", "0.085"), pair("en-GB", "pl", "0.09")],
        "qualification": approved_profile.ApprovedQualification(route="experience", experience_months=90),
    }
    return approved_profile.ApprovedProfile(**(values | changed))


def pair(source: str, target: str, amount: str) -> approved_profile.ApprovedPair:
    rate = approved_profile.ApprovedRate(
        service="translation", unit="source_word", amount=Decimal(amount), currency="EUR"
    )
    return approved_profile.ApprovedPair(source=source, target=target, services=["translation"], rates=[rate])


def rates(vendor) -> set[tuple[str, str, Decimal]]:
    return set(vendor.rates.values_list("pair__source", "pair__target", "amount"))


def test_adopted_profile_is_in_the_tables():
    vendor = create_vendor(name="As VM typed it")

    approved_profile.adopt(vendor, approved(payment=IBAN))

    assert vendor.profile.phone == "+48221234567"
    assert rates(vendor) == {("de", "pl", Decimal("0.0850")), ("en-GB", "pl", Decimal("0.0900"))}
    assert vendor.qualification.experience_months == 90
    assert vendor.payment_details.masked == "IBAN PL… 2874"
    vendor.refresh_from_db()
    assert vendor.name == "Łucja Nowak"


def test_adopting_again_replaces_what_was_there():
    vendor = create_vendor()
    approved_profile.adopt(vendor, approved(payment=IBAN))

    approved_profile.adopt(vendor, approved(pairs=[pair("fr", "pl", "0.1")], locality="Kraków"))

    vendor.refresh_from_db()
    assert vendor.profile.locality == "Kraków"
    assert rates(vendor) == {("fr", "pl", Decimal("0.1000"))}
    assert (LanguagePair.objects.count(), Rate.objects.count()) == (1, 1)
    assert vendor.payment_details.details == IBAN


def test_adopting_is_all_or_nothing():
    vendor = create_vendor()
    approved_profile.adopt(vendor, approved())
    broken = dataclasses.replace(approved(locality="Kraków"), pairs=[pair("de", "pl", "0.1"), pair("de", "pl", "0.1")])

    with pytest.raises(Exception, match="language_pair_once"), approved_profile.transaction.atomic():
        approved_profile.adopt(vendor, broken)

    vendor.refresh_from_db()
    assert vendor.profile.locality == "Warszawa"
    assert len(rates(vendor)) == 2


def test_company_is_called_by_its_legal_name():
    vendor = create_vendor()

    approved_profile.adopt(vendor, approved(kind="company", company_legal_name="Nowak i Syn sp. z o.o."))

    vendor.refresh_from_db()
    assert vendor.name == "Nowak i Syn sp. z o.o."


def test_document_of_somebody_else_is_not_adopted():
    vendor = create_vendor()

    approved_profile.adopt(vendor, approved(documents=[approved_profile.ApprovedDocument(id=uuid.uuid4())]))

    assert not vendor.documents.exists()


def test_missing_payment_details_are_added_once_and_the_vendor_is_told():
    vendor = create_vendor(state=VendorState.APPROVED)

    approved_profile.add_payment(vendor, IBAN)

    with pytest.raises(approved_profile.PaymentDetailsThere):
        approved_profile.add_payment(vendor, IBAN | {"iban": "DE89370400440532013000"})
    assert PaymentDetails.objects.get().masked == "IBAN PL… 2874"
    assert "payment_added" in events(vendor)
    assert jobs("vendors.tasks.mail_payment_added") == [{"vendor_id": vendor.pk}]
