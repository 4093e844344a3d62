"""VM's admin in Chromium at two widths: no axe violation, no CSP violation, no request to anybody else."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from identity.jobs import heartbeat
from tests.browser import finding
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
    finding.link(desk.get_by_role("navigation"), "/admin/vendors/vendor/").click()
    finding.link(desk, "/admin/vendors/vendor/add/").click()
    finding.write(desk, name="Ana Almeida", primary_email="sandbox-ana@gmial.com")
    finding.button(desk, name="_invite").click()
    expect(desk.get_by_text("sandbox-ana@gmail.com")).to_be_visible()
    look(desk)
    finding.button(desk, name="_invite").click()
    expect(desk.locator(".messagelist")).to_be_visible()

    desk.locator('a[href$="/change-email/"]').click()
    finding.write(desk, new="sandbox-ana@gmail.com", reason="mistyped")
    finding.button(desk).click()
    expect(desk.locator("#consequences")).to_be_visible()
    look(desk)
    finding.button(desk, name="_confirm").click()
    expect(desk.locator(".messagelist")).to_contain_text("sandbox-ana@gmail.com")
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
    desk.locator('a.queue[href*="/vendors/document/"]').first.click()
    paper = f"/admin/vendors/document/{sent['certificate-1'].pk}"
    expect(finding.link(desk, f"{paper}/change/")).to_be_visible()
    look(desk)
    finding.link(desk, f"{paper}/change/").click()
    verified = finding.button(desk, f"{paper}/verify/")
    expect(verified).to_be_visible()
    look(desk)
    verified.click()
    verdict = finding.question(desk.locator(f'form[action="{paper}/verify/"]'), "verify-verdict")
    expect(verdict).to_have_attribute("aria-invalid", "true")
    look(desk)
    verdict.fill("It is in the association's list.")
    verified.click()
    expect(desk.locator(".messagelist")).to_be_visible()
    look(desk)
    finding.link(desk, f"/admin/vendors/vendor/{vendor.pk}/change/").click()
    expect(desk.locator("#qualified")).to_be_visible()
    look(desk)
    sent["certificate-1"].refresh_from_db()
    assert sent["certificate-1"].state == "verified"
