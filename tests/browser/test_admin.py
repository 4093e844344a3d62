"""VM's admin in Chromium at two widths: no axe violation, no CSP violation, no request to anybody else."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from identity.jobs import heartbeat
from onboarding.reports import figures
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
from vendors.agreements import versions
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
    figures.work_out()
    draft = versions.start("cooperation", by=vera)
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
        "/admin/onboarding/report/",
        "/admin/vendors/absence/",
        "/admin/vendors/absence/hand-over/",
        "/admin/vendors/text/",
        "/admin/vendors/text/email/vendors-email-changed/",
        "/admin/vendors/text/choices/",
        "/admin/vendors/agreementversion/",
        f"/admin/vendors/agreementversion/draft/{draft.pk}/",
        f"/admin/vendors/agreementversion/publish/{draft.pk}/",
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
    desk.locator('a.queue[href*="/vendors/evidence/"]').first.click()
    evidence = f"/admin/vendors/evidence/{sent['certificate-1'].evidence.get().pk}"
    expect(finding.link(desk, f"{evidence}/change/")).to_be_visible()
    look(desk)
    finding.link(desk, f"{evidence}/change/").click()
    look(desk)
    verified = finding.button(desk, f"{evidence}/verify/")
    verified.click()
    form = desk.locator(f'form[action="{evidence}/verify/"]')
    expect(form.locator(".errorlist").first).to_be_visible()
    look(desk)
    form.locator('input[value="register_checked"]').check()
    verified.click()
    expect(desk.locator(".messagelist")).to_be_visible()
    look(desk)
    desk.goto(f"{live_server.url}/admin/vendors/document/{sent['cv'].pk}/change/")
    look(desk)
    desk.goto(f"{live_server.url}/admin/vendors/vendor/{vendor.pk}/change/")
    expect(desk.locator("#qualified")).to_be_visible()
    look(desk)
    sent["certificate-1"].refresh_from_db()
    assert sent["certificate-1"].state == "verified"


def test_exception_is_granted_and_told_apart_in_the_report(desk, live_server):
    vendor = create_vendor(state=VendorState.APPROVED, name="Łucja Nowak")
    approved_profile.adopt(vendor, approved())

    desk.goto(f"{live_server.url}/admin/vendors/vendor/{vendor.pk}/exceptions/")
    look(desk)
    finding.button(desk).click()
    look(desk)
    desk.locator('select[name="exception-what"]').select_option("de|pl|translation")
    last = timezone.localdate() + dt.timedelta(days=40)
    finding.write(desk, **{"exception-until": f"{last:%d.%m.%Y}", "exception-reason": "The only one for this pair."})
    finding.button(desk).click()
    expect(desk.locator(".messagelist")).to_be_visible()
    look(desk)

    desk.goto(f"{live_server.url}/admin/vendors/vendor/qualified/")
    look(desk)
    for name, value in {"source": "de", "target": "pl", "service": "translation", "specialism": "legal"}.items():
        desk.locator(f'#question select[name="{name}"]').select_option(value)
    desk.locator("#question button").click()
    expect(desk.locator("#answer")).to_be_visible()
    expect(desk.get_by_text("The only one for this pair.")).to_be_visible()
    look(desk)
