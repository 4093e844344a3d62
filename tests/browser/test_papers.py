"""A vendor's papers after approval: on the profile, and replaced by a newer one."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from django.utils import timezone
from playwright.sync_api import expect

from tests.browser import finding
from tests.browser.visitor import Visitor
from tests.factories import create_vendor
from tests.onboarding.answers import PDF, pdf
from tests.vendors.profiles import approved
from vendors.documents import lifecycle as documents
from vendors.models import Document, VendorState
from vendors.profile import approved_profile


def test_paper_that_ends_is_replaced(visit, size, tmp_path: Path):
    vendor = create_vendor(state=VendorState.APPROVED, primary_email="lucja@example.com")
    paper = documents.store(vendor, slot="certificate-1", upload=pdf("old.pdf"), content_type="application/pdf")
    ends = timezone.localdate() + dt.timedelta(days=6)
    given = approved_profile.ApprovedDocument(id=paper.pk, certificate="membership", number="A 1", expires_on=ends)
    approved_profile.adopt(vendor, approved(documents=[given]))
    lucja: Visitor = visit(vendor.primary_email, size=size)
    lucja.is_signed_in_as(vendor.user)
    lucja.go("/profile/")
    expect(lucja.page.locator("dd .tag-warning").first).to_be_visible()
    lucja.look()

    lucja.follow(f"/documents/{paper.pk}/replace/")
    lucja.look()
    lucja.press()
    expect(finding.complaint(lucja.page, "file")).to_be_visible()
    lucja.look()
    newer = tmp_path / "new.pdf"
    newer.write_bytes(PDF * 2)
    finding.question(lucja.page, "file").set_input_files(newer)
    finding.write(lucja.page, expires_on=f"12/{ends.year + 1}")
    lucja.press()

    lucja.arrives("/profile/")
    expect(lucja.page.get_by_role("status")).to_be_visible()
    assert Document.objects.filter(vendor=vendor).count() == 2
