"""What happens in the wizard only in a real browser: two tabs, and more than a page may send."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser import filling
from tests.browser.visitor import Visitor
from tests.clients import signed_in
from tests.factories import create_vendor
from tests.onboarding import answers
from vendors.models import Vendor, VendorState


@pytest.fixture
def lucja(visit, size) -> Visitor:
    vendor = create_vendor(state=VendorState.ONBOARDING, name="Łucja Nowak", primary_email="lucja@example.com")
    visitor = visit(vendor.primary_email, size=size)
    visitor.is_signed_in_as(vendor.user)
    return visitor


def test_two_tabs_see_both_versions(lucja: Visitor):
    page = lucja.page
    lucja.go("/onboarding/about/")
    filling.about(page)
    other = page.context.new_page()
    other.goto(page.url)
    filling.about(other)
    other.get_by_label("Your full name").fill("Typed in the other tab")
    other.get_by_role("button", name="Save and continue").click()
    other.close()

    lucja.press("Save and continue")

    expect(page.get_by_role("heading", name="This page was saved somewhere else in the meantime")).to_be_visible()
    expect(page.get_by_role("cell", name="Typed in the other tab")).to_be_visible()
    lucja.look()
    lucja.forgives(409)
    lucja.press("Save what I typed")
    lucja.arrives("/onboarding/contact/")


def test_only_the_chosen_branch_is_shown_and_nothing_typed_in_another_is_lost(lucja: Visitor):
    page = lucja.page
    lucja.go("/onboarding/about/")
    company = page.get_by_label("Name of the company")
    expect(company).to_be_visible()
    page.get_by_label("As a freelancer, under my own name").check()
    expect(company).to_be_hidden()
    page.get_by_label("We are a company with several translators").check()
    expect(company).to_be_visible()

    lucja.go("/onboarding/payment/")
    iban, paypal = page.get_by_role("textbox", name="IBAN"), page.get_by_label("Email address of your PayPal account")
    expect(iban).to_be_visible()
    expect(paypal).to_be_visible()
    page.get_by_label("Bank account with an IBAN").check()
    iban.fill("PL61 1090 1014 0000 0712 1981 2874")
    expect(paypal).to_be_hidden()
    lucja.look()
    page.get_by_label("PayPal", exact=True).check()
    expect(iban).to_be_hidden()
    lucja.press("Save and exit")

    lucja.go("/onboarding/payment/")
    page.get_by_label("Bank account with an IBAN").check()
    expect(iban).to_have_value("PL61 1090 1014 0000 0712 1981 2874")


def test_many_pairs_at_a_glance(lucja: Visitor):
    client = signed_in(Vendor.objects.get().user)
    answers.fill_in(client, up_to="rates", languages=answers.languages_of(30))
    page = lucja.page

    lucja.go("/onboarding/services/")
    page.get_by_role("button", name="Italian → Polish").click()
    page.get_by_role("group", name="Italian → Polish").get_by_label("Subtitling").check()
    lucja.look()
    lucja.press("Save and continue")
    lucja.arrives("/onboarding/rates/")
    page.get_by_role("group", name="Translation").get_by_label("Your rate").fill("0,085")
    page.get_by_role("button", name="Italian → Polish").click()

    own = page.get_by_role("group", name="Only in Italian → Polish")
    own.get_by_role("group", name="Translation").get_by_role("textbox").fill("0.12")
    lucja.press("Save and continue")

    expect(page.get_by_role("row", name="Italian → Polish")).to_contain_text("0.12")
    expect(page.get_by_role("row", name="French → Polish").first).to_contain_text("usual")
    expect(page.get_by_text("Still missing:")).to_be_visible()
    lucja.look()


def test_file_that_is_too_big_is_answered_with_a_page(lucja: Visitor, tmp_path: Path):
    big = tmp_path / "scan.pdf"
    big.write_bytes(b"%PDF-" + b"x" * (30 * 2**20))
    lucja.go("/onboarding/qualifications/")
    lucja.page.get_by_label("Anything else").fill("A prize")
    lucja.page.get_by_label("Your CV").set_input_files(big)

    lucja.press("Save and continue")

    expect(lucja.page.get_by_label("Anything else")).to_have_value("A prize")
    expect(lucja.page.get_by_text("none of them was taken; everything you typed is saved").first).to_be_visible()
    lucja.look()
    lucja.forgives(413)


def test_qualifications_page_shows_what_a_yes_asks_for(lucja: Visitor, tmp_path: Path):
    lucja.go("/onboarding/languages/")
    filling.languages(lucja.page)
    lucja.press("Save and continue")
    filling.services(lucja.page)
    lucja.press("Save and continue")
    lucja.go("/onboarding/qualifications/")
    page = lucja.page
    title = page.get_by_label("Title of your degree").first
    expect(title).to_be_hidden()

    page.get_by_role("group", name="Do you have a degree in translation").get_by_label("Yes").check()
    expect(title).to_be_visible()
    title.fill("MA in Translation")
    page.get_by_label("Where you got it").first.fill("University of Examples")
    page.get_by_role("group", name="Have you worked as a translator").get_by_label("Yes").check()
    page.get_by_label("From").fill("2019")
    page.get_by_text("Only in some of your language pairs?").click()
    page.get_by_label("German → Polish").check()
    lucja.look()
    lucja.press("Save and tell me my way")

    expect(page.get_by_role("heading", name="What this means")).to_be_in_viewport()
    lucja.look()
    lucja.press("Add another period")
    expect(page.get_by_label("From").nth(1)).to_be_in_viewport()
    lucja.press("Add a certificate")
    page.get_by_label("What is it?").select_option(label="Membership of an association")
    cv = tmp_path / "IMG_0001.HEIC"
    cv.write_bytes((Path(__file__).parent.parent / "vendors" / "files" / "iphone.heic").read_bytes())
    page.get_by_label("Your CV").set_input_files(cv)
    lucja.press("Save and continue")

    expect(page.get_by_role("link", name="is a photo in Apple's own format")).to_be_visible()
    expect(page.get_by_role("link", name="Please say until when certificate 1 is valid.")).to_be_visible()
    lucja.look()
