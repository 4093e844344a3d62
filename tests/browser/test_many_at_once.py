"""VM writes to many vendors in Chromium: choosing them, the preview, the start, what became of each."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import finding
from tests.browser.looking import look
from tests.factories import create_vendor
from tests.passport_fixture import in_thread
from vendors.models import BulkRun
from vendors.tasks import run_bulk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.filterwarnings("ignore:No directory at")]

LIST = "/admin/vendors/vendor/"


def test_an_email_to_the_whole_list(desk, live_server):
    for number in range(55):
        create_vendor(state="approved", name=f"Vendor {number}")
    create_vendor(state="erased", name="Wilhelmina van der Meulen-Oosterhuis")
    desk.goto(f"{live_server.url}{LIST}")
    finding.question(desk, "action").select_option("write")
    finding.question(desk, "select_across").check()
    look(desk)
    finding.button(desk, name="index").click()

    expect(desk.get_by_text("Wilhelmina").first).to_be_visible()
    look(desk)
    finding.write(desk, subject="Our office in July", text="Hello {nmae},")
    finding.button(desk, "parameters").click()
    expect(desk.locator(".errorlist")).to_be_visible()
    look(desk)
    finding.write(desk, text="Hello {name},\n\nWe are closed until the 8th.")
    finding.button(desk, "parameters").click()
    expect(desk.locator("#sample")).to_be_visible()
    look(desk)

    finding.button(desk, "start").click()
    expect(desk.locator("progress[value='1'][max='56']")).to_be_visible()
    look(desk)
    run = in_thread(BulkRun.objects.get)
    in_thread(lambda: run_bulk(run.pk))
    desk.locator("#reload").click()
    expect(finding.button(desk, "again")).to_be_visible()
    look(desk)
    desk.locator(".row-filters a").last.click()
    expect(desk.locator("#rows")).to_be_visible()
    desk.goto(f"{live_server.url}{LIST}bulk/")
    look(desk)
    finding.link(desk, f"{LIST}bulk/{run.pk}/").click()
    desk.locator(".row-pages a").click()
    expect(desk.get_by_text("Wilhelmina")).to_have_count(0)
