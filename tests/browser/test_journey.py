"""The main job in Chromium: invited, accepted, signed in, onboarded, approved, moved to another address."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from identity.models import EntraAccount
from onboarding.models import Submission
from tests.browser import filling, finding, marking
from tests.browser.looking import look_on_paper
from tests.passport_fixture import VM
from vendors.models import Vendor, VendorState

ANA, DORA, HUGO = "sandbox-ana@gmail.com", "dora@mail.example", "hugo@redirect.example"


def test_from_the_invitation_to_another_address(passport, visit, size, tmp_path: Path):
    # Vendor Management signs in through the tenant, adds a vendor and invites it at once
    vera = visit(VM, size=size)
    vera.go("/admin/")
    vera.arrives("/sign-in/")
    vera.press("signin")
    vera.authenticates()
    vera.arrives("/admin/")
    vera.go("/admin/vendors/vendor/add/")
    finding.write(vera.page, name="Łucja Nowak", primary_email=ANA)
    vera.press(button="_invite")
    vendor = Vendor.objects.get()
    page_of_vendor = f"/admin/vendors/vendor/{vendor.pk}/change/"
    vera.arrives(page_of_vendor)
    passport.work()
    vera.go(page_of_vendor)
    expect(vera.page.get_by_text(ANA).first).to_be_visible()

    # The vendor reads both mails, accepts at a Google-like login, signs in
    ana = visit(ANA, size=size)
    ana.opens_mail(kind="invitation")
    expect(ana.page.get_by_text("invites@microsoft.com")).to_be_visible()
    ana.accepts_invitation()
    expect(ana.page.get_by_text("s…@gmail.com")).to_be_visible()
    ana.look()
    ana.signs_in(stay="yes")
    ana.arrives("/onboarding/", heading="welcome")

    # The whole wizard, each page once as it is when something is missing
    ana.follow("/onboarding/about/")
    for step, fill in filling.steps(tmp_path).items():
        ana.arrives(f"/onboarding/{step}/")
        ana.saves()
        expect(ana.page.locator("#error-summary-title")).to_be_visible()
        ana.look()
        fill(ana.page)
        ana.saves()
    look_on_paper(ana.page, name="Łucja Nowak")
    assert "2874" in ana.page.inner_text("main")
    assert "1090" not in ana.page.content()
    ana.sends()
    passport.work()

    # Reviewed, changed, approved
    submission = vendor.submissions.get()
    vera.go("/admin/onboarding/submission/")
    vera.look()
    page_of_submission = f"/admin/onboarding/submission/{submission.pk}"
    vera.follow(f"{page_of_submission}/change/")
    vera.arrives(f"{page_of_submission}/change/")
    marking.mark(vera, "rates", "Your rate for subtitling looks low.")
    vera.look()
    vera.follow(f"{page_of_submission}/request-changes/")
    vera.look()
    vera.press()
    ana.go("/")
    ana.arrives("/onboarding/", heading="sent-back")
    ana.follow("/onboarding/rates/")
    ana.arrives("/onboarding/rates/")
    subtitling = finding.question(ana.page, "rates-usual-subtitling")
    expect(subtitling).to_have_value("7.5")
    subtitling.fill("9")
    ana.saves()
    ana.go("/onboarding/check/")
    ana.declares_and_sends()
    vera.go(page_of_vendor)
    page_of_submission = f"/admin/onboarding/submission/{Submission.objects.awaiting_review().get().pk}"
    vera.follow(f"{page_of_submission}/change/")
    vera.follow(f"{page_of_submission}/approve/")
    vera.look()
    vera.press()
    ana.go("/")
    ana.arrives("/profile/")

    # Another primary email
    vera.go(page_of_vendor)
    vera.follow(f"/admin/vendors/vendor/{vendor.pk}/change-email/")
    finding.write(vera.page, new=DORA, reason="has left Gmail")
    finding.question(vera.page, "how_known").select_option("called")
    vera.look()
    vera.press()
    expect(vera.page.locator("#consequences")).to_contain_text(DORA)
    vera.look()
    vera.press(button="_confirm")
    vera.arrives(page_of_vendor)
    passport.work()
    ana.go("/profile/email-change/")
    ana.arrives("/profile/email-change/")

    # The new mailbox, where a code is mailed: the same profile; the old sign-in has ended
    dora = visit(DORA, size=size)
    dora.accepts_invitation()
    dora.signs_in()
    dora.arrives("/profile/")
    expect(dora.page.get_by_role("heading", name="Łucja Nowak")).to_be_visible()
    expect(dora.page.get_by_text(DORA).first).to_be_visible()
    expect(dora.page.get_by_text("EUR 9.00")).to_be_visible()
    ana.go("/profile/")
    ana.arrives("/sign-in/")
    ana.press("signin")
    ana.authenticates()
    assert ana.path.startswith("/sign-in/problem/")
    ana.look()
    vendor.refresh_from_db()
    assert (vendor.primary_email, vendor.state) == (DORA, VendorState.APPROVED)
    [live] = EntraAccount.objects.live().filter(user=vendor.user_id)
    assert live.address == DORA


def test_login_that_hops_through_another_origin(passport, visit):
    """Chromium applies form-action to every hop after the button was pressed."""
    passport.invited(HUGO, name="Hugo Hansen")
    hugo = visit(HUGO)
    origins = set()
    hugo.page.on("framenavigated", lambda frame: origins.add(hugo.origin(frame.url)))

    hugo.accepts_invitation()
    hugo.signs_in()

    hugo.arrives("/onboarding/", heading="welcome")
    assert len(origins & passport.tenant.origins) == 2, "no hop, no proof"
