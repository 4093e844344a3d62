"""Of whoever worked for us, what the law keeps stays locked until its date; everything else goes at once."""

from __future__ import annotations

import datetime as dt
import json
import zipfile

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.utils import timezone

from identity import roles
from tests.clients import signed_in
from tests.factories import create_staff, create_vendor
from tests.journeys import database
from tests.vendors.profiles import IBAN, approved_vendor
from vendors import lifecycle
from vendors.documents import lifecycle as documents
from vendors.documents import storage
from vendors.documents.inspection import PDF
from vendors.models import Document, LockedRecord, PaymentDetails, Profile, RetentionEntry, Vendor
from vendors.privacy import erasure, holds, listing, periods

pytestmark = pytest.mark.django_db

ADDRESS = "lucja@example.com"
TAX_NUMBER = "PL5260001246"
CV = b"Curriculum of Lucja"
DAY = dt.timedelta(days=1)


@pytest.fixture
def vendor(media_root) -> Vendor:
    vendor = approved_vendor(vat_number=TAX_NUMBER, payment=IBAN)
    cv = documents.store(vendor, slot="cv", upload=SimpleUploadedFile("cv.pdf", CV), content_type=PDF)
    Document.objects.filter(pk=cv.pk).update(approved_at=timezone.now())
    documents.store(vendor, slot="degree", upload=SimpleUploadedFile("d.pdf", b"never approved"), content_type=PDF)
    return vendor


def erase() -> None:
    call_command("erase_vendor", ADDRESS, "--reason", "Asked on 3 May", "--yes")


def until(months: int) -> dt.date:
    return periods.after(timezone.localdate(), months)


def test_command_says_what_stays_locked_and_until_when(vendor, capsys):
    before = database.everything()
    call_command("erase_vendor", ADDRESS, "--dry-run")
    assert database.everything() == before
    said = capsys.readouterr().out
    assert (
        f"Would stay locked, because the law or the standard requires it: tax data until {until(84):%-d %B %Y}" in said
    )
    assert f"ISO 17100 evidence until {until(60):%-d %B %Y}" in said
    assert "payment" not in said.partition("Would stay locked")[2]

    erase()

    said = capsys.readouterr().out
    assert f"Vendor {vendor.pk} has been erased. Still locked: " in said
    assert f"tax data until {until(84):%-d %B %Y}" in said
    with pytest.raises(CommandError, match=f"Vendor {vendor.pk} has already been erased. Still locked: "):
        erase()


def test_what_the_law_keeps_is_there_encrypted_and_the_rest_is_gone(vendor):
    erase()

    tax, evidence = LockedRecord.objects.order_by("-until")
    assert (tax.section, tax.until, evidence.section, evidence.until) == ("tax", until(84), "evidence", until(60))
    assert tax.content["who"]["full_name"] == "Łucja Nowak"
    assert TAX_NUMBER in json.dumps(tax.content)
    [name] = evidence.files
    with default_storage.open(name) as file:
        assert file.read() == CV
    assert evidence.content["rows"]["qualification"][0]["experience_months"] == 90
    assert not Profile.objects.exists()
    assert not PaymentDetails.objects.exists()
    assert not Document.objects.exists()
    kept = database.everything()
    for word in (TAX_NUMBER, "Nowak", ADDRESS, "Prosta", IBAN["iban"], "48221234567"):
        assert word not in kept, word
    assert IBAN["iban"] not in json.dumps([tax.content, evidence.content])
    assert storage.forget_orphans(now=timezone.now() + 5 * DAY) == 0, "the locked file is known"
    assert erasure.forget_strays() == 0


def test_vendor_who_never_worked_for_us_leaves_nothing():
    vendor = create_vendor(state="submitted", primary_email=ADDRESS)

    erase()

    vendor.refresh_from_db()
    assert vendor.state == "erased"
    assert not LockedRecord.objects.exists()


def test_worker_locks_it_as_well_when_the_command_was_killed(vendor):
    lifecycle.erase(vendor, reason="Asked on 3 May", locked=None)

    assert erasure.finish_all() == 1

    assert {record.section for record in LockedRecord.objects.all()} == {"tax", "evidence"}


def test_ended_vendor_goes_in_time_with_each_section_kept_for_its_own(vendor, media_root):
    ended = timezone.now() - 800 * DAY
    Vendor.objects.filter(pk=vendor.pk).update(state="ended", closed_as="left", state_changed_at=ended)
    vendor.events.create(kind="ended")
    day = timezone.localtime(ended).date()
    listing.carry_out()
    RetentionEntry.objects.update(listed_on=timezone.localdate() - 30 * DAY, goes_on=timezone.localdate())

    assert listing.carry_out()["ended_vendors"] == 1

    locked = {record.section: record.until for record in LockedRecord.objects.all()}
    assert locked == {
        "tax": periods.after(day, 84),
        "payment": periods.after(day, 84),
        "evidence": periods.after(day, 60),
    }
    payment = LockedRecord.objects.get(section="payment")
    assert IBAN["iban"] in json.dumps(payment.content)

    goes_on = periods.after(day, 60) + DAY
    moment = timezone.make_aware(dt.datetime.combine(goes_on, dt.time(4)))
    listing.carry_out(now=moment - 30 * DAY)
    assert RetentionEntry.objects.get().what == "locked_evidence"
    assert listing.carry_out(now=moment)["locked_records"] == 1
    assert {record.section for record in LockedRecord.objects.all()} == {"tax", "payment"}
    assert [path for path in media_root.rglob("*") if path.is_file()] == []


def test_held_vendor_keeps_what_is_locked(vendor):
    erase()
    vendor.refresh_from_db()
    record = LockedRecord.objects.get(section="evidence")
    holds.place(vendor, reason="Audit", until=None, by=None)
    moment = timezone.make_aware(dt.datetime.combine(record.until + 60 * DAY, dt.time(4)))

    listing.carry_out(now=moment - 31 * DAY)
    assert listing.carry_out(now=moment)["locked_records"] == 0

    assert LockedRecord.objects.filter(pk=record.pk).exists()


# Who sees it


@pytest.mark.parametrize("role", sorted(roles.PERMISSIONS))
def test_only_who_may_sees_it_and_says_why(vendor, role):
    erase()
    page = f"/admin/vendors/vendor/{vendor.pk}"
    staff = create_staff(role=role)
    client = signed_in(staff)

    shown = client.get(f"{page}/change/")
    assert "Nowak" not in shown.text
    assert TAX_NUMBER not in shown.text

    assert client.get(f"{page}/locked/tax/").status_code == 405
    assert client.post(f"{page}/locked/tax/", {"reason": " "}).status_code in (302, 403)
    answer = client.post(f"{page}/locked/tax/", {"reason": "Audit of 2026"})
    may = role in (roles.VENDOR_MANAGER, roles.FINANCE, roles.ADMINISTRATOR)
    assert answer.status_code == (200 if may else 403)
    assert (TAX_NUMBER in answer.text) is may
    seen = vendor.events.filter(kind="locked_data_seen")
    assert [(event.by, event.reason) for event in seen] == ([(staff, "Audit of 2026")] if may else [])


def test_files_open_for_ten_minutes_from_the_page_that_named_the_reason(vendor):
    erase()
    page = f"/admin/vendors/vendor/{vendor.pk}/locked/evidence/"
    vera = create_staff()
    shown = signed_in(vera).post(page, {"reason": "Audit"}).text
    link = shown.partition(f'href="/admin/vendors/vendor/{vendor.pk}/locked/file/')[2].partition('"')[0]
    link = f"/admin/vendors/vendor/{vendor.pk}/locked/file/{link}"

    answer = signed_in(vera).get(link)
    assert b"".join(answer.streaming_content) == CV
    assert answer.headers["Content-Disposition"] == 'attachment; filename="cv.pdf"'
    assert signed_in(create_staff()).get(link).status_code == 403, "the link is hers"
    assert signed_in(vera).get(link[:-3] + "x/").status_code == 404


def test_payment_details_stay_with_those_who_saw_them_in_full_before(vendor):
    record = LockedRecord.objects.create(
        vendor=vendor,
        section="payment",
        content={"who": {}, "rows": {"payment details": [{"details": IBAN}]}},
        counted_from=timezone.localdate(),
        until=timezone.localdate(),
    )
    page = f"/admin/vendors/vendor/{record.vendor_id}/locked/payment/"

    assert signed_in(create_staff()).post(page, {"reason": "Audit"}).status_code == 403
    assert IBAN["iban"] in signed_in(create_staff(role=roles.FINANCE)).post(page, {"reason": "Audit"}).text


# The export


@pytest.mark.parametrize("by", ["address", "number"])
def test_export_has_what_is_locked(vendor, capsys, tmp_path, by):
    erase()
    capsys.readouterr()
    whom = ADDRESS.upper() if by == "address" else str(vendor.pk)

    call_command("export_vendor", whom)
    document = json.loads(capsys.readouterr().out)

    assert {record["section"] for record in document["locked_records"]} == {"tax", "evidence"}
    assert TAX_NUMBER in json.dumps(document["locked_records"])
    assert "address_fingerprints" not in document["locked_records"][0]
    call_command("export_vendor", whom, "--files", "--output", str(tmp_path / "all.zip"))
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        [name] = [name for name in archive.namelist() if name.startswith("files/")]
        assert archive.read(name) == CV
