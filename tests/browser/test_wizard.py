"""What happens in the wizard only in a real browser: two tabs, and more than a page may send."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser import filling, finding
from tests.browser.finding import question
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
    finding.write(other, about__full_name="Typed in the other tab")
    with other.expect_navigation():  # a page that is closed on its way may never say that it is closed
        finding.button(other, name="continue").click()
    other.close()

    lucja.saves()

    expect(page.get_by_role("cell", name="Typed in the other tab")).to_be_visible()
    lucja.look()
    lucja.forgives(409)
    lucja.saves()
    lucja.arrives("/onboarding/contact/")


def test_back_after_mistakes_leads_to_a_page_and_never_asks_to_send_a_form_again(lucja: Visitor):
    page = lucja.page
    lucja.go("/onboarding/")
    lucja.follow("/onboarding/about/")
    lucja.saves()
    expect(finding.complaint(page, "about-kind")).to_be_visible()
    finding.write(page, about__full_name="")
    lucja.saves()
    expect(finding.complaint(page, "about-full_name")).to_be_visible()
    lucja.look()
    lucja.follow("/onboarding/")

    page.go_back()
    expect(finding.complaint(page, "about-full_name")).to_be_visible()
    while lucja.path == "/onboarding/about/":
        expect(question(page, "about-kind", "freelancer")).to_be_visible()
        page.go_back()

    lucja.arrives("/onboarding/", heading="welcome-back")


def test_only_the_chosen_branch_is_shown_and_nothing_typed_in_another_is_lost(lucja: Visitor):
    page = lucja.page
    lucja.go("/onboarding/about/")
    company = question(page, "about-company_legal_name")
    expect(company).to_be_hidden()
    question(page, "about-kind", "freelancer").check()
    expect(company).to_be_hidden()
    question(page, "about-kind", "company").check()
    expect(company).to_be_visible()

    lucja.go("/onboarding/payment/")
    iban, paypal = question(page, "payment-iban"), question(page, "payment-paypal")
    expect(page.locator("form [name^=payment-]").locator("visible=true")).to_have_count(4)  # one for each way
    question(page, "payment-method", "iban").check()
    expect(iban).to_be_visible()
    iban.fill("PL61 1090 1014 0000 0712 1981 2874")
    expect(paypal).to_be_hidden()
    lucja.look()
    question(page, "payment-method", "paypal").check()
    expect(iban).to_be_hidden()
    lucja.press(button="exit")

    lucja.go("/onboarding/payment/")
    question(page, "payment-method", "iban").check()
    expect(iban).to_have_value("")
    expect(page.locator("#id_payment-iban_helptext")).to_contain_text("2874")


def test_question_that_hangs_on_another_is_hidden_until_that_is_answered(lucja: Visitor):
    page = lucja.page
    lucja.go("/onboarding/contact/")
    time_zone = question(page, "contact-time_zone")
    expect(time_zone).to_be_hidden()
    question(page, "contact-country").select_option("US")
    expect(time_zone).to_be_visible()
    question(page, "contact-country").select_option("PL")
    expect(time_zone).to_be_hidden()
    expect(question(page, "contact-weekly_hours")).to_be_hidden()
    lucja.look()

    client = signed_in(Vendor.objects.get().user)
    answers.fill_in(client, up_to="tax")
    lucja.go("/onboarding/tax/")
    vat_number, tax_id = question(page, "tax-vat_number"), question(page, "tax-tax_id")
    expect(vat_number).to_be_hidden()
    expect(tax_id).to_be_hidden()
    question(page, "tax-vat_status", "exempt_small").check()
    expect(tax_id).to_be_visible()
    question(page, "tax-vat_status", "registered").check()
    expect(vat_number).to_be_visible()
    expect(tax_id).to_be_hidden()
    lucja.look()


def test_many_pairs_at_a_glance(lucja: Visitor):
    client = signed_in(Vendor.objects.get().user)
    answers.fill_in(client, up_to="rates", languages=answers.languages_of(30))
    page = lucja.page

    lucja.go("/onboarding/services/")
    finding.button(page, name=("another", "it.pl")).click()
    question(page, "services-only-it.pl", "subtitling").check()
    lucja.look()
    lucja.saves()
    lucja.arrives("/onboarding/rates/")
    finding.write(page, **{"rates-usual-translation": "0,085"})
    finding.unfold_around(page, page.locator("#overview"))
    finding.button(page, name=("another", "it.pl")).click()

    finding.write(page, **{"rates-own-amount-translation-it.pl": "0.12"})
    lucja.saves()

    lucja.look()
    finding.unfold_around(page, page.locator("#overview"))
    expect(page.get_by_role("row", name="Italian → Polish")).to_contain_text("0.12")
    expect(page.get_by_role("row", name="French → Polish").first).not_to_contain_text("0.12")
    expect(page.locator("p .gap")).to_be_visible()


def test_file_that_is_too_big_is_answered_with_a_page(lucja: Visitor, tmp_path: Path):
    big = tmp_path / "scan.pdf"
    big.write_bytes(b"%PDF-" + b"x" * (30 * 2**20))
    lucja.go("/onboarding/qualifications/")
    finding.write(lucja.page, qualifications__notes="A prize")
    question(lucja.page, "qualifications-cv").set_input_files(big)

    lucja.saves()

    expect(question(lucja.page, "qualifications-notes")).to_have_value("A prize")
    expect(lucja.page.locator("#error-summary-title")).to_be_visible()
    lucja.look()


def test_qualifications_page_shows_what_a_yes_asks_for(lucja: Visitor, tmp_path: Path):
    lucja.go("/onboarding/languages/")
    filling.languages(lucja.page)
    lucja.saves()
    filling.services(lucja.page)
    lucja.saves()
    lucja.go("/onboarding/qualifications/")
    page = lucja.page
    title = question(page, "qualifications-degree_title")
    expect(title).to_be_hidden()

    question(page, "qualifications-translation_degree", "yes").check()
    expect(title).to_be_visible()
    title.fill("MA in Translation")
    finding.write(page, qualifications__institution="University of Examples")
    question(page, "qualifications-has_worked", "yes").check()
    question(page, "qualifications-work-0-since").fill("2019")
    finding.unfold(page, "qualifications-work-0-pairs")
    question(page, "qualifications-work-0-pairs", "de.pl").check()
    lucja.look()
    lucja.press(button=("another", "route"))

    expect(page.locator("#route-title")).to_be_in_viewport()
    lucja.look()
    lucja.press(button=("another", "period"))
    expect(question(page, "qualifications-work-1-since")).to_be_in_viewport()
    lucja.press(button=("another", "certificate"))
    question(page, "qualifications-certificate-1-kind").select_option("membership")
    cv = tmp_path / "IMG_0001.HEIC"
    cv.write_bytes((Path(__file__).parent.parent / "vendors" / "files" / "iphone.heic").read_bytes())
    question(page, "qualifications-cv").set_input_files(cv)
    lucja.saves()

    expect(finding.complaint(page, "qualifications-cv")).to_be_visible()
    expect(finding.complaint(page, "qualifications-certificate-1-expires_on")).to_be_visible()
    lucja.look()
