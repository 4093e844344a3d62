"""What was typed or chosen stays what it is and where it is, whatever happens on other pages and in other tabs."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import F
from django.test import Client

from onboarding.draft.steps import read
from onboarding.models import Draft
from tests.onboarding import answers, changing
from vendors.documents import lifecycle as documents
from vendors.models import Document, Vendor

TWO = {"pairs": "2", "pairs-1-source": "French", "pairs-1-target": "Polish"}
ONE_LEFT = {
    "German": answers.LANGUAGES,
    "French": answers.LANGUAGES | {"pairs-0-source": "French", "pairs-0-target": "Polish"},
}
COMPANY = {"kind": "company", "company_legal_name": "Nowak GmbH"}


def reading() -> Any:
    draft = Draft.objects.select_related("vendor__user").get()
    return read(draft, documents=documents.current_documents(draft.vendor))


def answer(step: str) -> dict[str, Any]:
    return reading().answers[step]


def state(step: str) -> str:
    return reading().states[step]


def sent_by_browser(page: Any) -> dict[str, Any]:
    """Every field of the form as the page shows it, hidden ones included."""
    form = page.context["form"]
    shown: dict[str, Any] = {"wizard-current_step": page.context["step"].name, "revision": page.context["revision"]}
    for name in form.fields:
        bound = form[name]
        value = bound.value()
        if value not in (None, "", [], False) and not hasattr(bound.field, "kinds"):
            shown[bound.html_name] = value
        elif bound.field.widget.__class__.__name__ in ("TextInput", "Select", "Textarea", "HiddenInput"):
            shown[bound.html_name] = ""
    shown.pop(f"{form.prefix}-opened", None)
    if hasattr(form, "party"):
        shown[f"{form.prefix}-party"] = form.party
    if hasattr(form, "open_pairs"):
        shown[f"{form.prefix}-opened"] = [pair["key"] for pair in form.open_pairs]
    shown |= {f"aside-{name}": str(document.pk) for name, document in page.context.get("aside", {}).items()}
    return shown


def opened(client: Client, step: str) -> dict[str, Any]:
    return sent_by_browser(client.get(answers.url(step)))


def post(client: Client, step: str, page: dict[str, Any], **typed: Any) -> Any:
    return client.post(answers.url(step), page | {f"{step}-{name}": value for name, value in typed.items()})


# Pairs


@pytest.fixture
def two_pairs(as_vendor):
    answers.fill_in(as_vendor, up_to="tax", languages=answers.LANGUAGES | TWO)
    return as_vendor


def amounts() -> dict[str, str]:
    return {f"{rate['source']} {rate['service']}": plain(rate["amount"]) for rate in answer("rates")["rates"]}


def plain(amount: str) -> str:
    return f"{Decimal(amount).normalize():f}"


@pytest.mark.parametrize(("kept", "amount"), [("German", "0.12"), ("French", "0.08")])
def test_pair_that_is_left_keeps_its_own_price(two_pairs, kept, amount):
    own = {"usual-translation": "0.08", "own-amount-translation-de.pl": "0.12", "own-unit-translation-de.pl": ""}
    post(two_pairs, "rates", opened(two_pairs, "rates"), **own)

    answers.save(two_pairs, "languages", ONE_LEFT[kept])

    source = {"German": "de", "French": "fr"}[kept]
    assert amounts()[f"{source} translation"] == amount
    assert state("rates") == "completed"
    post(two_pairs, "rates", opened(two_pairs, "rates"))
    assert amounts()[f"{source} translation"] == amount
    answers.save(two_pairs, "languages", answers.LANGUAGES | TWO)
    assert (amounts()["de translation"], amounts()["fr translation"]) == ("0.12", "0.08")


def test_own_price_of_the_only_pair_can_be_cleared(two_pairs):
    post(two_pairs, "rates", opened(two_pairs, "rates"), **{"own-amount-translation-de.pl": "0.12"})
    answers.save(two_pairs, "languages", answers.LANGUAGES)

    post(two_pairs, "rates", opened(two_pairs, "rates"), **{"own-amount-translation-de.pl": ""})

    assert amounts()["de translation"] == "0.085"


def test_pair_that_is_left_keeps_its_own_unit(two_pairs):
    own = {"own-amount-translation-de.pl": "40", "own-unit-translation-de.pl": "hour"}
    post(two_pairs, "rates", opened(two_pairs, "rates"), **own)

    answers.save(two_pairs, "languages", answers.LANGUAGES)

    rates = {rate["service"]: (plain(rate["amount"]), rate["unit"]) for rate in answer("rates")["rates"]}
    assert rates["translation"] == ("40", "hour")


def test_service_that_only_one_pair_is_left_with_keeps_its_own_price(two_pairs):
    typed = {"everywhere": ["translation"], "only-de.pl": ["revision"], "only-fr.pl": ["revision"]}
    post(two_pairs, "services", opened(two_pairs, "services"), **typed)
    post(two_pairs, "rates", opened(two_pairs, "rates"), **{"own-amount-revision-de.pl": "0.06"})

    post(two_pairs, "services", opened(two_pairs, "services"), **{"only-fr.pl": []})

    assert amounts()["de revision"] == "0.06"


def test_pair_that_is_left_keeps_its_own_services(two_pairs):
    typed = {"everywhere": ["translation"], "only-de.pl": ["subtitling"], "only-fr.pl": ["revision"]}
    post(two_pairs, "services", opened(two_pairs, "services"), **typed)

    answers.save(two_pairs, "languages", answers.LANGUAGES)

    assert answer("services")["pairs"] == [{"source": "de", "target": "pl", "services": ["translation", "subtitling"]}]
    page = opened(two_pairs, "services")
    assert page["services-everywhere"] == ["translation", "subtitling"]
    post(two_pairs, "services", page, everywhere=["translation"])
    assert answer("services")["pairs"][0]["services"] == ["translation"]
    answers.save(two_pairs, "languages", answers.LANGUAGES | TWO)
    assert answer("services")["pairs"][1]["services"] == ["translation", "revision"]


@pytest.mark.parametrize(("kept", "months"), [("German", 24), ("French", 0)])
def test_experience_in_one_pair_stays_experience_in_that_pair(two_pairs, kept, months):
    work = {"work-0-since": "2015-01", "work-0-until": "2016-12", "work-0-pairs": ["de.pl"]}
    typed = {"translation_degree": "no", "other_degree": "no"}
    answers.save(two_pairs, "qualifications", answers.QUALIFICATIONS | typed | work)

    answers.save(two_pairs, "languages", ONE_LEFT[kept])

    assert answer("qualifications")["experience"][0]["pairs"] == ["de.pl"]
    page = two_pairs.get(answers.url("qualifications"))
    assert {finding.months for finding in page.context["form"].findings} == {months}
    answers.save(two_pairs, "qualifications", {**answers.QUALIFICATIONS, **typed, **work, "notes": "A prize"})
    assert answer("qualifications")["experience"][0]["pairs"] == ["de.pl"]


# Pages that were opened before


def test_stale_rates_page_leaves_a_rate_alone_that_it_did_not_show(two_pairs):
    post(two_pairs, "rates", opened(two_pairs, "rates"), **{"own-amount-translation-fr.pl": "0.11"})
    answers.save(two_pairs, "languages", answers.LANGUAGES)
    old_page = opened(two_pairs, "rates")
    assert "rates-own-amount-translation-fr.pl" not in old_page
    answers.save(two_pairs, "languages", answers.LANGUAGES | TWO)

    post(two_pairs, "rates", old_page, minimum_fee="30")

    assert amounts()["fr translation"] == "0.11"
    assert answer("rates")["minimum_fee"] == "30.00"


def test_stale_rates_page_keeps_what_was_typed_for_a_pair_that_is_gone(two_pairs):
    old_page = opened(two_pairs, "rates")
    answers.save(two_pairs, "languages", answers.LANGUAGES)

    post(two_pairs, "rates", old_page, **{"own-amount-translation-fr.pl": "0.11"})
    answers.save(two_pairs, "languages", answers.LANGUAGES | TWO)

    assert amounts()["fr translation"] == "0.11"


def test_stale_services_page_leaves_a_pair_alone_that_it_did_not_show(two_pairs):
    typed = {"everywhere": ["translation"], "only-fr.pl": ["revision"]}
    post(two_pairs, "services", opened(two_pairs, "services"), **typed)
    answers.save(two_pairs, "languages", answers.LANGUAGES)
    old_page = opened(two_pairs, "services")
    answers.save(two_pairs, "languages", answers.LANGUAGES | TWO)

    post(two_pairs, "services", old_page, specialisms=["medical"])

    assert answer("services")["pairs"][1]["services"] == ["translation", "revision"]
    assert answer("services")["specialisms"] == ["medical"]


@pytest.mark.parametrize(
    ("step", "taken_back", "typed"),
    [
        ("services", {"languages": answers.LANGUAGES | {"native_1": "?"}}, {"other_tools": "A tool"}),
        ("rates", {"services": answers.SERVICES | {"specialisms": []}}, {"usual-translation": "0.33"}),
        ("tax", {"contact": answers.CONTACT | {"phone": "?"}}, {"vat_number": "PL 5260001246"}),
    ],
)
def test_page_whose_ground_was_taken_back_is_saved_all_the_same(as_vendor, step, taken_back, typed):
    answers.fill_in(as_vendor, up_to="payment")
    page = opened(as_vendor, step)
    for other, answered in taken_back.items():
        answers.save(as_vendor, other, answered)
    assert state(step) == "cannot-start-yet"

    saved = as_vendor.post(
        answers.url(step), page | {f"{step}-{name}": value for name, value in typed.items()}, follow=True
    )

    assert "What you typed is saved." in saved.text
    stored = Draft.objects.get().answers[step]
    assert {name: stored[f"{step}-{name}"] for name in typed} == {name: [value] for name, value in typed.items()}


def test_file_chosen_on_a_stale_page_is_kept_until_the_vendor_decides(as_vendor, vendor):
    answers.fill_in(as_vendor, up_to="tax")
    old_page = opened(as_vendor, "qualifications")
    answers.save(as_vendor, "qualifications", answers.QUALIFICATIONS | {"notes": "From the other tab"})

    chosen = answers.pdf("new.pdf", answers.PDF * 2)
    both = post(as_vendor, "qualifications", old_page, notes="From this tab", cv=chosen)

    assert both.status_code == 409
    assert {"label": "Your CV", "saved": "My CV.pdf", "typed": "new.pdf"} in both.context["differences"]
    assert "keep the files you chose here until tomorrow." in both.text
    assert documents.current_documents(vendor)["cv"].name == "My CV.pdf"

    again = post(as_vendor, "qualifications", sent_by_browser(both))
    assert again.status_code == 302
    assert documents.current_documents(vendor)["cv"].name == "new.pdf"
    assert answer("qualifications")["notes"] == "From this tab"


def test_file_is_kept_while_a_page_goes_out_of_date_again(as_vendor, vendor):
    answers.fill_in(as_vendor, up_to="tax")
    page = opened(as_vendor, "qualifications")
    card = {"certificates": "1", "certificate-1-kind": "sworn"}
    for number in (1, 2):
        answers.save(as_vendor, "qualifications", answers.QUALIFICATIONS | {"notes": f"Other tab {number}"})
        chosen = {"certificate-1": answers.pdf("card.pdf")} if number == 1 else {}
        both = post(as_vendor, "qualifications", page, **card, **chosen)
        assert both.status_code == 409
        page = sent_by_browser(both)

    assert post(as_vendor, "qualifications", page).status_code == 302
    assert documents.current_documents(vendor)["certificate-1"].name == "card.pdf"


def test_file_of_a_stale_page_that_waited_too_long_is_asked_for_again(as_vendor, vendor):
    answers.fill_in(as_vendor, up_to="tax")
    old_page = opened(as_vendor, "qualifications")
    answers.save(as_vendor, "qualifications", answers.QUALIFICATIONS | {"notes": "From the other tab"})
    both = post(as_vendor, "qualifications", old_page, cv=answers.pdf("new.pdf", answers.PDF * 2))
    Document.objects.update(replaced_at=F("replaced_at") - dt.timedelta(days=2))
    call_command("purge")

    again = answers.shown_to_a_browser(as_vendor, post(as_vendor, "qualifications", sent_by_browser(both)))

    assert again.status_code == 200
    assert "We no longer have the file you chose here. Please choose it again." in again.text


def test_refused_file_of_a_stale_page_is_told(as_vendor):
    answers.fill_in(as_vendor, up_to="tax")
    old_page = opened(as_vendor, "qualifications")
    answers.save(as_vendor, "qualifications", answers.QUALIFICATIONS | {"notes": "From the other tab"})

    both = post(as_vendor, "qualifications", old_page, cv=answers.pdf("cv.txt", b"My life"))

    assert both.status_code == 409
    assert "isn&#x27;t a type of file we can read here" in both.text


def test_file_that_another_tab_chose_is_not_removed_by_a_page_that_did_not_show_it(as_vendor, vendor):
    answers.fill_in(as_vendor, up_to="tax")
    answers.save(as_vendor, "qualifications", answers.QUALIFICATIONS | {"degree": answers.pdf("first.pdf")})
    old_page = opened(as_vendor, "qualifications")
    newer = answers.pdf("second.pdf", answers.PDF * 2)
    answers.save(as_vendor, "qualifications", answers.QUALIFICATIONS | {"degree": newer})

    page = post(as_vendor, "qualifications", old_page, degree_remove="on")

    assert page.status_code == 409
    assert documents.current_documents(vendor)["degree"].name == "second.pdf"


def test_page_sent_twice_with_a_file_is_one_save(as_vendor):
    answers.fill_in(as_vendor, up_to="tax")
    page = opened(as_vendor, "qualifications")

    codes = [post(as_vendor, "qualifications", page, degree=answers.pdf("d.pdf")).status_code for _time in range(2)]

    assert codes == [302, 302]


def test_page_saved_after_approval_says_that_it_was_not_saved(as_vendor, vendor):
    answers.fill_in(as_vendor)
    page = opened(as_vendor, "contact")
    answers.send(as_vendor)
    changing.review.approve(changing.latest(), by=None)

    late = as_vendor.post(answers.url("contact"), page, follow=True)

    assert "Your profile has now been approved, so this step wasn&#x27;t saved." in late.text


# A company and the person behind it


def test_number_typed_together_with_another_country_is_kept(as_vendor):
    answers.fill_in(as_vendor, up_to="tax", about=answers.ABOUT | COMPANY)
    typed = {"registration_number": "12-3456789", "vat_status": "not_in_scope", "tax_id": "526 000 12 46"}

    post(as_vendor, "tax", opened(as_vendor, "tax"), **typed, tax_residence="US")
    assert state("tax") == "completed"
    post(as_vendor, "tax", opened(as_vendor, "tax"), tax_residence="PL")

    assert answer("tax")["tax_id"] == "5260001246"


@pytest.mark.parametrize(
    ("country", "typed"),
    [
        ("DK", {"registration_number": "13 58 56 28", "vat_status": "exempt_small"}),
        ("US", {"registration_number": "12-3456789", "vat_status": "not_in_scope"}),
        ("PL", {"registration_number": "KRS 1", "vat_status": "registered", "vat_number": "PL 5260001246"}),
        ("PL", {"registration_number": "KRS 1", "vat_status": "exempt_small", "tax_id": "526 000 12 46"}),
    ],
)
def test_numbers_of_a_company_do_not_become_those_of_a_person(as_vendor, country, typed):
    answers.fill_in(as_vendor, up_to="tax", about=answers.ABOUT | COMPANY)
    post(as_vendor, "tax", opened(as_vendor, "tax"), tax_residence=country, **typed)
    as_company = answer("tax")

    answers.save(as_vendor, "about", answers.ABOUT)
    assert state("tax") == "incomplete"
    page = opened(as_vendor, "tax")
    assert not any(page.get(f"tax-{name}") for name in ("tax_id", "vat_number", "registration_number"))
    post(as_vendor, "tax", page, vat_status="not_in_scope", tax_residence="LA", tax_id="PERSON 1")
    assert (answer("tax")["tax_id"], answer("tax")["registration_number"]) == ("PERSON1", "")

    answers.save(as_vendor, "about", answers.ABOUT | COMPANY)
    post(as_vendor, "tax", opened(as_vendor, "tax"), tax_residence=country)
    assert answer("tax") == as_company
    answers.save(as_vendor, "about", answers.ABOUT)
    assert answer("tax")["tax_id"] == "PERSON1"


def test_page_about_the_company_that_comes_late_is_kept_for_the_company(as_vendor):
    answers.fill_in(as_vendor, up_to="tax", about=answers.ABOUT | COMPANY)
    page = opened(as_vendor, "tax")
    answers.save(as_vendor, "about", answers.ABOUT)

    post(as_vendor, "tax", page, registration_number="KRS 1", vat_status="exempt_small", tax_id="526 000 12 46")

    assert state("tax") == "incomplete"
    answers.save(as_vendor, "about", answers.ABOUT | COMPANY)
    assert answer("tax")["tax_id"] == "5260001246"


def test_approved_company_that_becomes_a_freelancer_is_asked_for_its_numbers(as_vendor, vendor: Vendor):
    """By a change after approval, where the pages are filled from the answers in force."""
    tax = {
        "tax_residence": "DK",
        "vat_status": "exempt_small",
        "registration_number": "13 58 56 28",
        "vat_number": "",
        "tax_id": "",
    }
    company = answers.ABOUT | COMPANY | {"kind": "freelancer_via_company"}
    changing.approved_first(vendor, about=company, tax=tax)

    saved = changing.save(as_vendor, "about", answers.ABOUT)

    assert saved.url == changing.url("tax")
    typed = {"tax_residence": "DK", "vat_status": "exempt_small", "vat_number": "", "tax_id": ""}
    changing.save(as_vendor, "tax", typed)
    page = as_vendor.get(changing.INDEX)
    assert "A detail that isn't shown here has changed" not in page.text
    changing.send(as_vendor)
    assert changing.latest().answers["tax"]["tax_id"] == ""
