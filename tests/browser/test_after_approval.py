"""What a vendor does alone on the profile, and one who withdraws, in Chromium at two widths."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from identity.models import Session
from tests.browser import finding
from tests.browser.visitor import Visitor
from tests.clients import signed_in
from tests.factories import create_acceptances, create_vendor
from tests.vendors.profiles import IBAN, approved
from vendors.models import AwayPeriod, ProfileCheck, TrainingRecord, Vendor, VendorState
from vendors.profile import approved_profile
from vendors.still_right import lifecycle as still_right

ANA = "sandbox-ana@gmail.com"


def test_profile_after_approval_and_withdrawing(visit: Callable[..., Visitor], size: str):
    ana = visit(ANA, size=size)
    vendor = ana.passport.invited(ANA, name="Ana Almeida")
    ana.accepts_invitation()
    ana.signs_in(stay="yes")
    Vendor.objects.filter(pk=vendor.pk).update(state=VendorState.APPROVED)
    create_acceptances(vendor=vendor)
    approved_profile.adopt(vendor, approved(payment=IBAN, full_name="Ana Almeida", phone_as_typed="022 / 123 45 67"))
    signed_in(vendor.user)  # another browser
    still_right.ask(vendor)

    # Away, in three presses.
    ana.go("/profile/")
    ana.arrives("/profile/")
    ana.follow("/profile/away/")
    ana.look()
    expect(finding.question(ana.page, "weekly_hours")).to_be_hidden()
    finding.write(ana.page, starts_on="24 December", ends_on="6 Jan", note="urgent jobs by phone")
    finding.question(ana.page, "kind", "partly").check()
    finding.write(ana.page, weekly_hours="10")
    ana.press("away")
    ana.arrives("/profile/")
    period = AwayPeriod.objects.get()
    assert (period.starts_on.month, period.ends_on.month, period.weekly_hours) == (12, 1, 10)
    ana.follow(f"/profile/away/{period.pk}/")
    finding.write(ana.page, starts_on="5/6", ends_on="")
    ana.press("away")
    expect(finding.complaint(ana.page, "starts_on")).to_be_visible()
    ana.look()
    ana.press("away", button="starts_on")
    ana.arrives("/profile/")

    # Another browser, after signing in once more.
    ana.follow("/profile/sessions/")
    ana.look()
    ana.press("prove")
    ana.authenticates()
    ana.arrives("/profile/sessions/")
    ana.press("end-others")
    ana.arrives("/profile/sessions/")
    assert Session.objects.filter(user=vendor.user).count() == 1

    # Training, and everything is right.
    ana.go("/profile/training/")
    finding.write(ana.page, what="Webinar on contract terminology", month="3/2026", hours="2")
    ana.press("training")
    ana.arrives("/profile/training/")
    assert TrainingRecord.objects.get().month == "2026-03"
    ana.go("/profile/")
    ana.press("confirm")
    ana.arrives("/profile/")
    assert ProfileCheck.objects.get().answer == "confirmed"

    # Somebody who has not come so far, and withdraws.
    bo = visit("sandbox-bo@gmail.com", size=size)
    other = create_vendor(state=VendorState.ONBOARDING, name="Bo Bauer")
    bo.is_signed_in_as(other.user)
    bo.go("/onboarding/")
    bo.follow("/onboarding/withdraw/")
    bo.look()
    bo.press("withdraw")
    bo.arrives("/onboarding/withdrawn/", heading="withdrawn")
    other.refresh_from_db()
    assert (other.state, other.closed_from) == (VendorState.DECLINED, VendorState.ONBOARDING)
