"""VM's admin in Chromium at two widths: no axe violation, no CSP violation, no request to anybody else."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from identity.jobs import heartbeat
from tests.browser.looking import look
from tests.clients import signed_in
from tests.factories import (
    create_attempt,
    create_email_change,
    create_failure,
    create_invitation,
    create_vendor,
)
from tests.onboarding.answers import PDF, pdf
from tests.vendors.profiles import approved
from vendors import lifecycle
from vendors.documents import lifecycle as documents
from vendors.models import EmailChange, Vendor, VendorState
from vendors.profile import approved_profile

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.filterwarnings("ignore:No directory at")]


def test_every_page_is_readable_for_everybody(desk, live_server, vera):
    vendor = create_vendor(state=VendorState.APPROVED, name="Ana Almeida", owner=vera)
    create_email_change(vendor=vendor, old="old@mail.example")
    create_invitation(user=vendor.user, address=vendor.primary_email, state="queued")
    failure = create_failure(user=vendor.user, address="ana@mail.example", count=3)
    create_attempt(user=vendor.user)
    create_vendor(state=VendorState.SUBMITTED)
    signed_in(vendor.user)
    lifecycle.suspend(create_vendor(state=VendorState.INVITED), by=vera, reason="on leave")

    for path in (
        "/admin/",
        "/admin/vendors/vendor/",
        "/admin/vendors/vendor/?q=ana",
        f"/admin/vendors/vendor/{vendor.pk}/change/",
        "/admin/vendors/vendor/add/",
        f"/admin/vendors/vendor/{vendor.pk}/change-email/",
        f"/admin/vendors/vendor/{vendor.pk}/suspend/",
        f"/admin/vendors/vendor/{vendor.pk}/explain/",
        f"/admin/vendors/vendor/{vendor.pk}/sessions/",
        "/admin/vendors/vendor/explain/?email=nobody@mail.example",
        "/admin/identity/failure/",
        f"/admin/identity/failure/{failure.pk}/change/",
        f"/admin/identity/failure/{failure.pk}/resolve/",
        "/admin/identity/invitation/",
        f"/admin/identity/user/{vera.pk}/change/",
    ):
        answer = desk.goto(f"{live_server.url}{path}")
        assert answer.status == 200, path
        look(desk)


def test_adding_a_vendor_and_changing_the_address(desk, live_server):
    heartbeat.beat("worker")
    desk.goto(f"{live_server.url}/admin/")
    desk.get_by_role("navigation", name="Main").get_by_role("link", name="Vendors").click()
    desk.get_by_role("link", name="Add vendor").click()
    desk.get_by_label("Name").fill("Ana Almeida")
    desk.get_by_label("Primary email").fill("sandbox-ana@gmial.com")
    desk.get_by_role("button", name="Add and invite").click()
    expect(desk.get_by_text("Did you mean sandbox-ana@gmail.com?")).to_be_visible()
    look(desk)
    desk.get_by_role("button", name="Add and invite").click()
    expect(desk.get_by_text("the invitation is queued")).to_be_visible()
    expect(desk.get_by_text("Waiting for Microsoft.")).to_be_visible()

    desk.get_by_role("link", name="Change primary email").click()
    desk.get_by_label("New address").fill("sandbox-ana@gmail.com")
    desk.get_by_label("Reason").fill("mistyped")
    desk.get_by_role("button", name="Go on").click()
    expect(desk.get_by_role("heading", name="What will happen")).to_be_visible()
    look(desk)
    desk.get_by_role("button", name="Change the primary email").click()
    expect(desk.get_by_text("The primary email is now sandbox-ana@gmail.com.")).to_be_visible()
    look(desk)

    vendor = Vendor.objects.get()
    change = EmailChange.objects.get()
    assert (vendor.primary_email, vendor.state) == ("sandbox-ana@gmail.com", VendorState.INVITED)
    assert (change.old, change.mode, change.reason) == ("sandbox-ana@gmial.com", "correction", "mistyped")


def test_papers_are_looked_at_and_judged(desk, live_server):
    vendor = create_vendor(state=VendorState.APPROVED)
    degrees = [{"subject": "translation", "title": "MA", "institution": "UJ", "country": "PL", "year": 2012}]
    sent = {
        slot: documents.store(vendor, slot=slot, upload=pdf(f"{slot}.pdf", PDF + slot.encode()), content_type="")
        for slot in ("cv", "degree", "certificate-1")
    }
    papers = [
        approved_profile.ApprovedDocument(id=sent["cv"].pk),
        approved_profile.ApprovedDocument(id=sent["degree"].pk),
    ]
    ends = timezone.localdate() + dt.timedelta(days=20)
    papers.append(
        approved_profile.ApprovedDocument(
            id=sent["certificate-1"].pk, certificate="membership", number="7", expires_on=ends
        )
    )
    qualification = approved_profile.ApprovedQualification(route="translation_degree", degrees=degrees)
    approved_profile.adopt(vendor, approved(qualification=qualification, documents=papers))

    desk.goto(f"{live_server.url}/admin/")
    desk.get_by_role("link", name="Files that end within 60 days").click()
    paper = desk.get_by_role("link", name="membership of an association")
    expect(paper).to_be_visible()
    look(desk)
    paper.click()
    expect(desk.get_by_role("button", name="Mark as verified")).to_be_visible()
    look(desk)
    desk.get_by_role("button", name="Mark as verified").click()
    expect(desk.get_by_text("Please fill in: How you know that it is true")).to_be_visible()
    look(desk)
    desk.get_by_label("How you know that it is true").fill("It is in the association's list.")
    desk.get_by_role("button", name="Mark as verified").click()
    expect(desk.get_by_text("Saved: verified.")).to_be_visible()
    look(desk)
    desk.get_by_role("link", name="Łucja Nowak").click()
    expect(desk.get_by_role("heading", name="Who is qualified for what (ISO 17100)")).to_be_visible()
    look(desk)
