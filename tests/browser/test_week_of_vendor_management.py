"""A week of Vendor Management in Chromium: everything is done in the admin, and nothing in a spreadsheet."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from identity.models import Failure, User
from identity.roles import VENDOR_MANAGER
from tests.browser import finding
from tests.browser.visitor import Visitor
from tests.factories import create_staff, create_vendor
from tests.passport_fixture import VM, VM_MAILBOX, Passport
from tests.vendors.evidence.profile import profile
from tests.vendors.finding.offering import offer, offering
from tests.vendors.payment import releasing
from tests.vendors.stored_documents import store
from vendors.models import ClosedAs, PairStanding, PaymentRelease, Vendor, VendorExport, VendorState

OTTO = "otto.vm@sandberg.example"
LIST = "/admin/vendors/vendor/"
NEW = 35


def page_of(vendor: Vendor, name: str = "change") -> str:
    return f"{LIST}{vendor.pk}/{name}/"


@pytest.fixture
def vera(passport: Passport, visit) -> Visitor:
    vera = visit(VM)
    vera.go("/admin/")
    vera.press("signin")
    vera.authenticates()
    vera.arrives("/admin/")
    return vera


def forty_rows() -> bytes:
    """Thirty-five who are new, three with an address that cannot be right, one who is known and one who may be."""
    rows = [f"New {number};new-{number}@mail.example" for number in range(NEW)]
    rows += ["Tim Typo;sandbox-tim@gmial.com", "Tom Typo;sandbox-tom@outlok.com", "Tess Typo;tess.mail.example"]
    rows += ["Bo Berg;bo@mail.example", "Cleo Carlsson;cleo@new.example"]
    return "\n".join(["Name;Email", *rows]).encode()


def test_a_week_of_vendor_management(passport: Passport, vera: Visitor, visit, tmp_path: Path):
    otto = create_staff(email=OTTO, role=VENDOR_MANAGER)
    create_vendor(name="Bo Berg", primary_email="bo@mail.example", state=VendorState.APPROVED)
    create_vendor(name="Cleo Carlsson", primary_email="cleo@old.example", state=VendorState.APPROVED)

    imports_forty(passport, vera)
    finds_an_agency_and_tags_it(vera)
    ends_a_leaver_and_suspends_another(passport, vera)
    covers_for_a_colleague(passport, vera, otto)
    releases_a_bank_change(passport, vera, otto)
    rewords_an_email(passport, vera)
    finds_who_is_verified_and_exports_them(vera, tmp_path)


def imports_forty(passport: Passport, vera: Visitor) -> None:
    vera.go(f"{LIST}import/")
    file = {"name": "spring.csv", "mimeType": "text/csv", "buffer": forty_rows()}
    finding.question(vera.page, "file").set_input_files(file)
    vera.press("upload")

    line = {"tim": NEW + 2, "tom": NEW + 3, "tess": NEW + 4}
    for doubtful in ("tim", "tom"):
        expect(vera.page.get_by_label(f"Include line {line[doubtful]}")).not_to_be_checked()
    vera.page.get_by_label(f"Address, line {line['tim']}").fill("sandbox-tim@gmail.com")
    vera.page.get_by_label(f"Include line {line['tim']}").check()
    vera.page.get_by_label(f"Address, line {line['tess']}").fill("tess@mail.example")
    vera.press("decide", button=("then", ":1"))
    expect(vera.page.get_by_label(f"Include line {line['tess']}")).to_be_checked()
    vera.press("decide", button=("then", "start"))
    vera.press("start")
    passport.work()
    vera.go(vera.page.url)

    expect(vera.page.locator("progress")).to_have_count(0)
    vera.look()
    added = Vendor.objects.filter(state=VendorState.INVITED)
    assert added.filter(name__startswith="New ").count() == NEW
    assert sorted(added.filter(name__contains="Typo").values_list("primary_email", flat=True)) == [
        "sandbox-tim@gmail.com",
        "tess@mail.example",
    ]
    assert Vendor.objects.filter(primary_email="bo@mail.example").count() == 1
    assert len(passport.tenant.mails("sandbox-tim@gmail.com")) == 2, "Microsoft's and ours"


def finds_an_agency_and_tags_it(vera: Visitor) -> None:
    agency = offering(
        "Acme Översättning AB", offer("sv>en-GB", "0.12"), kind="agency", company_legal_name="Acme Översättning AB"
    )
    vera.go(f"{LIST}find/")
    finding.write(vera.page, source="Swedish", target="British English")
    vera.page.locator("#find .actions-row .button").click()
    results = vera.page.locator("#results")
    expect(results).to_contain_text("EUR 0.12")
    with vera.page.expect_navigation():
        finding.link(results, page_of(agency)).click()
    vera.follow(page_of(agency, "tags"))
    finding.write(vera.page, tags="rush jobs")
    vera.press()
    vera.go(page_of(agency))
    vera.page.locator('textarea[name="text"]').fill("Call Astrid, not the office.")
    vera.press(f"{LIST}{agency.pk}/notes/")

    vera.go(f"{LIST}find/?tag=rush+jobs")
    expect(vera.page.locator("#results")).to_contain_text("Acme Översättning AB")
    assert agency.notes.get().text == "Call Astrid, not the office."


def ends_a_leaver_and_suspends_another(passport: Passport, vera: Visitor) -> None:
    leaver = create_vendor(name="Lea Leaver", primary_email="lea@mail.example", state=VendorState.APPROVED)
    vera.go(page_of(leaver))
    vera.follow(page_of(leaver, "end"))
    finding.write(vera.page, reason="has retired", text="Dear Lea,\n\nThank you for eleven years.")
    finding.question(vera.page, "writes").check()
    vera.look()
    vera.press()
    leaver.refresh_from_db()
    assert (leaver.state, leaver.closed_as) == (VendorState.ENDED, ClosedAs.LEFT)

    passport.invited("gita@mail.example", name="Gita Gupta")
    passport.signed_in("gita@mail.example")
    gita = Vendor.objects.get(name="Gita Gupta")
    vera.go(page_of(gita))
    vera.follow(page_of(gita, "suspend"))
    finding.write(vera.page, reason="an invoice is disputed")
    vera.press()
    person = passport.person("gita@mail.example")
    person.go(f"{passport.url}/sign-in/")
    person.submit("signin")
    person.authenticate()
    assert person.page.path.startswith("/sign-in/problem/")
    passport.work()
    assert "eleven years" in passport.tenant.wait_for_mail("lea@mail.example")["text"]
    told = passport.tenant.wait_for_mail(VM_MAILBOX, kind="failure")
    assert "gita@mail.example" in told["text"]
    assert "vendor_suspended" in told["text"]

    vera.go(page_of(gita))
    vera.follow(page_of(gita, "reinstate"))
    vera.press()
    passport.signed_in("gita@mail.example")
    assert not Failure.objects.open().filter(user=gita.user).exists()


def covers_for_a_colleague(passport: Passport, vera: Visitor, otto: User) -> None:
    """Otto is on holiday: what goes wrong with one of his vendors is told to whoever covers for him."""
    his = create_vendor(name="Hilda Holm", primary_email="hilda@mail.example", state=VendorState.APPROVED, owner=otto)
    me = User.objects.get(email=VM)
    vera.go("/admin/vendors/absence/")
    finding.question(vera.page, "colleague").select_option(str(otto.pk))
    today = timezone.localdate()
    finding.write(vera.page, starts_on=today.isoformat(), ends_on=(today + dt.timedelta(days=7)).isoformat())
    finding.question(vera.page, "cover").select_option(str(me.pk))
    vera.press("absence")
    expect(vera.page.locator("#absences")).to_contain_text(OTTO)

    vera.go(page_of(his))
    vera.follow(page_of(his, "change-email"))
    finding.write(vera.page, new="hilda@new.example", reason="has moved")
    finding.question(vera.page, "how_known").select_option("called")
    passport.tenant.fault("invitations", match="hilda@new.example", status=400, body={"error": {"code": "BadRequest"}})
    vera.press()
    vera.press(button="_confirm")
    passport.work()
    told = passport.tenant.wait_for_mail(VM, kind="failure")
    assert "hilda@new.example" in told["text"]
    vera.go("/admin/")
    vera.look()


def releases_a_bank_change(passport: Passport, vera: Visitor, otto: User) -> None:
    """Otto has approved it, so somebody else calls and releases it."""
    vendor = releasing.known_for_long(payment=releasing.IBAN)
    release = releasing.waiting(vendor, by=otto)
    vera.go("/admin/vendors/paymentrelease/")
    vera.follow(releasing.page(release))
    expect(vera.page.locator("#obstacle")).to_be_visible()
    called = timezone.now() - dt.timedelta(minutes=5)
    vera.page.locator('input[name="call-number"]').first.check()
    finding.write(vera.page, call__person="Łucja Nowak", call__day=f"{called:%Y-%m-%d}", call__time=f"{called:%H:%M}")
    vera.press("record-call")
    vera.look()
    vera.press("release")

    release.refresh_from_db()
    assert release.state == PaymentRelease.State.RELEASED
    assert release.decided_by.email == VM
    passport.work()
    text = passport.tenant.wait_for_mail("lucja@example.com")["text"]
    assert "0532013000" not in text


def rewords_an_email(passport: Passport, vera: Visitor) -> None:
    vera.go("/admin/vendors/text/")
    with vera.page.expect_navigation():
        vera.page.locator('#content a[href*="/vendors/text/email/"][href*="invitation"]').first.click()
    body = finding.question(vera.page, "body")
    words = body.input_value()
    body.fill(words.replace("{steps}", ""))
    vera.press("email", button="_save")
    expect(vera.page.locator(".errorlist").first).to_be_visible()
    finding.question(vera.page, "body").fill(f"Welcome aboard!\n\n{words}")
    vera.press("email", button="_preview")
    expect(vera.page.locator("#preview")).to_contain_text("Welcome aboard!")
    vera.look()
    vera.press("email", button="_save")

    passport.invited("ida@mail.example", name="Ida")
    assert "Welcome aboard!" in passport.tenant.wait_for_mail("ida@mail.example", kind="invitation")["text"]


def finds_who_is_verified_and_exports_them(vera: Visitor, tmp_path: Path) -> None:
    """English into Swedish, legal, under 0.11, verified."""
    for name, amount in (("Dorota Degree", "0.10"), ("Dear Dan", "0.14"), ("Unread Una", "0.09")):
        vendor = create_vendor(state=VendorState.APPROVED, name=name)
        for slot in ("cv", "degree"):
            store(vendor, slot)
        profile(vendor, full_name=name, pairs=[offer("en-GB>sv", amount)])
    dorota, dan = Vendor.objects.get(name="Dorota Degree"), Vendor.objects.get(name="Dear Dan")
    for vendor in (dorota, dan):
        degree = vendor.evidence.get(kind="degree")
        vera.go("/admin/vendors/evidence/?work=verify")
        vera.follow(f"/admin/vendors/evidence/{degree.pk}/change/")
        vera.page.locator('input[name="verify-method"][value="issuer_confirmed"]').check()
        vera.press(f"/admin/vendors/evidence/{degree.pk}/verify/")
    assert PairStanding.objects.filter(vendor=dorota, state="verified", source="en-GB", target="sv").exists()

    vera.go(f"{LIST}find/")
    finding.write(vera.page, source="English", target="Swedish", up_to="0.11")
    vera.page.locator("#id_service").select_option("translation")
    vera.page.locator("#find summary").click()
    vera.page.locator("#id_specialism").select_option("legal")
    vera.page.locator("#id_qualified").select_option("verified")
    vera.page.locator("#find .actions-row .button").click()
    results = vera.page.locator("#results")
    expect(results).to_contain_text("Dorota Degree")
    expect(results).not_to_contain_text("Dear Dan")
    expect(results).not_to_contain_text("Unread Una")
    vera.look()

    vera.follow(f"{LIST}find/export/")
    vera.page.locator('input[name="file_format"][value="csv"]').check()
    finding.write(vera.page, reason="a tender")
    with vera.page.expect_download() as download:
        finding.button(vera.page, "export").click()
    download.value.save_as(tmp_path / "found.csv")
    lines = list(csv.reader(io.StringIO((tmp_path / "found.csv").read_text(encoding="utf-8-sig"))))
    assert len(lines) == 2
    assert "Dorota Degree" in lines[1]
    record = VendorExport.objects.get()
    assert (record.reason, record.by.email) == ("a tender", VM)
