"""A vendor's papers after approval: on the profile, and replaced by a newer one."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.visitor import Visitor
from tests.factories import create_vendor
from tests.onboarding.answers import PDF, pdf
from tests.vendors.profiles import approved
from vendors.documents import lifecycle as documents
from vendors.models import VendorState
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
    expect(lucja.page.get_by_text("soon over")).to_be_visible()
    lucja.look()

    lucja.follow("Replace membership of an association")
    lucja.look()
    lucja.press("Send it")
    expect(lucja.page.get_by_role("link", name="Please choose the new file.")).to_be_visible()
    lucja.look()
    newer = tmp_path / "new.pdf"
    newer.write_bytes(PDF * 2)
    lucja.page.get_by_label("The new file").set_input_files(newer)
    lucja.page.get_by_label("Valid until").fill(f"12/{ends.year + 1}")
    lucja.press("Send it")

    lucja.arrives("/profile/")
    expect(lucja.page.get_by_text("We have the new file and look at it soon.")).to_be_visible()
