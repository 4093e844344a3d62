"""Review by section, a change after approval and another account, by two people at two browsers."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from identity import roles
from onboarding.models import Submission
from tests.browser import marking
from tests.browser.visitor import Visitor
from tests.factories import create_email_change, create_staff, create_vendor
from tests.onboarding import changing
from vendors.models import PaymentDetails, Profile, Rate, Vendor, VendorState

DORA = "dora@mail.example"
NEW_IBAN = "DE89 3704 0044 0532 0130 00"


@pytest.fixture
def vera(visit, size) -> Visitor:
    visitor = visit("vera.vm@sandberg.example", size=size)
    visitor.is_signed_in_as(create_staff(role=roles.VENDOR_MANAGER, email=visitor.address))
    return visitor


def signed_in(visit, vendor: Vendor, size: str) -> Visitor:
    visitor = visit(vendor.primary_email, size=size)
    visitor.is_signed_in_as(vendor.user)
    return visitor


def review_page(submission: Submission) -> str:
    return f"/admin/onboarding/submission/{submission.pk}/change/"


def test_changes_requested_and_sent_again(vera: Visitor, visit, size):
    vendor = create_vendor(state=VendorState.ONBOARDING, name="Łucja Nowak", primary_email="lucja@example.com")
    sent = changing.sent_first(vendor)

    # VM ticks one section, marks two, forgets one reason
    vera.go(review_page(sent))
    vera.look()
    marking.accept(vera, "About you")
    expect(marking.section(vera.page, "About you").get_by_text("accepted", exact=True)).to_be_visible()
    marking.mark(vera, "Rates", "")
    expect(vera.page.get_by_text("Please give a reason.")).to_be_visible()
    vera.look()
    vera.page.get_by_label("What should the vendor change here?").locator("visible=true").fill("Is that per hour?")
    with vera.page.expect_navigation():
        marking.section(vera.page, "Rates").get_by_role("button", name="Mark “please change”").click()
    marking.mark(vera, "Qualifications", "Please send your degree certificate.")
    vera.look()
    vera.press("Accept the rest")
    vera.follow("Ask for changes")
    vera.page.get_by_label("Something about the whole").fill("Nearly there, thank you!")
    vera.look()
    vera.press("Ask for changes")

    # The vendor changes one, answers to the other
    lucja = signed_in(visit, vendor, size)
    lucja.go("/")
    lucja.arrives("/onboarding/", heading="Almost there: please change something")
    lucja.follow("Open the page Rates")
    lucja.arrives("/onboarding/rates/")
    revision = lucja.page.get_by_role("group", name="Revision").get_by_label("Your rate")
    revision.fill("0.05")
    lucja.press("Save and continue")
    lucja.go("/onboarding/check/")
    lucja.look()
    lucja.page.get_by_label("What I have written here is true and complete.").check()
    lucja.press("Send to Vendor Management")
    lucja.arrives("/onboarding/qualifications/", heading="Qualifications")
    lucja.follow("It should stay as it is? Tell them why")
    lucja.arrives("/onboarding/qualifications/reply/")
    lucja.page.get_by_label("Why it should stay as it is").fill("The university sends it in March.")
    lucja.press("Save")
    lucja.arrives("/onboarding/")
    lucja.go("/onboarding/check/")
    lucja.page.get_by_label("What I have written here is true and complete.").check()
    lucja.press("Send to Vendor Management")
    lucja.arrives("/onboarding/", heading="Thank you. Now it is our turn")

    # VM sees the differences and the answer, and nothing else unfolded
    again = changing.latest()
    vera.go(review_page(again))
    expect(vera.page.get_by_role("heading", name="1 section changed")).to_be_visible()
    expect(vera.page.get_by_text("The university sends it in March.")).to_be_visible()
    expect(vera.page.locator("details.part[open]")).to_have_count(2)
    vera.look()
    vera.follow("Show everything")
    vera.look()
    vera.press("Accept all of them")
    expect(vera.page.get_by_text("Every section is accepted.")).to_be_visible()
    vera.look()
    vera.follow("Approve")
    vera.press("Approve")
    vendor.refresh_from_db()
    assert vendor.state == VendorState.APPROVED
    assert str(Rate.objects.get(service="revision").amount) == "0.0500"


def test_change_after_approval(vera: Visitor, visit, size):
    vendor = create_vendor(state=VendorState.ONBOARDING, name="Łucja Nowak", primary_email="lucja@example.com")
    changing.approved_first(vendor)
    lucja = signed_in(visit, vendor, size)
    lucja.go("/profile/")
    lucja.look()
    lucja.follow("All pages that you can change")
    lucja.arrives("/profile/changes/", heading="Change your profile")

    # One page changed, one that builds on another led through
    lucja.follow("Contact and address")
    lucja.arrives("/profile/changes/contact/")
    lucja.page.get_by_label("Telephone number").fill("22 999 88 77")
    lucja.press("Save and continue")
    lucja.arrives("/profile/changes/", heading="Your changes, not sent yet")
    lucja.follow("Services and subjects")
    lucja.page.get_by_label("Subtitling").check()
    lucja.press("Save and continue")
    lucja.arrives("/profile/changes/rates/")
    lucja.go("/profile/changes/")
    expect(lucja.page.get_by_text("This page does not fit any more")).to_be_visible()
    lucja.look()
    lucja.go("/profile/changes/rates/")
    lucja.page.get_by_role("group", name="Subtitling").get_by_label("Your rate").fill("7.5")
    lucja.press("Save and continue")
    lucja.arrives("/profile/changes/")
    lucja.press("Send to Vendor Management")
    lucja.arrives("/profile/changes/", heading="Your changes are with Vendor Management")
    lucja.go("/profile/")
    expect(lucja.page.get_by_role("heading", name="Your changes are with Vendor Management")).to_be_visible()
    lucja.look()

    # VM asks about one of them
    vera.go("/admin/")
    expect(vera.page.get_by_role("link", name="1 Changes of profiles to review")).to_be_visible()
    vera.look()
    vera.follow("Changes of profiles to review")
    vera.look()
    vera.follow(changing.latest().reference)
    expect(vera.page.get_by_role("heading", name="3 sections changed")).to_be_visible()
    vera.look()
    marking.mark(vera, "Contact and address", "We do not reach you there.")
    vera.follow("Ask for changes")
    vera.press("Ask for changes")
    lucja.go("/profile/")
    lucja.look()
    lucja.follow("See what they ask")
    lucja.arrives("/profile/changes/", heading="Almost there: please change something")
    lucja.follow("Open the page Contact and address")
    lucja.look()
    lucja.page.get_by_label("Telephone number").fill("22 111 22 33")
    lucja.press("Save and continue")
    lucja.press("Send to Vendor Management")

    # What was accepted stays accepted; approved it is in force
    vera.go(f"/admin/vendors/vendor/{vendor.pk}/change/")
    vera.look()
    vera.follow("Review the submission")
    vera.look()
    vera.follow("Approve")
    vera.press("Approve")
    assert Profile.objects.get().phone == "+48221112233"
    lucja.go("/profile/")
    expect(lucja.page.get_by_text("+48 22 111 22 33")).to_be_visible()


def test_another_account_after_signing_in_once_more(passport, vera: Visitor, visit, size):
    vendor = passport.invited(DORA, name="Dora Dimitrova")
    dora = visit(DORA, size=size)
    dora.accepts_invitation()
    dora.signs_in()
    vendor.refresh_from_db()
    changing.approved_first(vendor)
    create_email_change(vendor=vendor, old="before@mail.example", state="confirmed")

    dora.go("/profile/")
    dora.follow("Change payment details")
    dora.arrives("/profile/changes/payment/", heading="Another account for your payments")
    dora.press("Sign in once more")
    dora.authenticates()
    dora.arrives("/profile/changes/payment/")
    dora.press("Save and look at the changes")
    expect(dora.page.get_by_role("alert")).to_contain_text("There is a problem")
    dora.look()
    dora.page.get_by_label("Bank account with an IBAN").check()
    dora.page.get_by_label("Name of the account holder").fill("Somebody Else")
    dora.page.get_by_role("group", name="Is the account yours").get_by_label("Yes").check()
    dora.page.get_by_role("textbox", name="IBAN").fill(NEW_IBAN)
    dora.press("Save and look at the changes")
    dora.arrives("/profile/changes/", heading="Your changes, not sent yet")
    expect(dora.page.get_by_text("The account has changed. It is not shown here.")).to_be_visible()
    dora.press("Send to Vendor Management")
    dora.arrives("/profile/changes/", heading="Your changes are with Vendor Management")
    passport.work()
    dora.passport.tenant.wait_for_mail(DORA, "Another account was named")
    dora.passport.tenant.wait_for_mail("before@mail.example", "Another account was named")

    vera.go(review_page(changing.latest()))
    expect(vera.page.get_by_text("The primary email was changed today.")).to_be_visible()
    expect(vera.page.get_by_text("The account holder has another name")).to_be_visible()
    vera.look()
    assert PaymentDetails.objects.get().masked == "IBAN PL… 2874"
    vera.follow("Approve")
    vera.press("Approve")
    assert PaymentDetails.objects.get().masked == "IBAN DE… 3000"
    dora.go("/profile/")
    expect(dora.page.get_by_text("IBAN DE… 3000")).to_be_visible()
