"""Whom do we work with: the vendor, its history and its approved profile."""

from vendors.models.agreements import AgreementVersion
from vendors.models.away import AwayPeriod, AwayPeriodQuerySet
from vendors.models.bulk import BulkRow, BulkRun
from vendors.models.colleagues import Absence, ColleaguePreferences, Handover
from vendors.models.company import CompanyDetails, LinguistSample, Revision, Selection
from vendors.models.data_request import DataRequest
from vendors.models.document import Document, DocumentQuerySet, document_path
from vendors.models.duplicate import PossibleDuplicate, PossibleDuplicateQuerySet
from vendors.models.event import VendorEvent
from vendors.models.evidence import (
    Evidence,
    EvidenceKind,
    IsoException,
    Measure,
    PairStanding,
    QualificationExport,
    Standing,
    Verification,
)
from vendors.models.exchange_rate import ExchangeRate
from vendors.models.feed import FeedEpoch, FeedLine
from vendors.models.imports import ImportRow, VendorImport
from vendors.models.note import Note
from vendors.models.notice import VendorNotice
from vendors.models.payment_dispute import PaymentDispute
from vendors.models.payment_release import PaymentRelease
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
from vendors.models.rate_proposal import RateProposal
from vendors.models.retention import LockedRecord, RetentionEntry, RetentionHold, Section
from vendors.models.saved_view import SavedView
from vendors.models.still_right import ProfileCheck, TrainingRecord
from vendors.models.tag import Tag, VendorTag
from vendors.models.tax_check import TaxCheck
from vendors.models.test_translation import TestTranslation
from vendors.models.texts import Text, TextChange
from vendors.models.vendor import ClosedAs, EmailChange, EmailChangeRequest, Vendor, VendorQuerySet, VendorState
from vendors.models.vendor_export import VendorExport

__all__ = [
    "Absence",
    "Acceptance",
    "AgreementVersion",
    "AwayPeriod",
    "AwayPeriodQuerySet",
    "BulkRow",
    "BulkRun",
    "ClosedAs",
    "ColleaguePreferences",
    "CompanyDetails",
    "DataRequest",
    "Document",
    "DocumentQuerySet",
    "EmailChange",
    "EmailChangeRequest",
    "Evidence",
    "EvidenceKind",
    "IsoException",
    "ExchangeRate",
    "FeedEpoch",
    "FeedLine",
    "ImportRow",
    "Handover",
    "LanguagePair",
    "LinguistSample",
    "LockedRecord",
    "Measure",
    "Note",
    "Notice",
    "PairStanding",
    "PaymentDetails",
    "PaymentDispute",
    "PaymentRelease",
    "PossibleDuplicate",
    "PossibleDuplicateQuerySet",
    "Profile",
    "ProfileCheck",
    "Qualification",
    "QualificationExport",
    "Rate",
    "RateProposal",
    "RetentionEntry",
    "RetentionHold",
    "Revision",
    "SavedView",
    "Section",
    "Selection",
    "Standing",
    "Tag",
    "TaxCheck",
    "Text",
    "TextChange",
    "TestTranslation",
    "TrainingRecord",
    "VatStatus",
    "Vendor",
    "VendorEvent",
    "VendorExport",
    "VendorImport",
    "VendorKind",
    "VendorNotice",
    "VendorQuerySet",
    "VendorState",
    "Verification",
    "VendorTag",
    "document_path",
]
