"""What was found leaves Passport in a file: harmless, limited, without secrets, and recorded."""

from __future__ import annotations

import csv
import datetime as dt
import io

import openpyxl
import pytest
from django.db import ProgrammingError, transaction
from django.utils import timezone

from identity.roles import ADMINISTRATOR, AUDITOR, FINANCE, OPERATIONS, PROJECT_MANAGER
from tests.clients import signed_in
from tests.factories import create_staff, create_vendor
from tests.onboarding.answers import PAYMENT
from tests.vendors.finding.offering import offer, offering
from vendors.finding import columns, exports
from vendors.models import AwayPeriod, ExchangeRate, Vendor, VendorExport, VendorState
from vendors.payment import details as payment
from vendors.tags import lifecycle as tags

pytestmark = pytest.mark.django_db

FIND = "/admin/vendors/vendor/find/"
EXPORT = f"{FIND}export/"
ALL = list(dict(columns.choices()))


def export(client, query: str = "source=en", **typed):
    return client.post(
        f"{EXPORT}?{query}", {"columns": columns.USUAL, "file_format": "csv", "reason": "a tender"} | typed
    )


def content(answer) -> bytes:
    assert answer.status_code == 200
    assert answer.has_header("Content-Disposition"), answer.text[:2000]
    return b"".join(answer)


def lines(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content(answer).decode("utf-8-sig"))))


def test_export_has_the_lines_of_the_page_in_its_order(as_vera, vera):
    ExchangeRate.objects.create(currency="SEK", per_euro=10, valid_on=dt.date(2026, 11, 2))
    offering("Euro", offer("en-GB>sv", "0.12"), country="GB")
    krona = offering("Krona", offer("en-GB>sv", "1.1", "SEK"), country="SE")
    offering("Hour", offer("en-GB>sv", "40", unit="hour"))
    tags.replace(krona, ["rush jobs", "legal"], by=vera)
    AwayPeriod.objects.create(vendor=krona, starts_on=timezone.localdate(), ends_on=timezone.localdate())

    exported = lines(export(as_vera, "source=en&service=translation", columns=ALL))

    assert [line["Name"] for line in exported] == ["Krona", "Euro", "Hour"]
    first = exported[0]
    assert first["Country"] == "Sweden"
    assert (first["From"], first["Into"], first["Service"]) == ("English (United Kingdom)", "Swedish", "Translation")
    assert (first["Rate"], first["Currency"], first["Unit"]) == ("1.1", "SEK", "per source word")
    assert (first["Rate in the comparison currency"], first["Comparison currency"]) == ("0.11", "EUR")
    assert first["Exchange rate"] == "1 EUR = 10.00 SEK, 2 November 2026"
    assert first["Tags"] == "legal, rush jobs"
    assert first["Away in the next two weeks"].startswith("away ")
    assert [line["Compared"] for line in exported] == ["Compared", "Compared", "In other units, not compared"]


def test_by_name_there_is_a_line_for_each_matching_rate_and_for_those_without(as_vera):
    offering("Two", offer("en>sv", "0.1"), offer("en>da", "0.2"), offer("de>sv", "0.3"))
    create_vendor(state=VendorState.INVITED, name="Without")

    assert [(line["Name"], line["Into"]) for line in lines(export(as_vera))] == [("Two", "Swedish"), ("Two", "Danish")]
    without = lines(export(as_vera, "state=invited", columns=["name", "amount", "phone", "country"]))
    assert without == [{"Name": "Without", "Phone": "", "Country": "", "Rate": ""}]


@pytest.mark.parametrize("query", ["source=en", "service=translation"])
def test_without_columns_about_rates_each_vendor_is_one_line(as_vera, query):
    offering("Two", offer("en>sv", "0.1"), offer("en>da", "0.2"))

    assert lines(export(as_vera, query, columns=["name", "state"])) == [{"Name": "Two", "State": "approved"}]


def test_workbook_has_numbers_for_amounts_and_text_for_everything_else(as_vera):
    vendor = offering("=1+1", offer("en>sv", "0.085"), phone="+4612345678")
    Vendor.objects.filter(pk=vendor.pk).update(primary_email="=cmd@mail.example")

    answer = export(as_vera, file_format="xlsx", columns=["name", "primary_email", "phone", "amount"])

    [head, row] = openpyxl.load_workbook(io.BytesIO(content(answer))).active.iter_rows()
    assert [cell.value for cell in head] == ["Name", "Primary email", "Phone", "Rate"]
    assert [cell.value for cell in row] == ["=1+1", "=cmd@mail.example", "+4612345678", 0.085]
    assert [cell.data_type for cell in row] == ["s", "s", "s", "n"]


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t=", "|", "%", "＝"])
def test_no_cell_of_a_csv_file_begins_a_formula(as_vera, begin):
    vendor = offering("Ana")
    Vendor.objects.filter(pk=vendor.pk).update(primary_email=f"{begin}1+cmd@mail.example")

    [line] = lines(export(as_vera, columns=["primary_email", "amount"]))

    assert line == {"Primary email": f"'{begin}1+cmd@mail.example", "Rate": "0.1"}


def test_nothing_of_payment_and_no_number_of_a_person_is_in_it(as_vera):
    vendor = offering("Ana", tax_residence="PL", tax_id="85010112345", sworn_authority="Court", sworn_number="TP/77")
    payment.adopt(vendor, PAYMENT)

    exported = content(export(as_vera, columns=ALL)).decode()

    for secret in ("85010112345", PAYMENT["iban"][-4:], "IBAN", "TP/77"):
        assert secret not in exported


def test_export_is_recorded_and_the_record_stays(as_vera, vera):
    offering("Ana")

    content(export(as_vera, "source=en&page=1", columns=["amount", "name"], reason="For the tender"))

    record = VendorExport.objects.get()
    assert (record.by, record.lines, record.is_capped, record.format) == (vera, 1, False, "csv")
    assert (record.columns, record.query, record.reason) == (["name", "amount"], "source=en", "For the tender")
    with pytest.raises(ProgrammingError), transaction.atomic():
        VendorExport.objects.all().delete()
    for role in (AUDITOR, ADMINISTRATOR):
        listed = signed_in(create_staff(role=role)).get("/admin/vendors/vendorexport/").text
        assert "For the tender" in listed
        assert "Name, Rate" in listed


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"reason": ""}, "Enter a reason."),
        ({"reason": "x" * 301}, "Shorten the reason to 300 characters or fewer."),
        ({"columns": []}, "Choose at least one column."),
        ({"columns": ["name", "iban"]}, "Choose the columns from the list."),
        ({"file_format": "ods"}, "Choose a format."),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_exported(as_vera, typed, sentence):
    refused = export(as_vera, **typed)

    assert sentence in refused.text
    assert not VendorExport.objects.exists()


def test_longer_result_is_cut_and_the_file_says_so(as_vera, monkeypatch):
    monkeypatch.setattr(exports, "MOST_LINES", 2)
    for number in range(3):
        offering(f"Vendor {number}")

    answer = export(as_vera)

    assert "vendors-first-2-" in answer["Content-Disposition"]
    assert [line["Name"] for line in lines(answer)] == ["Vendor 0", "Vendor 1"]
    assert VendorExport.objects.get().is_capped
    assert "at most 2 lines" in as_vera.get(f"{EXPORT}?source=en").text


def test_exactly_as_many_as_fit_are_not_cut(as_vera, monkeypatch):
    monkeypatch.setattr(exports, "MOST_LINES", 2)
    for number in range(2):
        offering(f"Vendor {number}")

    assert "vendors-first" not in export(as_vera)["Content-Disposition"]


@pytest.mark.parametrize("role", [PROJECT_MANAGER, FINANCE, OPERATIONS, AUDITOR])
def test_who_may_not_export_is_offered_and_given_nothing(role):
    offering("Ana")
    client = signed_in(create_staff(role=role))

    assert "/find/export/" not in client.get(f"{FIND}?source=en").text
    assert export(client).status_code == 403
    assert not VendorExport.objects.exists()


def test_results_lead_to_the_export_of_the_same(as_vera):
    offering("Ana")

    assert f'href="{EXPORT}?source=en"' in as_vera.get(f"{FIND}?source=en&page=1").text
    assert export(as_vera, "up_to=lots")["Location"] == f"{FIND}?up_to=lots"


def test_amount_is_written_as_people_read_it(as_vera):
    offering("Ana", offer("en>sv", "40.0000", unit="hour"))

    assert lines(export(as_vera, columns=["amount"])) == [{"Rate": "40"}]


def choose(client, *vendors: Vendor, **more: str):
    ticked = {"action": "export", "index": "0", "_selected_action": [vendor.pk for vendor in vendors]}
    return client.post("/admin/vendors/vendor/", ticked | more)


def test_whoever_is_ticked_in_the_list_is_exported(as_vera):
    ana, bo, cleo = (offering(name, state=VendorState.SUSPENDED) for name in ("Ana", "Bo", "Cleo"))
    page = choose(as_vera, ana, cleo)

    assert page.status_code == 302, page.text
    assert as_vera.get(page.url).status_code == 200
    query = page.url.partition("?")[2]
    assert sorted(line["Name"] for line in lines(export(as_vera, query))) == ["Ana", "Cleo"]
    assert ">Bo<" not in as_vera.get(f"{FIND}?{query}").text
    assert VendorExport.objects.get().lines == 2

    everyone = choose(as_vera, bo, select_across="1").url.partition("?")[2]
    assert len(lines(export(as_vera, everyone))) == 3


def test_what_a_colleague_has_ticked_is_nobody_elses(as_vera):
    query = choose(as_vera, offering("Ana")).url.partition("?")[2]

    other = export(signed_in(create_staff()), query)

    assert lines(other) == []


def test_whoever_may_not_export_is_not_offered_it(as_vera):
    assert 'value="export"' in as_vera.get("/admin/vendors/vendor/").text
    assert 'value="export"' not in signed_in(create_staff(role=AUDITOR)).get("/admin/vendors/vendor/").text
