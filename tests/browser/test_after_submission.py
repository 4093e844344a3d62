"""What a vendor and VM see after the answers are sent, in Chromium at two widths."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from onboarding.models import Draft, Submission
from onboarding.review import decide as review
from tests.agreements_fixture import Publish
from tests.browser import finding
from tests.browser.looking import look, look_on_paper
from tests.browser.visitor import Visitor
from tests.factories import create_draft, create_staff, create_vendor
from tests.onboarding import changing
from vendors.models import Acceptance, VendorState

ANA = "sandbox-ana@gmail.com"


@pytest.fixture
def ana(visit: Callable[..., Visitor], size: str) -> Visitor:
    return visit(ANA, size=size)


def submitted() -> Submission:
    return changing.sent_first(create_vendor(state=VendorState.ONBOARDING, primary_email=ANA, name="Ana Almeida"))


def test_status_page_and_its_copies(ana: Visitor, tmp_path: Path):
    sent = submitted()
    ana.is_signed_in_as(sent.vendor.user)
    ana.go("/onboarding/")
    ana.arrives("/onboarding/", heading="submitted")
    expect(ana.page.get_by_text(sent.reference).first).to_be_visible()

    look_on_paper(ana.page, name="Ana Almeida")
    with ana.page.expect_download() as download:
        ana.page.locator('a[href="/onboarding/answers.html"]').click()
    copy = tmp_path / download.value.suggested_filename
    download.value.save_as(copy)
    assert copy.name == f"passport-{sent.reference}.html"
    with ana.page.expect_download() as download:
        ana.page.locator('a[href="/onboarding/answers.json"]').click()
    data = tmp_path / download.value.suggested_filename
    download.value.save_as(data)
    kept = json.loads(data.read_text(encoding="utf-8"))["answers"]
    masked = {"payment", "tax"}
    assert {step: kept[step] for step in kept.keys() - masked} == {
        step: sent.answers[step] for step in sent.answers.keys() - masked
    }
    assert masked <= kept.keys()

    review.approve(sent, by=None)
    ana.page.reload()
    ana.arrives("/profile/")
    look_on_paper(ana.page, name="Łucja Nowak-Åberg")
    finding.unfold_around(ana.page, finding.anchor(ana.page, "/onboarding/answers.html"))
    expect(finding.link(ana.page, "/onboarding/answers.html")).to_be_visible()

    paper = ana.page.context.new_page()
    paper.goto(copy.as_uri())
    expect(paper.get_by_text("IBAN PL… 2874")).to_be_visible()
    look(paper)


def test_new_agreement(ana: Visitor, publish: Publish):
    sent = submitted()
    review.approve(sent, by=None)
    publish("1.1", days_ago=3, changed="Invoices by mail.")
    text = publish("1.2", days_ago=2, changed="We pay within 14 days.", body="Invoices are paid within 14 days.")
    ana.is_signed_in_as(sent.vendor.user)

    ana.go("/")
    ana.arrives("/agreements/")
    expect(ana.page.get_by_text("We pay within 14 days.", exact=True)).to_be_visible()
    ana.press("/agreements/")
    expect(finding.complaint(ana.page, "cooperation")).to_be_visible()
    assert ana.page.title().startswith("Error:")
    ana.look()
    ana.press(button="later")
    ana.arrives("/profile/")
    ana.follow("/agreements/")
    ana.page.get_by_role("checkbox").check()
    ana.press("/agreements/")
    ana.go("/profile/")
    ana.arrives("/profile/")
    finding.unfold_around(ana.page, finding.anchor(ana.page, f"/agreements/{text.sha256}/"))
    ana.follow(f"/agreements/{text.sha256}/")
    ana.arrives(f"/agreements/{text.sha256}/")
    assert Acceptance.objects.filter(vendor=sent.vendor, version="1.2").count() == 1


def test_new_agreement_that_is_overdue(ana: Visitor, publish: Publish):
    sent = submitted()
    publish("1.1", days_ago=30)
    ana.is_signed_in_as(sent.vendor.user)

    ana.go("/")
    ana.arrives("/agreements/")
    ana.look()
    ana.page.get_by_role("checkbox").focus()
    ana.page.keyboard.press("Space")
    ana.page.keyboard.press("Tab")
    with ana.page.expect_navigation():
        ana.page.keyboard.press("Enter")
    ana.arrives("/onboarding/", heading="submitted")


def test_vm_sees_who_is_stuck(visit: Callable[..., Visitor], size: str, publish: Publish):
    vera = visit("vera.vm@sandberg.example", size=size)
    vera.is_signed_in_as(create_staff())
    stuck = create_vendor(state=VendorState.ONBOARDING, name="Ana Almeida")
    create_draft(vendor=stuck, current_step="languages", left_at=timezone.now() - dt.timedelta(days=12, hours=1))
    asked = create_vendor(state=VendorState.CHANGES_REQUESTED, name="Bo Bauer")
    create_draft(vendor=asked, left_at=timezone.now() - dt.timedelta(days=8))
    sent = submitted()
    publish("1.1", days_ago=40)

    vera.go("/admin/")
    expect(vera.page.locator("#stuck-title")).to_be_visible()
    vera.look()
    vera.follow("/admin/vendors/vendor/?stuck=any")
    vera.look()
    page = f"/admin/vendors/vendor/{stuck.pk}"
    vera.follow(f"{page}/change/")
    vera.look()
    vera.follow(f"{page}/remind/")
    vera.look()
    vera.press()
    expect(vera.page.locator(".messagelist")).to_be_visible()
    vera.look()
    assert Draft.objects.get(vendor=stuck).reminded_at
    vera.go(f"/admin/vendors/vendor/{sent.vendor.pk}/change/")
    expect(vera.page.locator(".summary-list .tag-error")).to_be_visible()
    vera.look()
