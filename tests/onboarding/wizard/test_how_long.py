"""How much is asked of a freelancer with one language pair: what is neither filled in already nor may be left empty."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms import RadioSelect, Select

from tests.onboarding import answers, changing
from vendors.agreements import texts as agreements
from vendors.answers import countries
from vendors.models import Vendor

MOST_ANSWERS = 22

NEEDED: dict[str, dict[str, Any]] = {
    "about": {"kind": "freelancer"},
    "contact": {
        "phone": "22 123 45 67",
        "address_lines": "ul. Prosta 1",
        "postal_code": "00-001",
        "locality": "Warszawa",
        "country": "PL",
    },
    "languages": {"native_1": "Polish", "pairs-0-source": "German"},
    "services": {"everywhere": ["translation"], "specialisms": ["legal"]},
    "rates": {"usual-translation": "0.085"},
    "qualifications": {
        "translation_degree": "yes",
        "degree_title": "MA in Translation",
        "institution": "Uniwersytet Warszawski",
        "cv": answers.pdf(),
    },
    "tax": {"vat_status": "registered", "vat_number": "526-000-12-46"},
    "payment": {"method": "iban", "iban": "PL61 1090 1014 0000 0712 1981 2874"},
    "agreements": dict.fromkeys(agreements.TITLES, "on"),
    "check": {"declared": "on"},
}


def filled_in(form: Any) -> dict[str, Any]:
    """What the browser sends when nobody touches the page."""
    values = {name: form[name].value() for name in form.fields}
    for name, field in form.fields.items():
        if isinstance(field.widget, Select) and not isinstance(field.widget, RadioSelect):
            values[name] = values[name] or next(iter(field.choices))[0]
    return {name: value for name, value in values.items() if value not in (None, "", False, [])}


def test_freelancer_with_one_pair_answers_few_questions(as_vendor):
    answered = []
    for step, needed in NEEDED.items():
        page = as_vendor.get(answers.url(step))
        there = filled_in(page.context["form"])
        answered += [f"{step}-{name}" for name, value in needed.items() if there.get(name) != value]

        hidden = answers.agreed() if step == "agreements" else {}  # which version of each text is on the page
        saved = as_vendor.post(answers.url(step), answers.body(step, there | hidden | needed, revision="0"))

        assert saved.status_code == 302, as_vendor.get(saved.url).context["form"].errors
    assert as_vendor.get("/onboarding/").context["submission"].answers["languages"]["pairs"] == [
        {"source": "de", "target": "pl"}
    ]
    assert len(answered) <= MOST_ANSWERS, answered


def test_no_file_but_the_cv_is_needed():
    files = [value for needed in NEEDED.values() for value in needed.values() if isinstance(value, SimpleUploadedFile)]

    assert len(files) == 1


# What is filled in already


def test_account_is_expected_to_be_the_vendors_own(as_vendor):
    answers.fill_in(as_vendor, up_to="payment")
    expected = {"holder": "Łucja Nowak-Åberg", "holder_is_vendor": "yes", "bank_country": "PL"}
    assert filled_in(as_vendor.get(answers.url("payment")).context["form"]) == expected

    through = {"kind": "freelancer_via_company", "company_legal_name": "Nowak sp. z o.o."}
    answers.save(as_vendor, "about", answers.ABOUT | through)
    assert as_vendor.get(answers.url("payment")).context["form"]["holder"].value() == "Nowak sp. z o.o."


def test_account_added_after_approval_is_expected_to_be_the_vendors_own(vendor, as_vendor):
    changing.approved_first(vendor, payment={"method": "later"})
    changing.prove(as_vendor)

    form = as_vendor.get("/profile/payment/").context["form"]

    assert filled_in(form) == {"holder": "Łucja Nowak-Åberg", "holder_is_vendor": "yes", "bank_country": "PL"}


def test_target_that_is_left_empty_is_the_native_language(as_vendor):
    rows = {"pairs": "2", "pairs-1-source": "English (United Kingdom)", "pairs-1-target": ""}
    answers.save(as_vendor, "languages", answers.LANGUAGES | {"pairs-0-target": " "} | rows)

    form = as_vendor.get(answers.url("languages")).context["form"]
    assert [form[f"pairs-{number}-target"].value() for number in range(2)] == ["Polish", "Polish"]
    assert form.is_valid()


@pytest.mark.parametrize("missing", [{"pairs-0-source": "polski"}, {"native_1": ""}])
def test_target_that_cannot_be_the_native_language_is_asked_for(as_vendor, missing):
    page = answers.save(as_vendor, "languages", answers.LANGUAGES | {"pairs-0-target": ""} | missing)

    assert "Enter the language you translate into in pair 1." in page.text


def test_time_zones_of_the_country_come_first(as_vendor):
    page = answers.save(as_vendor, "contact", answers.CONTACT | {"country": "ES", "postal_code": "28001"})

    _nothing, (group, zones), *others = page.context["form"].fields["time_zone"].choices
    assert group == "Spain"
    assert zones == [("Atlantic/Canary", "Canary"), ("Europe/Madrid", "Madrid")]
    assert "Europe/Madrid" not in {zone for _region, places in others for zone, _place in places}
    assert page.text.count('value="Europe/Madrid"') == 1


def test_what_follows_from_earlier_answers_comes_first_and_a_choice_is_selected_once(vendor, as_vendor):
    Vendor.objects.update(primary_email="lucja@poczta.se")
    answers.fill_in(as_vendor, up_to="agreements", contact=answers.CONTACT | {"country": "PL"})

    for step, name, first in (
        ("contact", "country", "SE"),
        ("tax", "tax_residence", "PL"),
        ("payment", "bank_country", "PL"),
        ("payment", "payout_currency", "PLN"),
    ):
        page = as_vendor.get(answers.url(step))
        [select] = re.findall(rf'<select name="{step}-{name}".*?</select>', page.text, re.DOTALL)
        values = re.findall(r'<option value="(\w+)"', select)
        assert values[0] == first, name
        assert len(values) == len(set(values))
        assert len(re.findall(r"\sselected", select)) == 1, name
    suggested = as_vendor.get(answers.url("languages")).context["form"].language_names
    assert suggested[:2] == ["Polish", "German"]


def test_style_shows_the_time_zone_for_the_countries_that_have_several():
    css = (settings.BASE_DIR / "passport" / "static" / "passport" / "passport.css").read_text()
    [rule] = [line for line in css.splitlines() if ".if-several-time-zones" in line]

    several = {code for code, _name in countries.choices() if len(countries.likely_time_zones(code)) > 1}

    assert set(re.findall(r"value=([A-Z]{2})", rule)) == several


def test_every_country_has_a_clock():
    assert [name for code, name in countries.choices() if not countries.likely_time_zones(code)] == []


def test_who_has_a_degree_in_translation_need_not_say_whether_they_have_worked(as_vendor):
    degree = answers.QUALIFICATIONS | {"has_worked": "", "cv": answers.pdf()}
    assert answers.save(as_vendor, "qualifications", degree).status_code == 302

    page = answers.save(as_vendor, "qualifications", degree | {"translation_degree": "no", "other_degree": "yes"})
    assert "Choose whether you have worked as a translator or reviser." in page.text
