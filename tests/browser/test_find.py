"""Finding vendors in Chromium, and the pages beside it: readable for everybody, on a phone as well."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser import finding
from tests.browser.looking import look
from tests.vendors.finding.offering import offer, offering
from vendors.models import AwayPeriod, ExchangeRate
from vendors.tags import lifecycle as tags

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.filterwarnings("ignore:No directory at")]


def test_vendors_are_found_and_compared(desk, live_server, vera):
    today = timezone.localdate()
    ExchangeRate.objects.create(currency="SEK", per_euro=11, valid_on=today)
    cheap = offering("Ana Almeida-Andersson", offer("en-GB>sv", "1.1", "SEK"))
    offering("Bo", offer("en>sv", "0.12"))
    offering("Cleo", offer("en>sv", "12", "JPY"))
    offering("Dora", offer("en>sv", "40", unit="hour"))
    AwayPeriod.objects.create(vendor=cheap, starts_on=today, ends_on=today + dt.timedelta(2))
    tags.replace(cheap, ["rush jobs"], by=vera)

    desk.goto(f"{live_server.url}/admin/")
    finding.link(desk.get_by_role("navigation"), "/admin/vendors/vendor/find/").click()
    look(desk)
    finding.write(desk, source="British English", target="Sweedish")
    desk.locator("#id_service").select_option("translation")
    finding.write(desk, up_to="0,15")
    desk.locator("#find .actions-row .button").click()
    look(desk)
    desk.locator("#find .offer").first.click()
    expect(desk.locator("#results")).to_contain_text("Ana Almeida-Andersson")
    expect(desk.locator("#results")).to_contain_text("Dora")
    desk.locator("#find summary").click()
    look(desk)
    finding.question(desk, "vendor").first.check()
    finding.question(desk, "action").select_option("close")
    finding.button(desk, "act").click()
    expect(finding.question(desk, "closed_as", "left")).to_be_visible()
    look(desk)

    desk.goto(f"{live_server.url}/admin/vendors/vendor/find/?state=any")
    look(desk)
    for path in (
        "/admin/vendors/vendor/find/export/?state=any",
        "/admin/vendors/vendor/find/views/add/?state=any",
        f"/admin/vendors/vendor/{cheap.pk}/tags/",
        "/admin/vendors/exchangerate/",
    ):
        assert desk.goto(f"{live_server.url}{path}").status == 200
        look(desk)
