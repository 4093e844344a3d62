"""Finance's first page, the export of accounts in force, and ticking them off."""

from __future__ import annotations

import csv
import io
import time

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from identity import roles
from tests.clients import signed_in
from tests.factories import create_failure, create_staff, create_vendor
from tests.vendors.payment import releasing
from tests.vendors.payment.releasing import OTHER, browser
from tests.vendors.profiles import IBAN, approved
from vendors.models import PaymentDetails, PaymentDispute, Vendor, VendorState
from vendors.payment import details as payment
from vendors.payment import entered_by_finance
from vendors.profile import approved_profile

pytestmark = pytest.mark.django_db

LIST = "/admin/vendors/paymentdetails/"
FORMULA = '=HYPERLINK("https://evil.example")'


def paid(number: int = 1, **account: str) -> PaymentDetails:
    vendor = create_vendor(state=VendorState.APPROVED, name=f"Vendor {number}")
    approved_profile.adopt(vendor, approved(full_name=f"Vendor {number}", payment=IBAN | account))
    return PaymentDetails.objects.get(vendor=vendor)


def proven(*, role: str = roles.FINANCE, purpose: str = "payment_export", ago: int = 0) -> Client:
    client = browser(role)
    session = client.session
    session["proven"] = {"purpose": purpose, "at": int(time.time()) - ago}
    session.save()
    return client


def version(details: PaymentDetails) -> str:
    return str(entered_by_finance.version_of(details))


def export(client: Client, *details: PaymentDetails, **typed: str):
    form = {"format": "csv", "reason": "To enter them."} | typed
    return client.post(f"{LIST}export/", {"account": [version(each) for each in details], **form}, follow=True)


def content(answer) -> bytes:
    return b"".join(answer.streaming_content)


def mark(client: Client, *details: str) -> str:
    return client.post(f"{LIST}take-over/", {"account": details}, follow=True).text


# The first page


def test_first_page_of_finance_is_about_money_alone():
    release = releasing.waiting()
    unpaid = create_vendor(state=VendorState.APPROVED, name="Cannot be paid")
    create_vendor(state=VendorState.ENDED, name="Left without")
    create_failure()

    shown = browser(roles.FINANCE).get("/admin/")

    assert [(str(queue.name), queue.count) for queue in shown.context["queues"]] == [
        ("Payment details to release", 1),
        ("Approved, but no payment details", 1),
        ("Payment details to enter", 1),
    ]
    assert releasing.page(release) in shown.text
    assert f"/admin/vendors/vendor/{unpaid.pk}/change/" in shown.text
    listed = browser(roles.FINANCE).get("/admin/vendors/vendor/?payment=missing").text
    assert "Cannot be paid" in listed
    assert "Left without" not in listed


def test_whom_we_can_pay_is_copied_to_the_vendor():
    details = paid()
    assert Vendor.objects.get(pk=details.vendor_id).has_payment_details

    details.delete()

    assert not Vendor.objects.get(pk=details.vendor_id).has_payment_details


def test_first_account_that_waits_is_not_missing():
    releasing.waiting(create_vendor(state=VendorState.APPROVED))

    [queue] = [each for each in browser(roles.FINANCE).get("/admin/").context["queues"] if "no payment" in each.name]
    assert queue.count == 0


# The export


def test_export_asks_for_a_fresh_sign_in_begun_there():
    details = paid()
    for client in (browser(roles.FINANCE), proven(ago=301), proven(purpose="payment_change")):
        assert '<form id="prove"' in client.get(LIST).text
        assert "nothing was exported" in export(client, details).text
    assert not details.vendor.events.filter(kind="payment_exported").exists()
    client = proven()
    assert '<form id="prove"' not in client.get(LIST).text

    assert export(client, details).status_code == 200
    assert "nothing was exported" in export(client, details).text, "good for one export"


def test_export_holds_the_ticked_accounts_in_full_and_each_is_recorded():
    finance, details, other = create_staff(role=roles.FINANCE), paid(1), paid(2)
    client = proven()
    client.force_login(finance)
    session = client.session
    session["proven"] = {"purpose": "payment_export", "at": int(time.time())}
    session.save()

    answer = export(client, details)

    [row] = csv.DictReader(io.StringIO(content(answer).decode("utf-8-sig")))
    assert (row["Name"], row["IBAN"], row["Account holder"]) == ("Vendor 1", IBAN["iban"], "Łucja Nowak")
    assert "attachment" in answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"]
    recorded = details.vendor.events.get(kind="payment_exported")
    assert (recorded.by, recorded.reason, recorded.data["format"]) == (finance, "To enter them.", "csv")
    assert IBAN["iban"] not in str(recorded.data)
    assert not other.vendor.events.filter(kind="payment_exported").exists()


def test_no_cell_is_a_formula():
    details = paid(holder=FORMULA)

    [row] = csv.DictReader(io.StringIO(content(export(proven(), details)).decode("utf-8-sig")))
    sheet = openpyxl.load_workbook(io.BytesIO(content(export(proven(), details, format="xlsx")))).active

    assert row["Account holder"] == f"'{FORMULA}"
    titles, values = ([cell.value for cell in cells] for cells in sheet.iter_rows())
    assert dict(zip(titles, values, strict=True))["IBAN"] == IBAN["iban"]
    cell = sheet.cell(row=2, column=titles.index("Account holder") + 1)
    assert (cell.value, cell.data_type) == (FORMULA, "s")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"reason": ""}, "Say what you need the payment details for."),
        ({"format": "pdf"}, "Choose a format."),
        ({"account": ""}, "Tick at least one account"),
    ],
)
def test_incomplete_export_is_refused_and_keeps_what_was_typed(typed, said):
    details, client = paid(), proven()
    form = {"account": version(details), "reason": "To enter them.", "format": "csv"} | typed
    if not form["account"]:
        del form["account"]

    shown = client.post(f"{LIST}export/", form).text

    assert said in shown
    assert form["reason"] in shown
    assert ("checked" in shown) == ("account" in form)
    assert not details.vendor.events.filter(kind="payment_exported").exists()


def test_disputed_account_is_neither_listed_nor_exported():
    details, client = paid(), proven()
    PaymentDispute.objects.create(vendor=details.vendor, about="change-1", address="lucja@example.com")

    assert "Vendor 1" not in client.get(LIST).text
    assert "Tick at least one account" in export(client, details).text


# Ticking off


def test_ticked_account_leaves_the_list_and_who_did_it_stays():
    details, client = paid(), browser(roles.FINANCE)

    assert "has been marked as entered" in mark(client, version(details))

    assert "Everything has been entered." in client.get(LIST).text
    details.refresh_from_db()
    assert details.taken_over_at is not None
    recorded = details.vendor.events.get(kind="payment_taken_over")
    assert recorded.by == details.taken_over_by
    assert "not been marked" in mark(client, version(details)), "a colleague was quicker"
    assert details.vendor.events.filter(kind="payment_taken_over").count() == 1


def test_account_that_was_released_since_is_not_ticked_off():
    details = paid()
    shown_before = version(details)
    payment.adopt(details.vendor, OTHER)
    client = browser(roles.FINANCE)

    assert "not been marked" in mark(client, shown_before)

    details.refresh_from_db()
    assert details.taken_over_at is None
    assert "IBAN DE… 3000" in client.get(LIST).text


def test_another_account_in_force_is_to_be_taken_over_again_and_the_same_is_not():
    details = paid()
    mark(browser(roles.FINANCE), version(details))

    payment.adopt(details.vendor, IBAN)
    assert not PaymentDetails.objects.to_take_over().exists()

    payment.adopt(details.vendor, OTHER)
    assert PaymentDetails.objects.to_take_over().exists()


@pytest.mark.parametrize("odd", ["", "1", "1@", "x@2026-01-01", "1@2026-13-45T00:00:00Z", "9" * 30 + "@2026-01-01"])
def test_choice_that_no_page_offered_is_refused(odd):
    assert browser(roles.FINANCE).post(f"{LIST}take-over/", {"account": odd}).status_code == 400
    assert "Tick at least one" in mark(browser(roles.FINANCE))


@pytest.mark.parametrize("role", [roles.VENDOR_MANAGER, roles.OPERATIONS, roles.AUDITOR])
def test_others_neither_export_nor_tick(role):
    details, client = paid(), proven(role=role)

    assert export(client, details).status_code == 403
    assert client.post(f"{LIST}take-over/", {"account": version(details)}).status_code == 403


def test_list_costs_the_same_however_long_and_says_when_there_are_more(monkeypatch):
    monkeypatch.setattr(entered_by_finance, "AT_MOST", 2)
    client = browser(roles.FINANCE)

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(LIST)
        return len(captured)

    paid(1)
    before = statements()
    paid(2)
    assert "There are more." not in client.get(LIST).text
    paid(3)

    assert statements() == before
    assert "There are more." in client.get(LIST).text


# Looking at one


def test_account_in_force_is_shown_in_full_after_a_reason():
    details, finance = paid(), create_staff(role=roles.FINANCE)
    client, path = signed_in(finance), f"{LIST}{details.pk}/reveal/"
    assert IBAN["iban"] not in client.get(f"{LIST}{details.pk}/change/").text
    assert "Nothing has been shown." in client.post(path, {"reason": " "}, follow=True).text
    assert not details.vendor.events.filter(kind="payment_revealed").exists()

    shown = client.post(path, {"reason": "The bank asked."})

    assert payment.rows(IBAN)[1][1] in shown.text
    assert "no-store" in shown["Cache-Control"]
    look = details.vendor.events.get(kind="payment_revealed")
    assert (look.by, look.reason) == (finance, "The bank asked.")
    assert browser(roles.VENDOR_MANAGER).post(path, {"reason": "Curious."}).status_code == 403
