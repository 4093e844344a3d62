"""What happens in the wizard only in a real browser: two tabs, and more than a page may send."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser import filling
from tests.browser.visitor import Visitor
from tests.factories import create_vendor
from vendors.models import VendorState


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


def test_file_that_is_too_big_is_answered_with_a_page(lucja: Visitor, tmp_path: Path):
    big = tmp_path / "scan.pdf"
    big.write_bytes(b"%PDF-" + b"x" * (30 * 2**20))
    lucja.go("/onboarding/qualifications/")
    lucja.page.get_by_label("Your CV").set_input_files(big)

    lucja.press("Save and continue")

    expect(lucja.page.get_by_role("heading", name="That file is too big")).to_be_visible()
    lucja.look()
    lucja.forgives(413)
