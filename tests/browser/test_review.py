"""Review by section, a change after approval and another account, by two people at two browsers."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from identity import roles
from onboarding.models import Submission
from tests.browser import finding, marking
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


def url(submission: Submission) -> str:
    return f"/admin/onboarding/submission/{submission.pk}"


def review_page(submission: Submission) -> str:
    return f"{url(submission)}/change/"


def test_changes_requested_and_sent_again(vera: Visitor, visit, size):
    vendor = create_vendor(state=VendorState.ONBOARDING, name="Łucja Nowak", primary_email="lucja@example.com")
    sent = changing.sent_first(vendor)

    # VM ticks one section, marks two, forgets one reason
    vera.go(review_page(sent))
    vera.look()
    marking.accept(vera, "about")
    expect(marking.section(vera.page, "about").locator(".tag-good")).to_be_visible()
    marking.mark(vera, "rates", "")
    expect(vera.page.locator("#problem-rates")).to_be_visible()
    vera.look()
    rates = marking.section(vera.page, "rates")
    finding.question(rates, "reason").fill("Is that per hour?")
    with vera.page.expect_navigation():
        finding.button(rates, name=("verdict", "change")).click()
    marking.mark(vera, "qualifications", "Please send your degree certificate.")
    vera.look()
    vera.press(f"{url(sent)}/accept-the-rest/")
    vera.follow(f"{url(sent)}/request-changes/")
    finding.write(vera.page, note="Nearly there, thank you!")
    vera.look()
    vera.press()

    # The vendor changes one, answers to the other
    lucja = signed_in(visit, vendor, size)
    lucja.go("/")
    lucja.arrives("/onboarding/", heading="sent-back")
    lucja.follow("/onboarding/rates/")
    lucja.arrives("/onboarding/rates/")
    finding.question(lucja.page, "rates-usual-revision").fill("0.05")
    lucja.saves()
    lucja.go("/onboarding/check/")
    lucja.look()
    lucja.declares_and_sends()
    lucja.arrives("/onboarding/qualifications/")
    lucja.follow("/onboarding/qualifications/reply/")
    lucja.arrives("/onboarding/qualifications/reply/")
    finding.write(lucja.page, reply="The university sends it in March.")
    lucja.press()
    lucja.arrives("/onboarding/")
    lucja.go("/onboarding/check/")
    lucja.declares_and_sends()
    lucja.arrives("/onboarding/", heading="submitted")

    # VM sees the differences and the answer, and nothing else unfolded
    again = changing.latest()
    vera.go(review_page(again))
    expect(vera.page.locator(".what-changed li")).to_have_count(1)
    expect(vera.page.get_by_text("The university sends it in March.")).to_be_visible()
    expect(vera.page.locator("details.part[open]")).to_have_count(2)
    vera.look()
    vera.follow(f"{url(again)}/change/?all")
    vera.look()
    vera.press(f"{url(again)}/accept-the-rest/")
    expect(vera.page.locator(f'form[action="{url(again)}/accept-the-rest/"]')).to_have_count(0)
    vera.look()
    vera.follow(f"{url(again)}/approve/")
    vera.press()
    vendor.refresh_from_db()
    assert vendor.state == VendorState.APPROVED
    assert str(Rate.objects.get(service="revision").amount) == "0.0500"


def test_change_after_approval(vera: Visitor, visit, size):
    vendor = create_vendor(state=VendorState.ONBOARDING, name="Łucja Nowak", primary_email="lucja@example.com")
    changing.approved_first(vendor)
    lucja = signed_in(visit, vendor, size)
    lucja.go("/profile/")
    lucja.look()
    lucja.follow("/profile/changes/")
    lucja.arrives("/profile/changes/", heading="unchanged")

    # One page changed, one that builds on another led through
    lucja.follow("/profile/changes/contact/")
    lucja.arrives("/profile/changes/contact/")
    finding.write(lucja.page, contact__phone="22 999 88 77")
    lucja.saves()
    lucja.arrives("/profile/changes/", heading="not-sent")
    lucja.follow("/profile/changes/services/")
    finding.question(lucja.page, "services-everywhere", "subtitling").check()
    lucja.saves()
    lucja.arrives("/profile/changes/rates/")
    lucja.go("/profile/changes/")
    expect(lucja.page.locator(".tag-problem")).to_be_visible()
    lucja.look()
    lucja.go("/profile/changes/rates/")
    finding.question(lucja.page, "rates-usual-subtitling").fill("7.5")
    lucja.saves()
    lucja.arrives("/profile/changes/")
    lucja.press("send-changes")
    lucja.arrives("/profile/changes/", heading="submitted")
    lucja.go("/profile/")
    expect(lucja.page.locator("#change-submitted")).to_be_visible()
    lucja.look()

    # VM asks about one of them
    vera.go("/admin/")
    queue = vera.page.locator('a.queue[href*="/onboarding/submission/"]')
    expect(queue).to_have_count(1)
    vera.look()
    with vera.page.expect_navigation():
        queue.click()
    vera.look()
    change = changing.latest()
    vera.follow(f"{url(change)}/change/")
    expect(vera.page.locator(".what-changed li")).to_have_count(3)
    vera.look()
    marking.mark(vera, "contact", "We do not reach you there.")
    vera.follow(f"{url(change)}/request-changes/")
    vera.press()
    lucja.go("/profile/")
    lucja.look()
    lucja.follow("/profile/changes/")
    lucja.arrives("/profile/changes/", heading="sent-back")
    lucja.follow("/profile/changes/contact/")
    lucja.look()
    finding.write(lucja.page, contact__phone="22 111 22 33")
    lucja.saves()
    lucja.press("send-changes")

    # What was accepted stays accepted; approved it is in force
    vera.go(f"/admin/vendors/vendor/{vendor.pk}/change/")
    vera.look()
    again = changing.latest()
    vera.follow(f"{url(again)}/change/")
    vera.look()
    vera.follow(f"{url(again)}/approve/")
    vera.press()
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
    finding.unfold_around(dora.page, finding.anchor(dora.page, "/profile/changes/payment/"))
    dora.follow("/profile/changes/payment/")
    dora.arrives("/profile/changes/payment/")
    dora.press("prove")
    dora.authenticates()
    dora.arrives("/profile/changes/payment/")
    dora.press("change-payment")
    expect(dora.page.locator("#error-summary-title")).to_be_visible()
    dora.look()
    finding.question(dora.page, "payment-method", "iban").check()
    finding.question(dora.page, "payment-holder_is_vendor", "yes").check()
    finding.write(dora.page, payment__holder="Somebody Else", payment__iban=NEW_IBAN)
    dora.press("change-payment")
    dora.arrives("/profile/changes/", heading="not-sent")
    expect(dora.page.get_by_text("3000")).to_have_count(0)
    dora.press("send-changes")
    dora.arrives("/profile/changes/", heading="submitted")
    passport.work()
    dora.passport.tenant.wait_for_mail(DORA, kind="payment-change-asked")
    dora.passport.tenant.wait_for_mail("before@mail.example", kind="payment-change-asked")

    change = changing.latest()
    vera.go(review_page(change))
    expect(vera.page.locator(".notice-loud")).to_be_visible()  # the primary email was changed today
    expect(vera.page.locator(".notice-warning li")).to_have_count(1)  # the account holder has another name
    vera.look()
    assert PaymentDetails.objects.get().masked == "IBAN PL… 2874"
    vera.follow(f"{url(change)}/approve/")
    vera.press()
    assert PaymentDetails.objects.get().masked == "IBAN PL… 2874"
    dora.go("/profile/")
    expect(dora.page.get_by_text("IBAN DE… 3000")).to_be_visible()
