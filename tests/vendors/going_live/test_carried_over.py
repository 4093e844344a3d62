"""Profiles from another system: in force from the import on, confirmed by the vendor page by page."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.core.management import CommandError
from django.utils import timezone

from onboarding.models import Submission
from tests.onboarding.carried_over.test_reading import ANA as PROFILE
from tests.onboarding.carried_over.test_reading import EVIDENCE
from vendors.agreements import acceptances
from vendors.bulk_import import csv_rows
from vendors.bulk_import.csv_rows import Kind, Wanted
from vendors.models import Acceptance, Evidence, ProfileCheck, Vendor, VendorImport, VendorState
from vendors.payment import numbers_on_file

ANA, BO = "sandbox-ana@gmail.com", "sandbox-bo@outlook.com"
WHOLE = PROFILE | {
    "street": "Rua Augusta 1",
    "town": "Lisboa",
    "postcode": "1100-053",
    "time zone": "Europe/Lisbon",
    "native languages": "pt-PT",
    "subjects": "patents",
    "VAT number": "999999990",
    "terms signed": "2019-05-03",
    **EVIDENCE,
}


def written(folder: Path, *rows: dict[str, str]) -> Path:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    lines = [columns, *([row.get(name, "") for name in columns] for row in rows)]
    path = folder / "vendors.csv"
    path.write_text("\n".join(",".join(f'"{cell}"' for cell in line) for line in lines) + "\n")
    return path


@pytest.fixture
def file(tmp_path):
    return lambda *rows: written(tmp_path, *rows)


def row(address: str, **changed: str) -> dict[str, str]:
    return {"name": "Ana Almeida", "email": address} | WHOLE | changed


def test_carried_over_vendor_is_approved_and_confirms_page_by_page(passport, file, capsys):
    passport.tenant.add_guest(ANA, accepted=True)

    passport.command("import_vendors", file(row(ANA)), "--bind", "--carry-over")

    vendor = Vendor.objects.get()
    assert (vendor.state, vendor.is_carried_over) == (VendorState.APPROVED, True)
    assert {"carried_over", "guest_bound", "added"} == set(vendor.events.values_list("kind", flat=True))
    assert vendor.profile.phone == "+351912345678"
    assert vendor.language_pairs.count() == 2
    assert not ProfileCheck.objects.exists()
    assert passport.tenant.mails() == []

    person = passport.signed_in(ANA)
    assert person.page.path == "/agreements/", person.page  # the privacy notice, and what was not signed on paper
    person.go(f"{passport.url}/profile/")
    person.follow("/profile/confirm/")
    check = ProfileCheck.objects.get()
    assert check.asked_at <= timezone.now()
    for step in ("about", "contact", "languages", "services", "rates", "qualifications"):
        person.submit(f"right-{step}", button=("right", step))
        assert person.page.path == "/profile/confirm/", person.page
    vendor.refresh_from_db()
    assert vendor.is_carried_over
    person.submit("right-tax", button=("right", "tax"))

    assert person.page.path == "/profile/payment/", person.page
    vendor.refresh_from_db()
    assert not vendor.is_carried_over
    check.refresh_from_db()
    assert (check.answer, "still_right" in vendor.events.values_list("kind", flat=True)) == ("confirmed", True)
    person.go(f"{passport.url}/profile/")
    assert "still-right" not in person.page.ids, person.page


def test_incomplete_page_is_completed_and_sent(passport, file):
    passport.tenant.add_guest(ANA, accepted=True)
    passport.command("import_vendors", file(row(ANA, street="")), "--bind", "--carry-over")
    person = passport.signed_in(ANA)
    person.go(f"{passport.url}/profile/confirm/")
    assert "right-contact" not in person.page.forms
    for step in ("about", "languages", "services", "rates", "qualifications", "tax"):
        person.submit(f"right-{step}", button=("right", step))
    vendor = Vendor.objects.get()
    assert vendor.is_carried_over

    person.follow("/profile/changes/contact/")
    person.submit(**{"contact-address_lines": "Rua Augusta 2"})
    assert person.page.path == "/profile/changes/", person.page
    person.submit("send-changes")

    vendor.refresh_from_db()
    assert not vendor.is_carried_over
    assert ProfileCheck.objects.get().answer == "changed"
    assert Submission.objects.awaiting_review().count() == 0
    assert Submission.objects.get(kind="change").changed == ["contact"]


def test_one_bad_value_refuses_the_whole_row(passport, file, capsys):
    for address in (ANA, BO):
        passport.tenant.add_guest(address, accepted=True)
    rows = file(row(ANA, phone="12"), row(BO))

    with pytest.raises(CommandError, match="1 rows were refused"):
        passport.command("import_vendors", rows, "--bind", "--carry-over", "--dry-run")
    dry = capsys.readouterr().out
    assert not Vendor.objects.exists()
    assert not Submission.objects.exists()
    with pytest.raises(CommandError, match="1 rows were refused"):
        passport.command("import_vendors", rows, "--bind", "--carry-over")

    assert "In the column “phone”, “12” cannot be used." in dry
    assert list(Vendor.objects.values_list("primary_email", flat=True)) == [BO]


def test_number_that_was_carried_over_is_on_file_from_the_import_on(passport, file):
    passport.tenant.add_guest(ANA, accepted=True)
    passport.command("import_vendors", file(row(ANA)), "--bind", "--carry-over")
    vendor, now = Vendor.objects.get(), timezone.now()

    assert numbers_on_file.at(vendor, now + dt.timedelta(days=29)) == []
    assert numbers_on_file.at(vendor, now + dt.timedelta(days=31)) == ["+351912345678"]


def test_paper_counts_for_what_was_in_force_and_evidence_is_not_verified(passport, file):
    passport.tenant.add_guest(ANA, accepted=True)
    passport.command("import_vendors", file(row(ANA)), "--bind", "--carry-over")
    vendor = Vendor.objects.get()

    signed = Acceptance.objects.get()
    assert (signed.document, signed.version, str(signed.accepted_at.date())) == ("cooperation", "paper", "2019-05-03")
    asked = {each.agreement.document for each in acceptances.outstanding(vendor)}
    assert asked & {"cooperation", "confidentiality"} == {"confidentiality"}
    evidence = Evidence.objects.filter(vendor=vendor)
    assert {row.kind for row in evidence} == {"degree", "experience"}
    assert all(row.is_open and row.verification is None for row in evidence)
    assert set(vendor.standings.values_list("state", flat=True)) <= {"claimed", "none"}


def test_carried_over_vendor_who_is_no_guest_is_invited(passport, file):
    passport.command("import_vendors", file(row("dora@mail.example")), "--carry-over")
    passport.work()
    vendor = Vendor.objects.get()
    assert vendor.state == VendorState.APPROVED

    person = passport.signed_in("dora@mail.example")
    person.go(f"{passport.url}/")
    person.go(f"{passport.url}/profile/confirm/")
    assert person.page.path == "/profile/confirm/", person.page


def test_withdrawn_profile_stays_without_access(passport, file, capsys):
    passport.tenant.add_guest(ANA, accepted=True)
    passport.command("import_vendors", file(row(ANA)), "--bind", "--carry-over")

    passport.command("withdraw_import", str(VendorImport.objects.get().pk), "--reason", "not yet")

    assert "1 withdrawn (1 of them stay approved)" in capsys.readouterr().out
    vendor = Vendor.objects.get()
    assert vendor.state == VendorState.APPROVED
    person = passport.person(ANA)
    person.go(f"{passport.url}/sign-in/")
    person.submit("signin")
    person.authenticate()
    assert person.page.path.startswith("/sign-in/problem/"), person.page


def test_vm_finds_those_who_have_not_confirmed(passport, file):
    passport.command("import_vendors", file(row(BO)), "--carry-over")
    vera = passport.staff()

    page = vera.go(f"{passport.url}/admin/vendors/vendor/?carried_over=unconfirmed")
    assert "carried over" in page.text
    page = vera.go(f"{passport.url}/admin/vendors/vendor/{Vendor.objects.get().pk}/change/")
    assert "Signed outside Passport on 3 May 2019" in page.text
    assert page.heading == "Ana Almeida approved carried over"
    page = vera.go(f"{passport.url}/admin/onboarding/submission/{Submission.objects.get().pk}/change/")
    assert page.status == 200


def test_example_of_the_documentation_is_right(db):
    with (Path(__file__).parents[3] / "docs" / "going-live.csv").open("rb") as file:
        results = list(csv_rows.examine(file, Wanted(carries_over=True)))

    assert [(result.kind, result.sentence) for result in results] == [(Kind.ADDED, "")] * 3


def test_columns_of_a_profile_are_nothing_unless_they_are_asked_for(passport, file):
    passport.command("import_vendors", file(row(BO, phone="12")))

    assert Vendor.objects.get().state == VendorState.INVITED
