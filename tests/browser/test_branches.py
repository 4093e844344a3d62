"""Other ways through the wizard than a freelancer's in Poland, on one device and in one session."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from identity.models import Session
from onboarding.models import Submission
from tests.browser import filling, finding
from tests.browser.visitor import Visitor
from tests.passport_fixture import VM
from vendors.models import Document, VendorState

AGENCY, DORA, UMA = "office@agency.example", "dora@mail.example", "sandbox-uma@outlook.com"


def test_agency_from_the_invitation_to_approval(passport, visit, vera, size, tmp_path: Path):
    vendor = passport.invited(AGENCY, name="Erika Beispiel")
    erika = visit(AGENCY, size=size)
    erika.accepts_invitation()
    erika.signs_in()
    erika.arrives("/onboarding/", heading="welcome")

    erika.follow("/onboarding/about/")
    steps = filling.steps_of_an_agency(tmp_path)
    for step in ("about", "contact", "languages", "services", "rates"):
        erika.walks({step: steps.pop(step)})
    # What the pages of an agency alone look like when something is missing
    for step in ("team", "certificates"):
        erika.arrives(f"/onboarding/{step}/")
        erika.saves()
        expect(erika.page.locator("#error-summary-title")).to_be_visible()
        erika.look()
        steps.pop(step)(erika.page)
        erika.look()
        erika.saves()
    erika.walks(steps)
    erika.sends()
    sent = Submission.objects.get()
    assert sent.answers["about"]["company_legal_name"] == "Beispiel Übersetzungen GmbH"
    numbers = [sent.answers["tax"][name] for name in ("registration_number", "vat_number")]
    assert numbers == ["HRB12345B", "DE136695976"]

    # Vendor Management samples the list of linguists and approves
    desk = visit(VM, size=size)
    desk.is_signed_in_as(vera)
    page_of_submission = f"/admin/onboarding/submission/{sent.pk}"
    desk.go(f"{page_of_submission}/change/")
    expect(desk.page.locator(".evidence .tag-warning").first).to_be_visible()
    finding.question(desk.page, "how").fill("C. D.: diploma of 2011 seen.")
    desk.press(f"{page_of_submission}/sample/", button=("holds", "yes"))
    expect(desk.page.locator(".evidence .tag-warning")).to_have_count(0)
    desk.look()
    desk.follow(f"{page_of_submission}/approve/")
    desk.press()
    vendor.refresh_from_db()
    assert vendor.state == VendorState.APPROVED

    erika.go("/profile/")
    erika.arrives("/profile/")
    linguists = erika.page.get_by_text("A. B., C. D.")
    finding.unfold_around(erika.page, linguists)
    expect(linguists).to_be_visible()
    desk.go(f"/admin/vendors/vendor/{vendor.pk}/change/")
    desk.look()


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
