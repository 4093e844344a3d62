"""A vendor's page with all that can be on it, and the pages it leads to, in Chromium at two widths."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from onboarding.correction import lifecycle as corrections
from onboarding.models import Submission
from tests.browser import finding
from tests.browser.looking import look
from tests.clients import signed_in
from tests.factories import create_failure, create_vendor
from tests.onboarding import changing
from vendors import lifecycle
from vendors.models import VendorState
from vendors.rate_proposals import lifecycle as rate_proposals
from vendors.test_translations import lifecycle as test_translations

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.filterwarnings("ignore:No directory at")]


def test_page_and_what_it_leads_to(desk, live_server, vera):
    vendor = create_vendor(state=VendorState.ONBOARDING, name="Łucja Nowak")
    for step in ("about", "contact"):
        lifecycle.record(vendor, "step_saved", data={"step": step})
    approved = changing.approved_first(vendor)
    pair = vendor.language_pairs.first()
    about = {"source": pair.source, "target": pair.target}
    answer = approved.answers["contact"] | {"locality": "Kraków"}
    corrections.correct(vendor, {"contact": answer}, source="your email of 3 May", by=vera, seen=approved.pk)
    rate_proposals.propose(
        vendor, **about, service=pair.services[0], unit="source_word", amount=Decimal("0.2"), why="As agreed", by=vera
    )
    day = vendor.created_at.date()
    test_translations.add(vendor, **about, subject="legal", result="passed", assessor="Otto", day=day, by=vera)
    create_failure(user=vendor.user)

    page = f"{live_server.url}/admin/vendors/vendor/{vendor.pk}"
    desk.goto(f"{page}/change/")
    desk.locator('textarea[name="text"]').fill("Prefers email")
    desk.locator('input[name="is_pinned"]').check()
    desk.locator(f'form[action$="/{vendor.pk}/notes/"] button').click()
    expect(desk.locator(".messagelist")).to_be_visible()
    for folded in desk.locator("details").all():
        folded.evaluate("each => each.open = true")
    look(desk)
    facts, story = (desk.locator(name).bounding_box() for name in (".vendor-facts", ".vendor-story"))
    is_wide = desk.viewport_size["width"] >= 1280
    assert (story["x"] > facts["x"] + facts["width"] - 1) == is_wide
    desk.locator('input[name="show"][value="emails"]').uncheck()
    desk.locator(".timeline-kinds button").click()
    expect(desk).to_have_url(re.compile("show=notes"))
    assert "show=emails" not in desk.url

    finding.link(desk, f"/admin/vendors/vendor/{vendor.pk}/notes/{vendor.notes.get().pk}/").first.click()
    look(desk)
    for name in ("correct/contact", "correct/rates", "propose-rate", "test-translations", "as-vendor"):
        assert desk.goto(f"{page}/{name}/").status == 200
        look(desk)
    desk.goto(f"{page}/correct/services/")
    desk.locator('input[name="services-everywhere"][value="interpreting"]').check()
    desk.locator('input[name="source"]').fill("your email of 4 May")
    desk.locator("form.plain-form button.default").click()
    expect(desk.locator('input[name="also"]')).to_have_value("rates")
    look(desk)
    desk.goto(f"{page}/propose-rate/")
    desk.locator("form.plain-form button.default").click()
    expect(desk.locator(".errornote")).to_be_visible()
    look(desk)


def test_vendor_answers_a_rate_and_a_correction(page, live_server, settings):
    vendor = create_vendor(state=VendorState.ONBOARDING, name="Łucja Nowak")
    approved = changing.approved_first(vendor)
    pair, vera = vendor.language_pairs.first(), vendor.user
    corrections.correct(
        vendor,
        {"contact": approved.answers["contact"] | {"locality": "Kraków"}},
        source="your email of 3 May",
        by=vera,
        seen=approved.pk,
    )
    rate_proposals.propose(
        vendor,
        source=pair.source,
        target=pair.target,
        service=pair.services[0],
        unit="source_word",
        amount=Decimal("0.2"),
        why="As agreed",
        by=vera,
    )
    name = settings.SESSION_COOKIE_NAME
    cookie = {"name": name, "value": signed_in(vendor.user).cookies[name].value, "url": live_server.url}
    page.context.add_cookies([cookie])
    page.set_viewport_size({"width": 390, "height": 844})

    page.goto(f"{live_server.url}/profile/corrections/{Submission.objects.latest('pk').reference}/")
    look(page)
    page.locator('textarea[name="why"]').fill("I never moved.")
    page.locator("main form button.button").click()
    expect(page.locator("#objected")).to_be_visible()
    look(page)
    page.goto(f"{live_server.url}/profile/")
    look(page)
    page.locator('button[name="answer"][value="accept"]').click()
    expect(page.locator('button[name="answer"]')).to_have_count(0)
