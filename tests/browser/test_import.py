"""VM imports a file in Chromium: the preview, the start, what became of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import finding
from tests.browser.looking import look
from tests.factories import create_vendor
from tests.passport_fixture import in_thread
from vendors.models import Vendor, VendorImport
from vendors.tasks import run_import

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.filterwarnings("ignore:No directory at")]

FILE = """\
Name;Primary email;Language
Ana Almeida;ana@mail.example;pt-PT
Bo;bo
Tim;sandbox-tim@gmial.com;de
Cleo;cleo@mail.example
Wilhelmina;wilhelmina.van.der.meulen-oosterhuis@translations.example
"""
NAME = "vendors_from_the_old_database_2026-11-29_final_version.csv"


def test_a_file_is_looked_at_then_imported(desk, live_server):
    create_vendor(name="Cleo", primary_email="cleo@mail.example")
    desk.goto(f"{live_server.url}/admin/vendors/vendor/")
    finding.link(desk, "/admin/vendors/vendor/import/").click()
    look(desk)

    finding.question(desk, "file").set_input_files(
        {"name": NAME, "mimeType": "text/csv", "buffer": FILE.encode("utf-8-sig")}
    )
    finding.button(desk, "upload").click()
    expect(finding.button(desk, "decide")).to_be_visible()
    expect(desk.get_by_text("sandbox-tim@gmail.com")).to_be_visible()
    look(desk)
    desk.get_by_label("Address, line 3").fill("bo@mail.example")
    desk.get_by_label("Include line 4").check()
    finding.button(desk, "decide", ("then", ":1")).click()
    expect(desk.get_by_label("Include line 3")).to_be_checked()
    look(desk)
    finding.button(desk, "decide", ("then", "start")).click()
    expect(finding.button(desk, "start")).to_be_visible()
    look(desk)
    assert in_thread(Vendor.objects.count) == 1

    finding.button(desk, "start").click()
    expect(desk.locator("progress[value='0'][max='4']")).to_be_visible()
    look(desk)

    run = in_thread(VendorImport.objects.get)
    in_thread(lambda: run_import(run.pk))
    desk.locator("#reload").click()
    expect(desk.locator("progress")).to_have_count(0)
    look(desk)
    desk.goto(f"{live_server.url}/admin/vendors/vendor/import/")
    expect(desk.get_by_role("link", name=NAME)).to_be_visible()
    look(desk)
    desk.go_back()
    desk.get_by_role("link", name="Ana Almeida").click()
    expect(desk.get_by_role("heading", name="Ana Almeida")).to_be_visible()
