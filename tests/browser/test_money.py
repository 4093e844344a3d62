"""Finance's pages in Chromium at two widths."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect

from identity.roles import FINANCE
from tests.browser.looking import look
from tests.vendors.payment import releasing
from tests.vendors.profiles import IBAN
from vendors.models import PaymentDetails
from vendors.profile import tax_checks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.filterwarnings("ignore:No directory at")]


def test_every_page_about_money_is_readable_for_everybody(desk, live_server, vera, as_vera):
    vera.roles = [FINANCE]
    vera.save(update_fields=["roles"])
    release = releasing.waiting(releasing.known_for_long(payment=IBAN, vat_number="PL5260001246"), days=8)
    vendor, details = release.vendor, PaymentDetails.objects.get()
    today = release.approved_at.date()
    tax_checks.record(vendor, of="vat_number", result="valid", checked_on=today, source="VIES", by=vera)

    for path in (
        "/admin/",
        "/admin/vendors/paymentrelease/",
        releasing.page(release),
        "/admin/vendors/paymentdetails/",
        f"/admin/vendors/paymentdetails/{details.pk}/change/",
        f"/admin/vendors/vendor/{vendor.pk}/change/",
        f"/admin/vendors/vendor/{vendor.pk}/tax-check/",
        "/admin/vendors/taxcheck/",
    ):
        answer = desk.goto(f"{live_server.url}{path}")
        assert answer.status == 200, path
        look(desk)

    desk.goto(f"{live_server.url}{releasing.page(release)}")
    desk.locator("#record-call button").click()
    look(desk)
    desk.locator("#release button").click()
    expect(desk.locator(".messagelist .success")).to_be_visible()
    session = as_vera.session
    session["proven"] = {"purpose": "payment_export", "at": int(time.time())}
    session.save()
    desk.goto(f"{live_server.url}/admin/vendors/paymentdetails/")
    look(desk)
    desk.locator("#accounts .actions-row button").last.click()
    expect(desk.locator(".messagelist .success")).to_be_visible()
