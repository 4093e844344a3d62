"""VM's queue of possible duplicates, both side by side, and closing one of them."""

import re

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from identity.models import User
from identity.roles import AUDITOR, FINANCE
from tests.clients import signed_in
from tests.factories import create_staff, create_vendor
from tests.vendors.profiles import IBAN, approved
from vendors.duplicates import lifecycle as duplicates
from vendors.models import ClosedAs, PossibleDuplicate, Vendor, VendorNotice, VendorState
from vendors.privacy import export, personal_data
from vendors.profile import approved_profile

pytestmark = pytest.mark.django_db

LIST = "/admin/vendors/possibleduplicate/"
S = VendorState


@pytest.fixture
def pair() -> PossibleDuplicate:
    older = create_vendor(state=S.APPROVED, primary_email="ana@mail.example")
    approved_profile.adopt(older, approved(tax_id="5260001246", payment=IBAN))
    create_vendor(name=older.name, primary_email="lucja@mail.example")
    [found] = duplicates.look(older.pk)
    return found


def page(pair: PossibleDuplicate) -> str:
    return f"{LIST}{pair.pk}/change/"


def closing(pair: PossibleDuplicate, vendor: Vendor) -> str:
    return f"{LIST}{pair.pk}/close/{vendor.pk}/"


def vendor_page(vendor: Vendor) -> str:
    return f"/admin/vendors/vendor/{vendor.pk}/change/"


def test_queue_and_both_vendors_pages_lead_to_the_pair(as_vera: Client, pair: PossibleDuplicate):
    assert LIST in as_vera.get("/admin/").text
    assert page(pair) in as_vera.get(LIST).text
    for vendor in (pair.first, pair.second):
        assert page(pair) in as_vera.get(vendor_page(vendor)).text


def test_both_are_side_by_side_and_masked(as_vera: Client, pair: PossibleDuplicate):
    text = as_vera.get(page(pair)).text

    assert "ana@mail.example" in text
    assert "lucja@mail.example" in text
    assert "in common" in text
    assert "5260001246" not in text
    assert IBAN["iban"] not in text


def test_auditor_sees_and_decides_nothing_and_finance_does_not_see(pair: PossibleDuplicate):
    auditor, finance = signed_in(create_staff(role=AUDITOR)), signed_in(create_staff(role=FINANCE))

    text = auditor.get(page(pair)).text
    assert "different" not in text
    assert "as a duplicate" not in text
    assert "IBAN" not in text, "payment details are not the auditor's"
    assert auditor.post(f"{LIST}{pair.pk}/different/").status_code == 403
    assert auditor.post(closing(pair, pair.first), {"reason": "x"}).status_code == 403
    assert finance.get(page(pair)).status_code == 403
    assert page(pair) not in finance.get(vendor_page(pair.first)).text


def test_different_people(as_vera: Client, vera: User, pair: PossibleDuplicate):
    answer = as_vera.post(f"{LIST}{pair.pk}/different/", follow=True)

    assert "will not be shown as possible duplicates again" in answer.text
    assert page(pair) not in answer.text
    assert page(pair) not in as_vera.get(vendor_page(pair.first)).text
    assert "Decided on" in as_vera.get(page(pair)).text
    assert "different people" in as_vera.post(f"{LIST}{pair.pk}/different/", follow=True).text
    assert page(pair) in as_vera.get(f"{LIST}?state=different").text


def test_one_is_closed_with_an_email(as_vera: Client, vera: User, pair: PossibleDuplicate):
    duplicate, kept = pair.second, pair.first

    form = as_vera.get(closing(pair, duplicate)).text
    assert "cannot be reopened" in form
    assert "lucja@mail.example" in form
    assert "Enter a reason." in as_vera.post(closing(pair, duplicate), {"reason": ""}).text
    sent = {"reason": "the same person", "writes": "on", "subject": "One profile", "text": "Use the other."}
    answer = as_vera.post(closing(pair, duplicate), sent, follow=True)

    assert answer.redirect_chain == [(vendor_page(kept), 302)]
    duplicate.refresh_from_db()
    assert (duplicate.closed_as, duplicate.primary_email) == (ClosedAs.DUPLICATE, None)
    assert VendorNotice.objects.get().address == "lucja@mail.example"
    text = as_vera.get(vendor_page(duplicate)).text
    assert vendor_page(kept) in text
    assert "/reopen/" not in text
    assert "None" not in re.sub(r"<script.*?</script>", "", text, flags=re.S)
    late = as_vera.post(closing(pair, kept), {"reason": "x"}, follow=True)
    assert "already been decided" in late.text


def test_duplicate_is_still_found_listed_explained_exported_and_erased(as_vera: Client, vera: User, pair, tmp_path):
    duplicate, kept = pair.second, pair.first
    duplicates.close_as_duplicate(pair, duplicate, by=vera, reason="the same person")
    number = duplicate.pk

    for url in ("/admin/vendors/vendor/", "/admin/vendors/vendor/?q=lucja@mail.example", "/admin/"):
        assert as_vera.get(url).status_code == 200
    assert vendor_page(duplicate) in as_vera.get("/admin/vendors/vendor/?q=lucja@mail.example").text
    assert vendor_page(duplicate) in as_vera.get("/admin/vendors/vendor/?closed_as=duplicate").text
    text = as_vera.get("/admin/vendors/vendor/explain/?email=lucja@mail.example").text
    assert "closed as a duplicate of" in text
    assert as_vera.get(f"/admin/vendors/vendor/{number}/explain/").status_code == 200
    call_command("explain_sign_in", "lucja@mail.example", "--json")
    assert personal_data.find("lucja@mail.example") == duplicate
    assert personal_data.find(str(number)) == duplicate
    exported = export.export(duplicate)
    assert exported["duplicates_before"][0]["first"] == "another vendor"
    call_command("erase_vendor", str(number), "--yes", "--reason", "asked for it")

    duplicate.refresh_from_db()
    assert duplicate.state == S.ERASED
    kept.refresh_from_db()
    assert kept.state == S.APPROVED


def test_vm_names_the_other_vendor(as_vera: Client):
    one, other = create_vendor(primary_email="ana@mail.example"), create_vendor(primary_email="eva@mail.example")
    url = f"/admin/vendors/vendor/{one.pk}/compare/"

    assert url in as_vera.get(vendor_page(one)).text
    assert "No vendor has, or ever had" in as_vera.post(url, {"other": "nobody@mail.example"}).text
    assert "This is the same vendor." in as_vera.post(url, {"other": "ana@mail.example"}).text
    answer = as_vera.post(url, {"other": "Eva@mail.example"})

    found = PossibleDuplicate.objects.get()
    assert answer.headers["Location"] == page(found)
    assert (found.first, found.second, found.signs) == (one, other, ["by_hand"])


def test_vm_is_told_when_adding(as_vera: Client):
    create_vendor(name="Ana Almeida")
    typed = {"name": "Almeida, Ana", "primary_email": "ana2@mail.example", "language": "en-GB", "_prepare": "1"}

    answer = as_vera.post("/admin/vendors/vendor/add/", typed, follow=True)

    assert "Possible duplicate: " in answer.text


def test_command_tells_when_adding(capsys):
    create_vendor(name="Ana Almeida", primary_email="ana@mail.example")

    call_command("invite_vendor", "ana2@mail.example", "--name", "Ana Almeida")

    assert "Possible duplicate: Ana Almeida, ana@mail.example (same name)." in capsys.readouterr().out


def test_search_by_an_address_of_either(as_vera: Client, pair: PossibleDuplicate):
    other = duplicates.compare(create_vendor(), create_vendor())

    for term in ("ana@mail.example", "LUCJA@mail.example"):
        text = as_vera.get(LIST, {"q": term}).text
        assert page(pair) in text
        assert page(other) not in text
    assert page(pair) not in as_vera.get(LIST, {"q": "nobody@mail.example"}).text


def test_list_and_page_cost_the_same_whatever_there_is(as_vera: Client, pair: PossibleDuplicate):
    def statements(url: str) -> int:
        as_vera.get(url)
        with CaptureQueriesContext(connection) as queries:
            as_vera.get(url)
        return len(queries)

    before = [statements(url) for url in (LIST, page(pair))]
    for _number in range(3):
        duplicates.compare(pair.first, create_vendor(state=S.APPROVED))

    assert [statements(url) for url in (LIST, page(pair))] == before
