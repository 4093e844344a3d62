"""Documents of vendors to start from."""

from __future__ import annotations

import datetime as dt

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests.factories import create_vendor
from tests.vendors.documents.test_inspection import PDF_BYTES
from tests.vendors.profiles import approved
from vendors.documents import lifecycle as documents
from vendors.documents.inspection import PDF
from vendors.models import Document, Vendor, VendorState
from vendors.profile import approved_profile


def upload(name: str = "paper.pdf", content: bytes = PDF_BYTES) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type=PDF)


def store(vendor: Vendor, slot: str = "certificate-1", content: bytes = PDF_BYTES) -> Document:
    return documents.store(vendor, slot=slot, upload=upload(content=content), content_type=PDF)


def in_force(*, ends: dt.date | None = None, slot: str = "certificate-1", vendor: Vendor | None = None) -> Document:
    vendor = vendor or create_vendor(state=VendorState.APPROVED, primary_email="lucja@example.com")
    paper = store(vendor, slot)
    kind = "membership" if slot.startswith("certificate") else ""
    given = approved_profile.ApprovedDocument(id=paper.pk, certificate=kind, number="A 1", expires_on=ends)
    approved_profile.adopt(vendor, approved(documents=[given]))
    paper.refresh_from_db()
    return paper


def in_days(days: int) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)
