"""The pages about erasure and data requests in Chromium at two widths."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from identity.roles import ADMINISTRATOR
from tests.browser.looking import look
from tests.factories import create_vendor
from vendors.data_requests import lifecycle as requests
from vendors.models import LockedRecord
from vendors.privacy import holds, listing

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.filterwarnings("ignore:No directory at")]


def test_every_page_about_erasure_and_requests_is_readable_for_everybody(desk, live_server, vera, as_vera):
    vera.roles = [ADMINISTRATOR]
    vera.save(update_fields=["roles"])
    today = timezone.localdate()
    long_ago = timezone.now() - dt.timedelta(days=900)
    due, held = (create_vendor(state="declined", state_changed_at=long_ago, owner=vera) for _ in range(2))
    holds.place(held, reason="Invoice in dispute", until=today, by=vera)
    listing.refresh(today=today)
    asked = requests.record(held, kind="erasure", received_on=today - dt.timedelta(days=40), identity="called", by=vera)
    erased = create_vendor(state="erased", primary_email="erased-1@erased.invalid")
    content = {"who": {"full_name": "Łucja Nowak"}, "rows": {"profile": [{"vat_number": "PL5260001246"}]}}
    LockedRecord.objects.create(vendor=erased, section="tax", content=content, counted_from=today, until=today)

    for path in (
        "/admin/",
        "/admin/vendors/retentionentry/",
        "/admin/vendors/retentionhold/",
        "/admin/vendors/datarequest/",
        f"/admin/vendors/datarequest/{asked.pk}/change/",
        f"/admin/vendors/vendor/{due.pk}/change/",
        f"/admin/vendors/vendor/{due.pk}/hold/",
        f"/admin/vendors/vendor/{held.pk}/hold/",
        f"/admin/vendors/vendor/{held.pk}/change/",
        f"/admin/vendors/vendor/{due.pk}/data-request/",
        f"/admin/vendors/vendor/{erased.pk}/change/",
    ):
        answer = desk.goto(f"{live_server.url}{path}")
        assert answer.status == 200, path
        look(desk)

    desk.locator("#look_tax").fill("Audit of 2026")
    desk.locator("#locked-tax button").click()
    look(desk)
    assert "PL5260001246" in desk.content()
