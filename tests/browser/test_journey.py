"""The main job in Chromium: invited, accepted, signed in, onboarded, approved, moved to another address."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from identity.models import EntraAccount
from tests.browser import filling, marking
from tests.passport_fixture import VM
from vendors.models import Vendor, VendorState

ANA, DORA, HUGO = "sandbox-ana@gmail.com", "dora@mail.example", "hugo@redirect.example"


def test_from_the_invitation_to_another_address(passport, visit, size, tmp_path: Path):
    # Vendor Management signs in through the tenant, adds a vendor and invites it at once
    vera = visit(VM, size=size)
    vera.go("/admin/")
    vera.arrives("/sign-in/", heading="Sign in")
    vera.press("Sign in")
    vera.authenticates()
    vera.arrives("/admin/", heading="What waits for you")
    vera.go("/admin/vendors/vendor/add/")
    vera.page.get_by_label("Name").fill("Łucja Nowak")
    vera.page.get_by_label("Primary email").fill(ANA)
    vera.press("Add and invite")
    vendor = Vendor.objects.get()
    page_of_vendor = f"/admin/vendors/vendor/{vendor.pk}/change/"
    vera.arrives(page_of_vendor, heading="Łucja Nowak")
    passport.work()
    vera.go(page_of_vendor)
    expect(vera.page.get_by_text(f"Invitation to {ANA} (vendor added)")).to_be_visible()

    # The vendor reads both mails, accepts at a Google-like login, signs in
    ana = visit(ANA, size=size)
    ana.opens_mail("has invited you to Passport")
    expect(ana.page.get_by_text("A mail from Microsoft (invites@microsoft.com)")).to_be_visible()
    ana.accepts_invitation()
    expect(ana.page.get_by_text("You were invited as s…@gmail.com")).to_be_visible()
    ana.look()
    ana.signs_in(stay="Yes, stay signed in")
    ana.arrives("/onboarding/", heading="Welcome, Łucja Nowak")

    # The whole wizard, each page once as it is when something is missing
    ana.follow("Begin")
    for step, fill in filling.steps(tmp_path).items():
        ana.arrives(f"/onboarding/{step}/")
        ana.press("Save and continue")
        expect(ana.page.get_by_role("alert")).to_contain_text("There is a problem")
        ana.look()
        fill(ana.page)
        ana.press("Save and continue")
    ana.sends()
    passport.work()

    # Reviewed, changed, approved
    submission = vendor.submissions.get()
    vera.go("/admin/onboarding/submission/")
    vera.look()
    vera.follow(submission.reference)
    vera.arrives(f"/admin/onboarding/submission/{submission.pk}/change/")
    marking.mark(vera, "Rates", "Your rate for subtitling looks low.")
    vera.look()
    vera.follow("Ask for changes")
    vera.look()
    vera.press("Ask for changes")
    ana.go("/")
    ana.arrives("/onboarding/", heading="Almost there: please change something")
    ana.follow("Open the page")
    ana.arrives("/onboarding/rates/")
    subtitling = ana.page.get_by_role("group", name="Subtitling").get_by_label("Your rate")
    expect(subtitling).to_have_value("7.5")
    subtitling.fill("9")
    ana.press("Save and continue")
    ana.go("/onboarding/check/")
    ana.page.get_by_label("What I have written here is true and complete.").check()
    ana.press("Send to Vendor Management")
    vera.go(page_of_vendor)
    vera.follow("Review the submission")
    vera.follow("Approve")
    vera.look()
    vera.press("Approve")
    ana.go("/")
    ana.arrives("/profile/", heading="Łucja Nowak")

    # Another primary email
    vera.go(page_of_vendor)
    vera.follow("Change primary email")
    vera.page.get_by_label("New address").fill(DORA)
    vera.page.get_by_label("How you know that it is them").select_option("call to the number on file")
    vera.page.get_by_label("Reason").fill("has left Gmail")
    vera.look()
    vera.press("Go on")
    expect(vera.page.get_by_text(f"{ANA} keeps working until the first sign-in with {DORA}")).to_be_visible()
    vera.look()
    vera.press("Change the primary email")
    vera.arrives(page_of_vendor)
    passport.work()
    ana.go("/profile/email-change/")
    ana.arrives("/profile/email-change/", heading="A change is under way")

    # The new mailbox, where a code is mailed: the same profile; the old sign-in has ended
    dora = visit(DORA, size=size)
    dora.accepts_invitation()
    dora.signs_in()
    dora.arrives("/profile/", heading="Łucja Nowak")
    expect(dora.page.get_by_text(f"Signed in as {DORA}")).to_be_visible()
    expect(dora.page.get_by_text("Subtitling: EUR 9.00 per minute")).to_be_visible()
    ana.go("/profile/")
    ana.arrives("/sign-in/")
    ana.press("Sign in")
    ana.authenticates()
    expect(ana.page.get_by_role("heading", name="You are not signed in")).to_be_visible()
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

    hugo.arrives("/onboarding/", heading="Welcome, Hugo Hansen")
    assert len(origins & passport.tenant.origins) == 2, "no hop, no proof"
