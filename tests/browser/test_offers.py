"""What a page offers below a question: pressed by a vendor, and seen by Vendor Management."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from identity import roles
from onboarding.models import Draft, Submission
from tests.browser import finding
from tests.browser.visitor import Visitor
from tests.clients import signed_in
from tests.factories import create_staff, create_vendor
from tests.onboarding import answers
from vendors.answers.keeping_odd_answers import mark
from vendors.models import VendorState

ODD = "DE86 3704 0044 0532 0130"  # two digits short


@pytest.fixture
def lucja(visit, size) -> Visitor:
    vendor = create_vendor(state=VendorState.ONBOARDING, name="Łucja Nowak", primary_email="lucja@example.com")
    answers.fill_in(signed_in(vendor.user))
    visitor = visit(vendor.primary_email, size=size)
    visitor.is_signed_in_as(vendor.user)
    return visitor


def offers(page: Page, name: str) -> list[str | None]:
    return [button.get_attribute("value") for button in page.locator(f'button.offer[name="{name}"]').all()]


def take(visitor: Visitor, name: str, value: str) -> None:
    """Press what is offered; the page is as it should be before that."""
    visitor.look()
    with visitor.page.expect_navigation():
        visitor.page.locator(f'button.offer[name="{name}"][value="{value}"]').click()


def test_what_is_offered_is_one_press_away_and_vendor_management_sees_what_was_kept(lucja: Visitor, visit, size):
    page = lucja.page

    # Did you mean …?
    lucja.go("/onboarding/languages/")
    finding.write(page, languages__native_1="Polsh")
    lucja.saves()
    assert offers(page, "languages-native_1") == ["Polish"]
    take(lucja, "languages-native_1", "Polish")
    lucja.arrives("/onboarding/services/")

    lucja.go("/onboarding/rates/")
    finding.write(page, rates__minimum_fee="1.250")
    lucja.saves()
    assert offers(page, "rates-minimum_fee") == ["1250", "1.25"]
    take(lucja, "rates-minimum_fee", "1.25")
    lucja.arrives("/onboarding/qualifications/")

    # Keep it as I typed it
    lucja.go("/onboarding/payment/")
    finding.write(page, payment__iban=ODD)
    lucja.saves()
    take(lucja, "payment-keep_iban", mark(ODD))
    lucja.arrives("/onboarding/agreements/")
    assert Draft.objects.get().answers["payment"]["payment-iban"] == [ODD]

    lucja.go("/onboarding/check/")
    lucja.declares_and_sends()
    lucja.arrives("/onboarding/", heading="submitted")
    sent = Submission.objects.get()
    assert sent.answers["rates"]["minimum_fee"] == "1.25"
    assert sent.answers["payment"]["iban"] == ODD.replace(" ", "")

    vera = visit("vera.vm@sandberg.example", size=size)
    vera.is_signed_in_as(create_staff(role=roles.VENDOR_MANAGER, email=vera.address))
    vera.go(f"/admin/onboarding/submission/{sent.pk}/change/")
    marks = vera.page.locator(".notice-warning li")
    expect(marks.filter(has_text="IBAN")).to_be_visible()
    assert ODD.replace(" ", "") not in vera.page.content()
    vera.look()


def test_rate_that_cannot_be_right_is_questioned_and_vendor_management_sees_what_was_kept(lucja: Visitor, visit, size):
    page = lucja.page
    lucja.go("/onboarding/rates/")
    finding.write(page, **{"rates-usual-translation": "9", "rates-usual-revision": "4"})
    lucja.saves()
    assert offers(page, "rates-usual-translation") == ["0.09"]
    assert offers(page, "rates-usual-revision") == ["0.04", "0.4"]
    assert page.locator('button.offer[value="0.09"]').inner_text() == "Did you mean 0.09?"

    # One press takes what was meant, another keeps what was typed
    take(lucja, "rates-usual-translation", "0.09")
    assert offers(page, "rates-usual-translation") == []
    [keep] = offers(page, "rates-keep_usual-revision")
    take(lucja, "rates-keep_usual-revision", str(keep))
    lucja.arrives("/onboarding/qualifications/")

    lucja.go("/onboarding/check/")
    expect(page.get_by_text("is an unusual rate")).to_be_visible()
    lucja.declares_and_sends()
    lucja.arrives("/onboarding/", heading="submitted")
    sent = Submission.objects.get()
    assert {rate["service"]: rate["amount"] for rate in sent.answers["rates"]["rates"]} == {
        "translation": "0.0900",
        "revision": "4.0000",
    }

    vera = visit("vera.vm@sandberg.example", size=size)
    vera.is_signed_in_as(create_staff(role=roles.VENDOR_MANAGER, email=vera.address))
    vera.go(f"/admin/onboarding/submission/{sent.pk}/change/")
    expect(vera.page.locator(".notice-warning li").filter(has_text="EUR 4.00 per source word")).to_be_visible()
    vera.look()
