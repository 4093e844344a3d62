"""A freelancer's tax, VAT and registration numbers: encrypted, masked, shown to few, found by whoever knows one."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from identity import roles
from onboarding.models import Submission
from tests.clients import signed_in
from tests.factories import create_staff
from tests.journeys import database
from tests.onboarding import answers, changing
from vendors.models import Profile, Vendor

pytestmark = pytest.mark.django_db

NUMBER, SAME_END = "PL5260001246", "PL5250009246"
COMPANY = {
    "about": answers.ABOUT | {"kind": "company", "company_legal_name": "Nowak Sp. z o.o."},
    "tax": answers.TAX | {"registration_number": "0000123456"},
}
THROUGH_COMPANY = COMPANY | {"about": COMPANY["about"] | {"kind": "freelancer_via_company"}}
LIST = "/admin/vendors/vendor/"
MAY_SEE = {roles.VENDOR_MANAGER, roles.FINANCE, roles.ADMINISTRATOR}


@pytest.fixture
def approved(vendor) -> Vendor:
    changing.approved_first(vendor)
    return vendor


def vendor_page(vendor: Vendor, name: str = "change") -> str:
    return f"{LIST}{vendor.pk}/{name}/"


def submission_page(vendor: Vendor, name: str = "change") -> str:
    return f"/admin/onboarding/submission/{Submission.objects.filter(vendor=vendor).latest('pk').pk}/{name}/"


@pytest.mark.parametrize("typed", [{}, THROUGH_COMPANY], ids=["freelancer", "through a company"])
def test_database_sees_no_number_of_a_person_in_clear(vendor, typed):
    changing.approved_first(vendor, **typed)
    Profile.objects.update(locality="Łódź")  # a row more in the history

    everything = database.everything()

    assert vendor.profile.numbers["vat_number"] == NUMBER
    for number in vendor.profile.numbers.values():
        assert number.removeprefix("PL") not in everything


def test_numbers_of_a_company_stay_in_clear(vendor):
    changing.approved_first(vendor, **COMPANY)

    assert (vendor.profile.vat_number, vendor.profile.registration_number) == (NUMBER, "0000123456")
    shown = signed_in(create_staff(role=roles.AUDITOR)).get(vendor_page(vendor)).text
    assert NUMBER in shown
    assert "0000123456" in shown
    assert "Show the tax numbers" not in shown
    assert NUMBER in signed_in(create_staff(role=roles.AUDITOR)).get(submission_page(vendor)).text


@pytest.mark.parametrize("role", roles.PERMISSIONS)
@pytest.mark.parametrize("page", [vendor_page, submission_page])
def test_staff_see_the_end_and_few_the_whole_which_is_recorded(approved, role, page):
    colleague = create_staff(role=role)
    client = signed_in(colleague)
    read = client.get(page(approved) + "?all").text
    assert ("…246" in read) == (role != roles.PROJECT_MANAGER)
    assert "5260001246" not in read
    assert ("Show the tax numbers" in read) == (role in MAY_SEE)
    assert client.get(page(approved, "tax-numbers")).status_code == 405

    client.post(page(approved, "tax-numbers"), {"reason": " "})
    assert not approved.events.filter(kind="tax_numbers_revealed").exists()

    shown = client.post(page(approved, "tax-numbers"), {"reason": "To check it."})

    looks = approved.events.filter(kind="tax_numbers_revealed")
    if role in MAY_SEE:
        assert NUMBER in shown.text
        assert "no-store" in shown["Cache-Control"]
        assert [(look.by, look.reason) for look in looks] == [(colleague, "To check it.")]
        assert "Tax numbers viewed" in client.get(vendor_page(approved)).text
    else:
        assert shown.status_code == 403
        assert not looks.exists()


def test_only_vendors_see_their_own_number_and_in_full_while_they_check_it(approved, client):
    browser = signed_in(approved.user)
    assert "…246" in browser.get("/profile/").text
    assert NUMBER not in browser.get("/profile/").text
    changing.save(browser, "tax", answers.TAX | {"vat_number": SAME_END})

    assert SAME_END in browser.get("/profile/changes/").text


def test_another_number_with_the_same_end_is_told_from_it(approved):
    browser = signed_in(approved.user)
    changing.save(browser, "tax", answers.TAX | {"vat_number": SAME_END})
    changing.send(browser)
    client = signed_in(create_staff())

    read = client.get(submission_page(approved)).text
    assert "…246 (a different number)" in read
    assert NUMBER not in read
    assert SAME_END not in read

    shown = client.post(submission_page(approved, "tax-numbers"), {"reason": "To check it."}).text
    assert NUMBER in shown
    assert SAME_END in shown


@pytest.mark.parametrize("role", roles.PERMISSIONS)
@pytest.mark.parametrize("typed", ["PL5260001246", "pl 526-000-12-46", "526 000 12 46"])
def test_who_may_see_numbers_finds_the_vendor_by_one(approved, role, typed):
    found = signed_in(create_staff(role=role)).get(LIST, {"q": typed}).text

    assert ("Łucja Nowak" in found) == (role in MAY_SEE)


@pytest.mark.parametrize("role", roles.PERMISSIONS)
def test_everybody_finds_a_company_by_its_number(vendor, role):
    changing.approved_first(vendor, **COMPANY)

    assert "Nowak Sp. z o.o." in signed_in(create_staff(role=role)).get(LIST, {"q": "PL 0000123456"}).text


@pytest.mark.parametrize("typed", ["5260001247", "246", "526", "PL", "5260001246x"])
def test_another_number_or_a_part_of_it_finds_nobody(approved, typed):
    assert "Łucja Nowak" not in signed_in(create_staff()).get(LIST, {"q": typed}).text


def test_a_number_is_found_while_the_keys_change(approved, settings):
    old, new = settings.FIELD_ENCRYPTION_KEYS[0], Fernet.generate_key().decode()
    client = signed_in(create_staff())
    settings.FIELD_ENCRYPTION_KEYS = [new, old]
    assert "Łucja Nowak" in client.get(LIST, {"q": NUMBER}).text
    before = list(Profile.objects.values_list("number_fingerprints", flat=True))
    history = approved.profile.history.count()

    call_command("rotate_field_keys")

    assert list(Profile.objects.values_list("number_fingerprints", flat=True)) != before
    assert approved.profile.history.count() == history
    settings.FIELD_ENCRYPTION_KEYS = [new]
    assert "Łucja Nowak" in client.get(LIST, {"q": NUMBER}).text
    call_command("check")


def test_check_finds_fingerprints_that_nobody_finds_any_more(approved, settings):
    Profile.objects.update(number_fingerprints=["of another key"])

    with pytest.raises(CommandError, match="number_fingerprints: 1 of its rows cannot be found"):
        call_command("check")
    call_command("rotate_field_keys")
    call_command("check")


def test_number_goes_with_the_next_approval(approved):
    browser = signed_in(approved.user)
    changing.save(browser, "tax", answers.TAX | {"vat_number": SAME_END})
    changing.send(browser)
    client = signed_in(create_staff())
    client.post(submission_page(approved, "approve"))

    assert client.get(LIST).status_code == 200  # says once what was done

    assert "Łucja Nowak" not in client.get(LIST, {"q": NUMBER}).text
    assert "Łucja Nowak" in client.get(LIST, {"q": SAME_END}).text
