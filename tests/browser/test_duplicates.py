"""VM closes an applicant, and compares two vendors and closes one as a duplicate, in Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import finding
from tests.browser.looking import look
from tests.factories import create_vendor
from tests.passport_fixture import in_thread
from tests.vendors.profiles import IBAN, approved
from vendors.duplicates import lifecycle as duplicates
from vendors.models import ClosedAs, Vendor, VendorState
from vendors.profile import approved_profile

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.filterwarnings("ignore:No directory at")]

LONG = "wilhelmina.van.der.meulen-oosterhuis@translations-and-interpreting.example"


def test_one_of_two_is_closed_as_a_duplicate(desk, live_server):
    kept = create_vendor(state=VendorState.APPROVED, primary_email="ana@mail.example")
    approved_profile.adopt(kept, approved(tax_id="5260001246", payment=IBAN))
    duplicate = create_vendor(state=VendorState.ONBOARDING, name=kept.name, primary_email=LONG)
    [pair] = duplicates.look(duplicate.pk)

    desk.goto(f"{live_server.url}/admin/")
    desk.locator('a.queue[href*="/possibleduplicate/"]').click()
    look(desk)
    finding.link(desk, f"/admin/vendors/possibleduplicate/{pair.pk}/change/").click()
    expect(finding.button(desk, "different")).to_be_visible()
    look(desk)
    finding.link(desk, f"/admin/vendors/possibleduplicate/{pair.pk}/close/{duplicate.pk}/").click()
    expect(desk.locator("#consequences")).to_be_visible()
    look(desk)
    finding.button(desk).click()
    expect(finding.question(desk, "reason")).to_have_attribute("aria-invalid", "true")
    finding.write(desk, reason="the same person")
    finding.button(desk).click()
    expect(desk.locator(".messagelist")).to_be_visible()
    desk.goto(f"{live_server.url}/admin/vendors/vendor/{duplicate.pk}/change/")
    expect(finding.link(desk.locator("#content"), f"/admin/vendors/vendor/{kept.pk}/change/")).to_be_visible()
    look(desk)
    desk.goto(f"{live_server.url}/admin/vendors/vendor/{kept.pk}/compare/")
    look(desk)

    assert in_thread(lambda: Vendor.objects.get(pk=duplicate.pk).closed_as) == ClosedAs.DUPLICATE


def test_an_applicant_is_closed(desk, live_server):
    vendor = create_vendor(state=VendorState.ONBOARDING, primary_email=LONG)

    desk.goto(f"{live_server.url}/admin/vendors/vendor/{vendor.pk}/change/")
    finding.link(desk, f"/admin/vendors/vendor/{vendor.pk}/close/").click()
    expect(desk.locator("#consequences")).to_be_visible()
    look(desk)
    finding.button(desk).click()
    expect(desk.locator(".errornote")).to_be_visible()
    look(desk)
    desk.locator('input[name="closed_as"][value="mistake"]').check()
    finding.write(desk, reason="seen twice")
    finding.button(desk).click()
    expect(desk.locator(".messagelist")).to_be_visible()

    assert in_thread(lambda: Vendor.objects.get(pk=vendor.pk).closed_as) == ClosedAs.MISTAKE
