"""Going live in Chromium at two widths: what vendors confirm, and what VM does about imports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from django.utils import timezone
from playwright.sync_api import Page, expect

from identity.models import EntraAccount
from onboarding.models import Submission
from tests.browser import finding
from tests.browser.looking import look
from tests.browser.visitor import Visitor
from tests.factories import create_acceptances
from tests.passport_fixture import Passport, in_thread
from tests.vendors.going_live.test_carried_over import ANA, BO, row, written
from vendors.models import Evidence, Vendor

FILE = f"""\
Name,Email
Ana Almeida,{ANA}
Bo Berg,{BO}
Nobody Known,nobody.who.is.known.to.the.tenant@translations.example
Wilhelmina van der Meulen-Oosterhuis,wilhelmina.van.der.meulen-oosterhuis@translations.example
"""


def test_profile_that_was_carried_over(visit: Callable[..., Visitor], size: str, tmp_path: Path):
    ana = visit(ANA, size=size)
    ana.passport.tenant.add_guest(ANA, accepted=True)
    file = written(tmp_path, row(ANA, street=""))
    ana.passport.command("import_vendors", str(file), "--bind", "--carry-over")
    vendor = Vendor.objects.get()
    create_acceptances(vendor=vendor)

    ana.enters()
    ana.arrives("/profile/confirm/", heading="confirm-profile")
    for step in ("about", "languages", "services", "rates", "qualifications", "tax"):
        ana.press(f"right-{step}")
        ana.arrives("/profile/confirm/")
    ana.follow("/profile/changes/contact/")
    ana.arrives("/profile/changes/contact/")
    ana.page.get_by_label("Street address").fill("Rua Augusta 2")
    ana.saves()
    ana.go("/profile/confirm/")
    ana.arrives("/profile/confirm/")
    ana.follow("/profile/changes/")
    ana.press("send-changes")
    ana.arrives("/profile/changes/", heading="submitted")
    vendor.refresh_from_db()
    assert not vendor.is_carried_over


def test_vm_connects_guests_and_takes_the_import_back(desk: Page, passport: Passport):
    for address in (ANA, BO):
        passport.tenant.add_guest(address, accepted=True)
    desk.goto(f"{passport.url}/admin/vendors/vendor/import/")
    finding.question(desk, "file").set_input_files(
        {"name": "guests.csv", "mimeType": "text/csv", "buffer": FILE.encode()}
    )
    finding.button(desk, "upload").click()
    desk.get_by_label("Add and connect to their existing guest accounts").check()
    finding.button(desk, "decide", ("then", "start")).click()
    expect(desk.locator("#reload")).to_be_visible()
    look(desk)
    passport.work()
    desk.locator("#reload").click()
    expect(finding.button(desk, "decide", ("then", "compare"))).to_be_visible()
    look(desk)
    finding.button(desk, "decide", ("then", "start")).click()
    expect(finding.button(desk, "start")).to_be_visible()
    look(desk)
    finding.button(desk, "start").click()
    passport.work()
    desk.locator("#reload").click()
    expect(finding.button(desk, "withdraw")).to_be_visible()
    look(desk)
    in_thread(lambda: EntraAccount.objects.filter(address=ANA).update(first_sign_in_at=timezone.now()))

    finding.button(desk, "withdraw").click()
    look(desk)
    finding.question(desk, "reason").fill("The wrong file")
    finding.button(desk, "parameters").click()
    expect(finding.button(desk, "start")).to_be_visible()
    look(desk)
    finding.button(desk, "start").click()
    passport.work()
    desk.locator("#reload").click()
    expect(desk.get_by_text("The invitation has been withdrawn for 1 vendor.")).to_be_visible()
    look(desk)
    desk.goto(f"{passport.url}/admin/vendors/vendor/import/")
    desk.get_by_role("link", name="guests.csv").click()
    expect(desk.get_by_text("1 of their invitations has since been withdrawn.")).to_be_visible()
    look(desk)


def test_vm_sees_what_was_carried_over(desk: Page, passport: Passport, tmp_path: Path):
    passport.command("import_vendors", str(written(tmp_path, row(BO))), "--carry-over")
    vendor, piece, submission = in_thread(
        lambda: (Vendor.objects.get(), Evidence.objects.earliest("pk"), Submission.objects.get())
    )

    for address in (
        f"vendors/vendor/{vendor.pk}/change/",
        "vendors/evidence/",
        f"vendors/evidence/{piece.pk}/change/",
        f"onboarding/submission/{submission.pk}/change/?all",
    ):
        desk.goto(f"{passport.url}/admin/{address}")
        expect(desk.get_by_text("carried over", exact=True).first).to_be_visible()
        look(desk)
