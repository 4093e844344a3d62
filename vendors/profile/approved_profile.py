"""The approved profile: what VM agreed to, in tables of its own."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from identity.jobs.queue import defer
from vendors.answers import fingerprints
from vendors.evidence import standing
from vendors.models import (
    CompanyDetails,
    Document,
    LanguagePair,
    Profile,
    Qualification,
    Rate,
    Vendor,
    VendorKind,
)
from vendors.payment import details as payment
from vendors.qualifications import evidence_pieces


@dataclass(frozen=True, kw_only=True)
class ApprovedRate:
    service: str
    unit: str
    amount: Decimal
    currency: str


@dataclass(frozen=True, kw_only=True)
class ApprovedPair:
    source: str
    target: str
    services: list[str]
    rates: list[ApprovedRate]


@dataclass(frozen=True, kw_only=True)
class ApprovedQualification:
    route: str
    degrees: list[dict[str, Any]] = field(default_factory=list)
    experience: list[dict[str, Any]] = field(default_factory=list)
    experience_months: int = 0
    notes: str = ""


@dataclass(frozen=True, kw_only=True)
class ApprovedCompany:
    """What only a company with several translators has."""

    linguists_in_house: int
    linguists_freelance: int
    in_house_pairs: list[str]
    in_house_services: list[str]
    selection: list[str]
    revision: str
    working_notes: str = ""
    projects_name: str = ""
    projects_phone: str = ""
    accounts_name: str = ""
    accounts_phone: str = ""
    undertakes_iso_17100: bool = False
    linguists: list[dict[str, Any]] = field(default_factory=list)
    client_references: str = ""


@dataclass(frozen=True, kw_only=True)
class ApprovedDocument:
    id: uuid.UUID
    certificate: str = ""
    number: str = ""
    scope: str = ""
    issued_by: str = ""
    expires_on: dt.date | None = None


@dataclass(frozen=True, kw_only=True)
class ApprovedProfile:
    kind: str
    full_name: str
    display_name: str
    company_legal_name: str
    phone: str
    contact_email: str
    address_lines: str
    locality: str
    region: str
    postal_code: str
    country: str
    time_zone: str
    native_languages: list[str]
    specialisms: list[str]
    cat_tools: list[str]
    minimum_fee: Decimal | None
    currency: str
    pairs: list[ApprovedPair]
    # Of a person; of a company, unless it was asked as a person once.
    qualification: ApprovedQualification | None = None
    company: ApprovedCompany | None = None
    phone_as_typed: str = ""
    registration_number: str = ""
    billing_email: str = ""
    weekly_hours: int | None = None
    working_days: list[str] = field(default_factory=list)
    notice: str = ""
    tax_residence: str = ""
    tax_id: str = ""
    vat_status: str = ""
    vat_number: str = ""
    sworn_authority: str = ""
    sworn_number: str = ""
    sworn_until: dt.date | None = None
    payment: dict[str, str] | None = None
    # None leaves them as they are.
    documents: list[ApprovedDocument] | None = field(default_factory=list)
    # What came into force on a page of its own after the answers were sent is newer than they are.
    answered_at: dt.datetime | None = None


@transaction.atomic
def adopt(vendor: Vendor, approved: ApprovedProfile, *, now: dt.datetime | None = None) -> Profile:
    """Make this the vendor's profile in place of the one before. Payment details that are left out stay as they are."""
    Vendor.objects.select_for_update().get(pk=vendor.pk)
    made_here = ("id", "vendor", "adopted_at", "personal_numbers", "number_fingerprints", "search_words")
    names = [f.name for f in Profile._meta.concrete_fields if f.name not in made_here]
    values = {name: getattr(approved, name) for name in names} | _numbers(approved)
    profile, _created = Profile.objects.update_or_create(vendor=vendor, defaults=values)
    LanguagePair.objects.filter(vendor=vendor).delete()
    pairs = LanguagePair.objects.bulk_create(
        LanguagePair(vendor=vendor, source=pair.source, target=pair.target, services=pair.services)
        for pair in approved.pairs
    )
    Rate.objects.bulk_create(
        Rate(
            vendor=vendor,
            pair=pair,
            service=rate.service,
            unit=rate.unit,
            amount=rate.amount,
            currency=rate.currency,
        )
        for pair, offered in zip(pairs, approved.pairs, strict=True)
        for rate in offered.rates
    )
    for model, answers in ((Qualification, approved.qualification), (CompanyDetails, approved.company)):
        if answers is None:
            model.objects.filter(vendor=vendor).delete()
        else:
            made_of_them = _list_of_linguists(vendor, answers) if isinstance(answers, ApprovedCompany) else {}
            model.objects.update_or_create(vendor=vendor, defaults=vars(answers) | made_of_them)
    if approved.payment:
        payment.adopt(vendor, approved.payment)
    if approved.documents is not None:
        _adopt_documents(vendor, approved.documents, answered_at=approved.answered_at, now=now or timezone.now())
    name = approved.full_name if approved.kind == VendorKind.FREELANCER else approved.company_legal_name
    if vendor.name != name:
        vendor.name = name
        vendor.save(update_fields=["name"])
    standing.refresh(vendor)
    defer("vendors.tasks.look_for_duplicates", vendor_id=vendor.pk)
    return profile


def _list_of_linguists(vendor: Vendor, company: ApprovedCompany) -> dict[str, Any]:
    """Which list the undertaking rests on, and since when: VM samples each list once."""
    if not (company.undertakes_iso_17100 and company.linguists):
        return {"linguists_fingerprint": "", "linguists_since": None}
    of_list = evidence_pieces.of_list(company.linguists)
    before = CompanyDetails.objects.filter(vendor=vendor, linguists_fingerprint=of_list).first()
    return {"linguists_fingerprint": of_list, "linguists_since": before.linguists_since if before else timezone.now()}


def _numbers(approved: ApprovedProfile) -> dict[str, Any]:
    given = {name: number for name in Profile.NUMBERS if (number := getattr(approved, name))}
    values: dict[str, Any] = {"personal_numbers": {}, "number_fingerprints": fingerprints.of(given.values())}
    if approved.kind == VendorKind.COMPANY:
        return values
    return values | dict.fromkeys(Profile.NUMBERS, "") | {"personal_numbers": given}


def _adopt_documents(
    vendor: Vendor, approved: list[ApprovedDocument], *, answered_at: dt.datetime | None, now: dt.datetime
) -> None:
    """These are in force from now on; what was replaced by them is left to the sweep."""
    given = {row.id: row for row in approved}
    theirs = list(Document.objects.filter(vendor=vendor))
    renewed = {row.slot for row in theirs if row.approved_at and answered_at and row.approved_at > answered_at}
    for document in theirs:
        answer = given.get(document.pk)
        if document.slot in renewed or _is_left_out(document, answer):
            continue
        if answer is None:
            document.approved_at = None
            continue
        if document.expires_on != answer.expires_on:
            document.expires_on, document.reminded_days_before = answer.expires_on, None
        document.certificate, document.number = answer.certificate, answer.number
        document.scope, document.issued_by = answer.scope, answer.issued_by
        document.approved_at = document.approved_at or now
    given_now = ["certificate", "number", "scope", "issued_by", "expires_on", "reminded_days_before", "approved_at"]
    Document.objects.bulk_update(theirs, given_now)


def _is_left_out(document: Document, answer: ApprovedDocument | None) -> bool:
    """One that VM could not accept is in no answers. It stays where it is until the vendor removes or replaces it."""
    return answer is None and document.is_refused and document.replaced_at is None
