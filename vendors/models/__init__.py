"""Whom do we work with: the vendor, its history and its approved profile."""

from vendors.models.company import CompanyDetails, LinguistSample, Revision, Selection
from vendors.models.document import Document, DocumentQuerySet, document_path
from vendors.models.event import VendorEvent
from vendors.models.imports import VendorImport
from vendors.models.payment_dispute import PaymentDispute
from vendors.models.profile import (
    Acceptance,
    LanguagePair,
    Notice,
    PaymentDetails,
    Profile,
    Qualification,
    Rate,
    VatStatus,
    VendorKind,
)
from vendors.models.vendor import EmailChange, EmailChangeRequest, Vendor, VendorQuerySet, VendorState

__all__ = [
    "Acceptance",
    "CompanyDetails",
    "Document",
    "DocumentQuerySet",
    "EmailChange",
    "EmailChangeRequest",
    "LanguagePair",
    "LinguistSample",
    "Notice",
    "PaymentDetails",
    "PaymentDispute",
    "Profile",
    "Qualification",
    "Rate",
    "Revision",
    "Selection",
    "VatStatus",
    "Vendor",
    "VendorEvent",
    "VendorImport",
    "VendorKind",
    "VendorQuerySet",
    "VendorState",
    "document_path",
]
