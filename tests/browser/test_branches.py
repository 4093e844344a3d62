"""Other ways through the wizard than a freelancer's in Poland, on one device and in one session."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from identity.models import Session
from onboarding.models import Submission
from tests.browser import filling
from tests.browser.visitor import Visitor
from vendors.models import Document

AGENCY, DORA, UMA = "office@agency.example", "dora@mail.example", "sandbox-uma@outlook.com"


def test_agency_from_the_first_page_to_sent(passport, visit, tmp_path: Path):
    passport.invited(AGENCY, name="Erika Beispiel")
    erika = visit(AGENCY)
    erika.enters()

    erika.follow("/onboarding/about/")
    erika.walks(filling.steps(tmp_path, **filling.AGENCY))
    erika.sends()

    sent = Submission.objects.get().answers
    assert sent["about"]["company_legal_name"] == "Beispiel Übersetzungen GmbH"
    assert (sent["tax"]["registration_number"], sent["tax"]["vat_number"]) == ("HRB12345B", "DE136695976")


def test_us_freelancer_begins_on_the_telephone_and_sends_from_the_desk(passport, visit, tmp_path: Path):
    """Neither IBAN nor VAT, but a state."""
    passport.invited(UMA, name="Uma Example")
    telephone = visit(UMA, size="telephone")
    telephone.enters()
    steps = filling.steps(tmp_path, **filling.IN_THE_US)
    later = {name: steps.pop(name) for name in ("tax", "payment", "agreements")}
    telephone.follow("/onboarding/about/")
    telephone.walks(steps)
    telephone.arrives("/onboarding/tax/")

    desk = visit(UMA)
    desk.enters()
    desk.arrives("/onboarding/", heading="welcome-back")
    desk.follow("/onboarding/qualifications/")
    expect(desk.page.get_by_text("My CV.pdf")).to_be_visible()
    desk.saves()
    desk.walks(later)
    desk.sends()

    telephone.saves()
    telephone.arrives("/onboarding/", heading="submitted")
    sent = Submission.objects.get().answers
    assert sent["contact"]["region"] == "US-NY"
    assert sent["tax"]["vat_status"] == "not_in_scope"
    assert (sent["payment"]["account_number"], sent["payment"]["bank_code"]) == ("1234567890", "021000021")
    assert Document.objects.count() == 1


def test_session_ends_while_a_page_is_filled_in(passport, visit, size):
    vendor = passport.invited(DORA, name="Dora Dimitrova")
    dora = visit(DORA, size=size)
    dora.enters()
    dora.go("/onboarding/about/")
    filling.about(dora.page)
    dora.saves()
    filling.contact(dora.page)
    Session.objects.all().delete()

    dora.saves()
    expect(dora.page.locator("#signed-out")).to_be_visible()
    dora.look()
    with dora.page.context.expect_page() as opened:
        dora.page.locator("a[target=_blank]").click()
    tab = Visitor(opened.value, passport, DORA)
    tab.signs_in()
    tab.arrives("/onboarding/contact/")
    expect(tab.page.get_by_role("status")).to_be_visible()
    assert tab.complaints == []
    assert vendor.draft.completed == ["about"]

    dora.press("typed")
    expect(dora.page.locator("#not-saved")).to_be_visible()
    dora.look()
    dora.press("typed")
    dora.arrives("/onboarding/languages/")
    dora.forgives(400)
    vendor.draft.refresh_from_db()
    assert vendor.draft.completed == ["about", "contact"]
