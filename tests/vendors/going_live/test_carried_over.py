"""Profiles from another system: in force from the import on, confirmed by the vendor page by page."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from pathlib import Path

import pytest
from django.core.management import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from onboarding.models import Submission
from tests.clients import signed_in
from tests.factories import create_staff, create_vendor
from tests.onboarding.carried_over.test_reading import ANA as PROFILE
from tests.onboarding.carried_over.test_reading import EVIDENCE
from vendors.agreements import acceptances
from vendors.bulk_import import csv_rows
from vendors.bulk_import.csv_rows import Kind, Wanted
from vendors.evidence import marks, standing
from vendors.models import (
    Acceptance,
    Evidence,
    ProfileCheck,
    Qualification,
    Rate,
    Vendor,
    VendorImport,
    VendorState,
)
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
    assert page.heading == "Ana Almeida carried over"
    assert "no one has reviewed it" in page.text


def test_withdrawing_names_whoever_had_been_emailed_though_the_profile_stays(passport, file, capsys):
    passport.command("import_vendors", file(row(BO)), "--carry-over")
    passport.work()

    passport.command("withdraw_import", str(VendorImport.objects.get().pk), "--reason", "wrong list")

    out = capsys.readouterr().out
    assert f"{BO}: withdrawn, and still approved: the profile was carried over, but Microsoft had emailed them." in out
    assert "1 had been emailed by Microsoft." in out


def test_example_of_the_documentation_is_right(db):
    with (Path(__file__).parents[3] / "docs" / "going-live.csv").open("rb") as file:
        results = list(csv_rows.examine(file, Wanted(carries_over=True)))

    assert [(result.kind, result.sentence) for result in results] == [(Kind.ADDED, "")] * 3


def test_columns_of_a_profile_are_nothing_unless_they_are_asked_for(passport, file):
    passport.command("import_vendors", file(row(BO, phone="12")))

    assert Vendor.objects.get().state == VendorState.INVITED


# The marks


def shown_pieces(page: str) -> dict[str, bool]:
    """What each piece of evidence on a vendor's page says of itself, and whether it is marked."""
    part = page.partition('id="evidence"')[2].partition("</dl>")[0]
    rows = re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", part, flags=re.DOTALL)
    return {title: "carried over" in said for title, said in rows}


def shown_rates(page: str) -> dict[str, bool]:
    part = page.partition('id="profile"')[2].partition("</dl>")[0]
    rates = re.findall(r"([\w -]+): <span translate=\"no\">(.*?)(?:<br>|</dd>)", part, flags=re.DOTALL)
    return {f"{service.strip()} {number}": "carried over" in said for number, (service, said) in enumerate(rates)}


@pytest.fixture
def carried(passport, file) -> Vendor:
    passport.command("import_vendors", file(row(BO)), "--carry-over")
    return Vendor.objects.get()


def test_evidence_rates_and_qualifications_are_marked_until_they_are_changed_or_verified(passport, carried):
    as_vera, page_of = signed_in(create_staff()), f"/admin/vendors/vendor/{carried.pk}/change/"
    page = as_vera.get(page_of).text
    assert shown_pieces(page)
    assert all(shown_pieces(page).values())
    assert shown_rates(page)
    assert all(shown_rates(page).values())
    assert "Carried over: it is based on what another system said" in page

    rate = Rate.objects.filter(vendor=carried).first()
    Rate.objects.filter(pk=rate.pk).update(amount=rate.amount + 1)
    Qualification.objects.filter(vendor=carried).update(degrees=[])
    standing.refresh(carried)
    for piece in Evidence.objects.filter(vendor=carried):
        fields = {"verify-method": "reference_called", "verify-note": "seen"}
        as_vera.post(f"/admin/vendors/evidence/{piece.pk}/verify/", fields)
    assert not Evidence.objects.filter(vendor=carried, verification=None).exists()

    page = as_vera.get(page_of).text
    assert list(shown_rates(page).values()).count(False) == 1, "the one that is another today"
    assert shown_pieces(page), "it says where it came from"
    assert all(shown_pieces(page).values())
    assert "Carried over: it is based on what another system said" not in page, "VM has found it to be true"


def test_mark_is_no_warning_once_the_vendor_has_confirmed(passport, carried):
    as_vera, page_of = signed_in(create_staff()), f"/admin/vendors/vendor/{carried.pk}/change/"
    piece = Evidence.objects.filter(vendor=carried).first()
    unconfirmed = '<span class="tag tag-warning">carried over</span>'
    assert unconfirmed in as_vera.get(f"/admin/vendors/evidence/{piece.pk}/change/").text
    assert (
        "The vendor has not confirmed the whole profile yet."
        in as_vera.get(f"/admin/vendors/evidence/{piece.pk}/change/").text
    )
    assert unconfirmed in as_vera.get("/admin/vendors/evidence/").text

    Vendor.objects.update(confirmed_at=timezone.now())

    for address in (f"/admin/vendors/evidence/{piece.pk}/change/", "/admin/vendors/evidence/", page_of):
        page = as_vera.get(address).text
        assert "carried over" in page
        assert unconfirmed not in page
    assert (
        "The vendor has since confirmed the profile." in as_vera.get(f"/admin/vendors/evidence/{piece.pk}/change/").text
    )


def test_reviewer_of_a_change_sees_what_nobody_has_reviewed(passport, carried):
    as_vera = signed_in(create_staff())
    origin = Submission.objects.get()
    rates = origin.answers["rates"]
    first, *others = rates["rates"]
    changed = origin.answers | {"rates": {**rates, "rates": [{**first, "amount": "0.31"}, *others]}}
    change = Submission.objects.create(
        vendor=carried,
        kind="change",
        token=uuid.uuid4(),
        answers=changed,
        in_force=origin.answers,
        compared_with=origin,
        changed=["rates"],
    )

    page = as_vera.get(f"/admin/onboarding/submission/{change.pk}/change/?all").text

    section = {
        step: page.partition(f'id="section-{step}"')[2].partition("</summary>")
        for step in ("rates", "qualifications", "contact")
    }
    assert "carried over" in section["qualifications"][0]
    assert "carried over" not in section["rates"][0] + section["contact"][0]
    rows = section["rates"][2].partition('class="all-of-it"')[2].partition("</details>")[0]
    assert rows.count("carried over") == 1, "the pair that was not changed"


def test_list_of_evidence_asks_once_for_all_who_were_carried_over(passport, file):
    as_vera = signed_in(create_staff())

    def statements(*rows: dict[str, str]) -> int:
        passport.command("import_vendors", file(*rows), "--carry-over")
        with CaptureQueriesContext(connection) as context:
            page = as_vera.get("/admin/vendors/evidence/").text
        assert page.count("carried over</span>") == Evidence.objects.count()
        return len(context)

    assert statements(row(ANA)) == statements(row(BO), row("dora@mail.example"))


def test_who_came_by_the_onboarding_has_no_marks(db):
    vendor = create_vendor(state="approved")

    with CaptureQueriesContext(connection) as context:
        assert marks.of([vendor]) == {}
    assert len(context) == 0
