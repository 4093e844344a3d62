"""An approved profile to start from."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.factories import create_vendor
from vendors.models import Vendor, VendorState
from vendors.profile import approved_profile

IBAN = {
    "method": "iban",
    "holder": "Łucja Nowak",
    "holder_is_vendor": "yes",
    "iban": "PL61109010140000071219812874",
    "bic": "",
}


def approved(**changed: Any) -> approved_profile.ApprovedProfile:
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


def approved_vendor(**changed: Any) -> Vendor:
    vendor = create_vendor(state=VendorState.APPROVED, primary_email="lucja@example.com")
    approved_profile.adopt(vendor, approved(**changed))
    return vendor
