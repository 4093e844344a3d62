from typing import Any

import pytest
from django.utils.datastructures import MultiValueDict
from hypothesis import given
from hypothesis import strategies as st

from onboarding import forms
from onboarding.draft.steps import read, typed_from
from onboarding.forms.base import as_typed
from onboarding.models import Draft
from tests.onboarding import answers
from vendors.models import Document, Vendor

DE_PL = {"source": "de", "target": "pl"}
FR_PL = {"source": "fr", "target": "pl"}


def form(form_class: type[forms.StepForm], typed: dict[str, Any], **earlier: Any) -> forms.StepForm:
    data = MultiValueDict({name: value if isinstance(value, list) else [value] for name, value in typed.items()})
    return form_class(data, vendor=Vendor(name="Łucja"), earlier=earlier, documents={})


def errors(form_class: type[forms.StepForm], typed: dict[str, Any], **earlier: Any) -> dict[str, list[str]]:
    return dict(form(form_class, typed, **earlier).errors)


def answer(form_class: type[forms.StepForm], typed: dict[str, Any], **earlier: Any) -> dict[str, Any]:
    judged = form(form_class, typed, **earlier)
    assert judged.is_valid(), judged.errors
    return judged.answer()


# About you


@pytest.mark.parametrize("kind", ["company", "freelancer_via_company"])
def test_company_must_have_a_name(kind):
    said = errors(forms.AboutForm, answers.ABOUT | {"kind": kind})

    assert said == {"company_legal_name": ["Enter the name of the company."]}


def test_freelancer_leaves_the_company_out():
    assert answer(forms.AboutForm, answers.ABOUT | {"company_legal_name": "Old firm"})["company_legal_name"] == ""


def test_what_stands_in_the_other_branch_is_not_judged():
    assert answer(forms.AboutForm, answers.ABOUT | {"company_legal_name": "x" * 500})["company_legal_name"] == ""


@pytest.mark.parametrize("name", ["Ō", "李", "Ngô Đình", "O’Brien-Smith 3rd", "محمد", "بی‌بی"])
def test_names_of_any_script_are_taken(name):
    assert answer(forms.AboutForm, answers.ABOUT | {"full_name": name})["full_name"] == name


def test_names_are_composed_and_tidied():
    assert (
        answer(forms.AboutForm, answers.ABOUT | {"full_name": "  Jose\u0301 \t Ruiz\x07 "})["full_name"] == "José Ruiz"
    )


# Contact


@pytest.mark.parametrize(
    ("phone", "country", "kept"),
    [
        ("22 123 45 67", "PL", "+48221234567"),
        ("+48 (22) 123-45-67", "DE", "+48221234567"),
        ("0049 30 901820", "DE", "+4930901820"),
        ("020 7946 0958", "GB", "+442079460958"),
    ],
)
def test_phone_of_any_spelling_is_kept_as_e164(phone, country, kept):
    judged = form(forms.ContactForm, answers.CONTACT | {"phone": phone, "country": country})

    judged.is_valid()
    assert judged.cleaned_data["phone"] == kept


@pytest.mark.parametrize(("country", "zone"), [("PL", "Europe/Warsaw"), ("DE", "Europe/Berlin"), ("CN", "")])
def test_time_zone_of_a_country_with_one_clock_needs_no_answer(country, zone):
    judged = form(forms.ContactForm, answers.CONTACT | {"phone": "+48 22 123 45 67", "country": country})

    judged.is_valid()
    assert judged.cleaned_data.get("time_zone", "") == zone


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"country": "US", "region": "", "time_zone": "", "postal_code": "43004"}, {"region", "time_zone"}),
        ({"country": "US", "region": "Ohio", "time_zone": "America/New_York", "postal_code": "43004"}, set()),
        ({"country": "US", "region": "Ontario", "time_zone": "America/New_York", "postal_code": "43004"}, {"region"}),
        ({"country": "IT", "region": "rm", "postal_code": "00118"}, set()),
        ({"postal_code": ""}, {"postal_code"}),
        ({"postal_code": "1234"}, set()),
        ({"country": "HK", "postal_code": ""}, set()),
        ({"country": "AE", "postal_code": "", "region": "Dubai"}, set()),
        ({"billing_email": "not an address"}, {"billing_email"}),
        ({"weekly_hours": "many"}, {"weekly_hours"}),
        ({"weekly_hours": "0"}, {"weekly_hours"}),
        ({"weekly_hours": "", "working_days": [], "notice": ""}, set()),
        ({"working_days": ["mon", "xyz"]}, {"working_days"}),
        ({"notice": "never"}, {"notice"}),
        ({"phone": "12"}, {"phone"}),
        ({"phone": ""}, {"phone"}),
        ({"country": ""}, {"country"}),
        ({"country": "EU"}, {"country"}),
        (
            {"country": "XK", "phone": "038 200 000", "time_zone": "Europe/Belgrade", "postal_code": "10000"},
            set(),
        ),
        ({"contact_email": "not an address"}, {"contact_email"}),
        ({"address_lines": "1\n2\n3\n4"}, {"address_lines"}),
        ({"time_zone": "Europe/Atlantis"}, {"time_zone"}),
    ],
)
def test_contact_is_judged(change, fields):
    typed = answers.CONTACT | {"phone": "+48 22 123 45 67"} | change

    assert set(errors(forms.ContactForm, typed)) == fields


def test_regions_are_suggested_for_the_country_that_was_chosen():
    assert "Ohio" in form(forms.ContactForm, answers.CONTACT | {"country": "US"}).region_names
    assert form(forms.ContactForm, answers.CONTACT).region_names == []
    assert {"Ohio", "Roma"} <= set(form(forms.ContactForm, answers.CONTACT | {"country": ""}).region_names)


# Tax


def tax_form(typed: dict[str, Any], *, kind: str = "freelancer", country: str = "PL") -> forms.StepForm:
    return form(forms.TaxForm, answers.TAX | typed, about={"kind": kind}, contact={"country": country})


def test_country_of_the_address_is_not_asked_twice():
    earlier = {"about": {"kind": "freelancer"}, "contact": {"country": "US"}}

    page = forms.TaxForm(vendor=Vendor(name="Łucja"), earlier=earlier, documents={})

    assert (page["tax_residence"].value(), page["vat_status"].value()) == ("US", "not_in_scope")
    assert page.may_need_us_form
    assert page["tax_id"].label == "Tax number (EIN)"


@pytest.mark.parametrize(
    ("typed", "kind", "fields"),
    [
        ({}, "freelancer", set()),
        ({"vat_number": ""}, "freelancer", {"vat_number"}),
        ({"vat_number": "5260001247"}, "freelancer", {"vat_number"}),
        ({"vat_status": ""}, "freelancer", {"vat_status"}),
        ({"vat_status": "exempt_small", "vat_number": "half ty"}, "freelancer", {"tax_id"}),
        ({"vat_status": "exempt_small", "tax_id": "526 000 12 46"}, "freelancer", set()),
        ({"vat_status": "exempt_small", "tax_id": "526 000 12 47"}, "freelancer", {"tax_id"}),
        ({"tax_residence": "US", "vat_status": "not_in_scope"}, "freelancer", set()),
        ({"tax_residence": "ZZ"}, "freelancer", {"tax_residence"}),
        ({}, "company", {"registration_number"}),
        ({"registration_number": "KRS 0000123456"}, "freelancer_via_company", set()),
        (
            {"tax_residence": "DK", "vat_number": "DK 13585628", "registration_number": "13585627"},
            "company",
            {"registration_number"},
        ),
        ({"tax_residence": "DK", "vat_number": "DK 13585628", "registration_number": "13 58 56 28"}, "company", set()),
    ],
)
def test_tax_is_judged_by_the_country_and_the_branch(typed, kind, fields):
    assert set(tax_form(typed, kind=kind).errors) == fields


def test_number_that_is_the_register_number_too_is_typed_once():
    typed = {"tax_residence": "DK", "vat_status": "exempt_small", "registration_number": "13 58 56 28"}
    page = tax_form(typed, kind="company")

    assert "tax_id" not in page.fields
    assert page.is_valid(), page.errors
    assert (page.answer()["registration_number"], page.answer()["tax_id"]) == ("13585628", "13585628")
    assert "tax_id" in tax_form(typed).fields


def test_tax_numbers_are_called_by_their_local_names():
    page = tax_form({"tax_residence": "DE"}, kind="company")

    assert page["tax_id"].label == "Tax number (Steuernummer)"
    assert page["registration_number"].label == "Company registration number (Handelsregisternummer)"
    assert tax_form({"tax_residence": "LA"})["tax_id"].label == "Tax number"


# Languages


def test_languages_are_kept_as_tags():
    typed = answers.LANGUAGES | {"native_2": "deutsch", "pairs-0-source": "English (United Kingdom)"}

    assert answer(forms.LanguagesForm, typed) == {
        "native": ["pl", "de"],
        "pairs": [{"source": "en-GB", "target": "pl"}],
    }


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"native_1": ""}, {"native_1": ["Enter your native language."]}),
        (
            {"native_2": "polski"},
            {"native_2": ["This is the same language as the first one. Choose another, or leave it empty."]},
        ),
        (
            {"pairs-0-source": ""},
            {"pairs-0-source": ["Enter the language you translate from in pair 1."]},
        ),
        ({"pairs-0-source": "pl"}, {"pairs-0-target": ["Both languages in pair 1 are the same. Change one of them."]}),
        (
            {"pairs": "2", "pairs-1-source": "de", "pairs-1-target": "Polish"},
            {"pairs-1-target": ["Pair 2, German → Polish, is listed twice. Change or remove one of them."]},
        ),
        (
            {"pairs": "2", "pairs-1-source": "polski"},
            {"pairs-1-target": ["Enter the language you translate into in pair 2."]},
        ),
        (
            {"pairs": "2", "pairs-0-remove": "on"},
            {
                "pairs-0-source": ["Enter the language you translate from in pair 1."],
                "pairs-0-target": ["Enter the language you translate into in pair 1."],
            },
        ),
        (
            {"pairs-0-target": "Portuguese"},
            {
                "pairs-0-target": [
                    "Portuguese comes in more than one form. Choose “Portuguese (Brazil)” or “Portuguese (Portugal)”."
                ]
            },
        ),
    ],
)
def test_languages_are_judged(change, said):
    assert errors(forms.LanguagesForm, answers.LANGUAGES | change) == said


def test_wrong_pair_may_be_removed():
    typed = answers.LANGUAGES | {
        "pairs": "2",
        "pairs-1-source": "Klingonese",
        "pairs-1-target": "",
        "pairs-1-remove": "on",
    }

    assert answer(forms.LanguagesForm, typed)["pairs"] == [DE_PL]


# Services


def services(typed: dict[str, Any], *pairs: dict[str, str]) -> dict[str, Any]:
    return answer(forms.ServicesForm, typed, languages={"pairs": list(pairs)})


def test_services_of_all_pairs_and_of_single_ones_add_up():
    typed = answers.SERVICES | {"only-fr.pl": ["interpreting", "translation"], "other_tools": "CafeTran,  Okapi ,"}

    found = services(typed, DE_PL, FR_PL)

    assert [pair["services"] for pair in found["pairs"]] == [
        ["translation", "revision"],
        ["translation", "revision", "interpreting"],
    ]
    assert found["cat_tools"] == ["memoq", "CafeTran", "Okapi"]


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"everywhere": []}, {"everywhere"}),
        ({"everywhere": [], "only-de.pl": ["translation"]}, {"only-fr.pl"}),
        ({"everywhere": [], "only-de.pl": ["translation"], "only-fr.pl": ["revision"]}, set()),
        ({"specialisms": []}, {"specialisms"}),
        ({"specialisms": ["legal", "finance", "it", "games", "arts", "media"]}, {"specialisms"}),
        ({"specialisms": ["astrology"]}, {"specialisms"}),
        ({"other_tools": "x" * 40}, {"other_tools"}),
        ({"only-fr.pl": ["sworn_translation"]}, {"sworn_authority"}),
        ({"everywhere": ["sworn_translation"], "sworn_authority": "Landgericht Ulm"}, set()),
        ({"everywhere": ["certified_translation"]}, set()),
        (
            {"everywhere": ["sworn_translation"], "sworn_authority": "LG Ulm", "sworn_until": "2027-02-30"},
            {"sworn_until"},
        ),
        ({"sworn_until": "soon"}, set()),
    ],
)
def test_services_are_judged(change, fields):
    typed = answers.SERVICES | change

    assert set(errors(forms.ServicesForm, typed, languages={"pairs": [DE_PL, FR_PL]})) == fields


@pytest.mark.parametrize("offered", ["translation", "certified_translation"])
def test_swearing_in_is_left_out_when_nothing_sworn_is_offered(offered):
    sworn = {"sworn_authority": "Landgericht Ulm", "sworn_until": "2027-12-31"}
    typed = answers.SERVICES | {"everywhere": [offered]} | sworn

    found = services(typed, DE_PL)

    assert (found["sworn_authority"], found["sworn_until"]) == ("", "")


MANY = [{"source": tag, "target": "pl"} for tag in ["de", "fr", "es", "it", "nl", "sv", "da", "fi", "cs", "sk"]]


def test_of_many_pairs_only_those_that_were_opened_are_asked_about():
    page = form(forms.ServicesForm, answers.SERVICES | {"opened": ["fr.pl", "xx.yy"]}, languages={"pairs": MANY})

    assert [pair["key"] for pair in page.open_pairs] == ["fr.pl"]
    assert {name for name in page.asked() if name.startswith("only-")} == {"only-fr.pl"}
    assert len(page.closed_pairs) == len(MANY) - 1


def test_many_pairs_without_a_service_are_one_complaint():
    typed = answers.SERVICES | {"everywhere": [], "only-de.pl": ["translation"]}

    assert errors(forms.ServicesForm, typed, languages={"pairs": MANY}) == {
        "everywhere": ["9 of your pairs have no service yet, for example French → Polish."]
    }


# Rates


OFFERED = {"pairs": [{**DE_PL, "services": ["translation"]}, {**FR_PL, "services": ["translation", "revision"]}]}


def test_usual_rate_counts_for_every_pair_without_its_own():
    typed = answers.RATES | {
        "own-amount-translation-fr.pl": "1,25",
        "own-unit-translation-fr.pl": "line_55",
        "own-amount-translation-de.pl": "",
    }

    found = answer(forms.RatesForm, typed, services=OFFERED)

    assert found["minimum_fee"] == "25.00"
    assert [(rate["source"], rate["service"], rate["amount"], rate["unit"]) for rate in found["rates"]] == [
        ("de", "translation", "0.0850", "source_word"),
        ("fr", "translation", "1.2500", "line_55"),
        ("fr", "revision", "0.0400", "source_word"),
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"usual-translation": ""}, {"usual-translation": ["Enter your rate for “Translation”."]}),
        ({"usual-translation": "0"}, {"usual-translation": ["Enter an amount greater than zero."]}),
        (
            {"own-unit-translation-fr.pl": "hour"},
            {"own-amount-translation-fr.pl": ["Enter the rate for French → Polish as well."]},
        ),
        ({"minimum_fee": "1.999"}, {"minimum_fee": ["This can be read in two ways. Enter 1999 or 1.9990."]}),
    ],
)
def test_rates_are_judged(change, said):
    assert errors(forms.RatesForm, answers.RATES | change, services=OFFERED) == said


def test_amount_in_another_currency_than_the_chosen_one_is_asked_about():
    said = errors(forms.RatesForm, answers.RATES | {"currency": "USD", "usual-revision": "€0.04"}, services=OFFERED)

    assert list(said) == ["usual-revision"]
    assert "“€0.04”" in said["usual-revision"][0]


def test_amount_in_the_chosen_currency_is_just_an_amount():
    typed = answers.RATES | {"currency": "CAD", "usual-translation": "$0.12", "usual-revision": "0.04 CAD"}

    assert {rate["amount"] for rate in answer(forms.RatesForm, typed, services=OFFERED)["rates"]} == {
        "0.1200",
        "0.0400",
    }


@pytest.mark.parametrize("typed", ["31/12/2027", "31 December 2027", "2027-12-31", "31.12.2027", "2027"])
def test_sworn_translators_write_the_date_as_they_like(typed):
    sworn = {"everywhere": ["sworn_translation"], "sworn_authority": "Sąd Okręgowy, Warszawa", "sworn_until": typed}
    kept = answer(forms.ServicesForm, answers.SERVICES | sworn, languages={"pairs": [DE_PL]})

    assert kept["sworn_until"] == "2027-12-31"


def test_no_usual_rate_is_needed_where_every_pair_has_its_own():
    typed = answers.RATES | {
        "usual-translation": "",
        "own-amount-translation-de.pl": "0.1",
        "own-amount-translation-fr.pl": "0.2",
    }

    found = answer(forms.RatesForm, typed, services=OFFERED)

    assert [rate["amount"] for rate in found["rates"]] == ["0.1000", "0.2000", "0.0400"]


def test_rates_in_force_are_filled_in_as_people_write_them():
    rate = {"service": "translation", "source": "de", "target": "pl", "amount": "0.1200", "unit": "source_word"}
    page = {"currency": "EUR", "minimum_fee": "", "rates": [rate, rate, rate | {"source": "fr", "amount": "50.0000"}]}

    typed = forms.RatesForm.typed_from(page)

    assert typed["usual-translation"] == ["0.12"]
    assert typed["own-amount-translation-fr.pl"] == ["50"]


def test_overview_shows_usual_own_and_missing_rates():
    typed = answers.RATES | {
        "usual-revision": "",
        "own-amount-translation-fr.pl": "55",
        "own-unit-translation-fr.pl": "hour",
    }

    page = form(forms.RatesForm, typed, services=OFFERED)

    rows = page.overview
    assert page.gaps == ["Revision by a second person (bilingual)"]
    assert [(row["label"], [cell["state"] for cell in row["cells"]]) for row in rows] == [
        ("German → Polish", ["usual", "none"]),
        ("French → Polish", ["own", "outstanding"]),
    ]
    assert rows[1]["cells"][0]["text"] == "55 per hour"
    assert form(forms.RatesForm, typed, services={"pairs": OFFERED["pairs"][:1]}).overview == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "50 words at EUR 0.085 come to EUR 4.25; with this fee you get EUR 25.00."),
        (
            {"minimum_fee": ""},
            "50 words at EUR 0.085 come to EUR 4.25. If that's too little, enter the least you'd charge.",
        ),
        ({"minimum_fee": "4"}, "50 words at EUR 0.085 come to EUR 4.25, which is already more than this fee."),
        ({"usual-translation": "many"}, "50 words at EUR 0.04 come to EUR 2.00; with this fee you get EUR 25.00."),
        ({"usual-translation": "9"}, "50 words at EUR 0.04 come to EUR 2.00; with this fee you get EUR 25.00."),
        (
            {"unit-translation": "hour", "unit-revision": "hour"},
            "For example, if 50 words should never cost less than 20.00, enter 20.",
        ),
        ({"currency": "<b>"}, "For example, if 50 words should never cost less than 20.00, enter 20."),
    ],
)
def test_minimum_fee_is_explained_with_the_vendors_own_rate(change, said):
    page = form(forms.RatesForm, answers.RATES | change, services=OFFERED)

    assert page["minimum_fee"].help_text == said


@pytest.mark.parametrize("field", ["currency", "unit-translation"])
def test_rates_take_only_what_is_offered(field):
    assert set(errors(forms.RatesForm, answers.RATES | {field: "gold"}, services=OFFERED)) == {field}


# Payment and agreements


def test_payment_may_be_left_for_later():
    typed = answers.PAYMENT | {"method": "later", "iban": "half typed"}

    assert answer(forms.PaymentStepForm, typed) == {"method": "later"}


def test_somebody_elses_account_is_taken_with_the_reason():
    typed = answers.PAYMENT | {"holder_is_vendor": "no", "holder_reason": ""}
    assert errors(forms.PaymentStepForm, typed) == {
        "holder_reason": ["Say whose account it is and why we should pay into it."]
    }

    found = answer(forms.PaymentStepForm, typed | {"holder_reason": "My sister keeps my books"})

    assert (found["holder_is_vendor"], found["holder_reason"]) == ("no", "My sister keeps my books")


@pytest.mark.django_db
def test_agreements_are_accepted_with_version_and_hash():
    accepted = answer(forms.AgreementsForm, answers.agreed())["accepted"]

    assert [(each["document"], each["version"], len(each["sha256"])) for each in accepted] == [
        ("confidentiality", "1.0", 64),
        ("cooperation", "1.0", 64),
        ("privacy", "1.0", 64),
    ]


@pytest.mark.django_db
def test_agreement_not_ticked_is_asked_for():
    typed = answers.agreed()
    del typed["privacy"]

    assert errors(forms.AgreementsForm, typed) == {"privacy": ["Read “Privacy notice” and tick the box."]}


@pytest.mark.django_db
def test_agreement_whose_text_has_changed_is_shown_again():
    judged = form(forms.AgreementsForm, answers.agreed() | {"cooperation-text": "0" * 64})

    assert list(judged.errors) == ["cooperation"]
    assert not judged.lacks_only
    assert judged.texts[1]["agreement"].sha256 != "0" * 64


# Any input at all

TEXTS = st.text(max_size=30)


@given(st.fixed_dictionaries({name: TEXTS for name in answers.CONTACT}))
def test_any_contact_is_judged_without_an_exception(typed):
    form(forms.ContactForm, typed).is_valid()


@given(st.fixed_dictionaries({name: TEXTS for name in [*answers.TAX, "registration_number"]}), st.booleans())
def test_any_tax_is_judged_without_an_exception(typed, is_company):
    form(
        forms.TaxForm,
        typed,
        about={"kind": "company" if is_company else "freelancer"},
        contact={"country": "DE"},
    ).is_valid()


@given(st.fixed_dictionaries({name: TEXTS for name in answers.SERVICES}))
def test_any_services_are_judged_without_an_exception(typed):
    form(forms.ServicesForm, typed, languages={"pairs": [DE_PL, FR_PL]}).is_valid()


@given(st.fixed_dictionaries({name: TEXTS for name in answers.LANGUAGES}))
def test_any_languages_are_judged_without_an_exception(typed):
    judged = form(forms.LanguagesForm, typed)

    judged.is_valid()
    judged.typed(another_row=True)


@given(st.fixed_dictionaries({name: TEXTS for name in answers.RATES}))
def test_any_rates_are_judged_without_an_exception(typed):
    form(forms.RatesForm, typed, services=OFFERED).is_valid()


# Approved answers opened again


def read_again(typed: dict[str, dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The answers of a draft, and the answers of the draft that is made from them."""
    drafts = [
        {step: {f"{step}-{name}": as_typed(value) for name, value in page.items()} for step, page in typed.items()}
    ]
    vendor = Vendor(name="Łucja")
    rows = typed.get("qualifications", {}).get("certificates", "").split()
    slots = ["cv", *(f"certificate-{key}" for key in rows), *typed.get("certificates", {}).get("holds", [])]
    files = {slot: Document(slot=slot, name="file.pdf") for slot in slots}
    readings = []
    for _round in range(2):
        reading = read(Draft(vendor=vendor, answers=drafts[-1]), documents=files)
        assert reading.is_complete, reading.states
        readings.append(reading.answers)
        drafts.append(typed_from(reading.answers))
    return readings[0], readings[1]


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({}, id="freelancer"),
        pytest.param(
            {
                "about": answers.ABOUT | {"kind": "company", "company_legal_name": "Słowo sp. z o.o."},
                "tax": answers.TAX | {"registration_number": "KRS 0000-123-456"},
            },
            id="company",
        ),
        pytest.param(
            {
                "about": answers.ABOUT | {"kind": "company", "company_legal_name": "Słowo sp. z o.o."},
                "languages": {"pairs": "2"}
                | {"pairs-0-source": "German", "pairs-0-target": "pl", "pairs-1-source": "fr", "pairs-1-target": "pl"},
                "team": answers.TEAM | {"in_house_pairs": ["fr.pl"], "working_notes": "Tests every year."},
                "certificates": answers.CERTIFICATES
                | {"linguist-0-pairs": ["de.pl", "fr.pl"], "linguist-1-pairs": ["fr.pl"]},
            },
            id="company with two pairs",
        ),
        pytest.param(
            {
                "about": answers.ABOUT | {"kind": "company", "company_legal_name": "Słowo sp. z o.o."},
                "certificates": {"holds": ["iso_17100", "iso_9001"], "linguists": "1", "client_references": ""}
                | {f"iso_{norm}-{part}": "A 1" for norm in (17100, 9001) for part in ("number", "issued_by", "scope")}
                | {"iso_17100-expires_on": "31.12.2099", "iso_9001-expires_on": "12/2099"},
            },
            id="certified company",
        ),
        pytest.param(
            {
                "contact": answers.CONTACT
                | {"country": "US", "phone": "212 555 0100", "time_zone": "America/New_York", "region": "new york"}
                | {"postal_code": "10001 1234", "weekly_hours": "", "working_days": [], "notice": ""}
                | {"billing_email": "bills@mail.example"},
                "tax": {"tax_residence": "US", "vat_status": "not_in_scope", "vat_number": "", "tax_id": "12-3456789"},
                "payment": answers.PAYMENT
                | {"method": "account", "bank_country": "US", "account_number": "0001-2345", "bank_code": "111000025"}
                | {"holder_is_vendor": "no", "holder_reason": "Our agent", "payout_currency": "USD"},
            },
            id="United States",
        ),
        pytest.param(
            {
                "contact": answers.CONTACT
                | {"country": "IT", "phone": "06 6982 0000", "region": "RM", "postal_code": "I-00118"},
                "tax": {"tax_residence": "GR", "vat_status": "registered", "vat_number": "gr 094259216", "tax_id": ""},
            },
            id="pay tax elsewhere",
        ),
        pytest.param(
            {
                "about": answers.ABOUT | {"kind": "freelancer_via_company", "company_legal_name": "Ord ApS"},
                "tax": {"tax_residence": "DK", "vat_status": "not_in_scope", "registration_number": "13585628"},
            },
            id="one number for register and taxes",
        ),
        pytest.param(
            {
                "services": answers.SERVICES
                | {"everywhere": ["sworn_translation"], "sworn_authority": "Landgericht Ulm"}
                | {"sworn_number": "3162/12", "sworn_until": "31.12.2031"},
                "rates": {"currency": "EUR", "minimum_fee": "", "usual-sworn_translation": "1,80"}
                | {"unit-sworn_translation": "line_55"},
            },
            id="sworn",
        ),
        pytest.param(
            {
                "languages": answers.LANGUAGES
                | {"pairs": "3", "native_2": "fa-AF", "pairs-1-source": "sr-Latn", "pairs-1-target": "Spanish (Mexico)"}
                | {"pairs-2-source": "English (UK)", "pairs-2-target": "zh-Hant-HK"},
                "services": answers.SERVICES
                | {
                    "everywhere": ["translation"],
                    "other_tools": "Deja Vu, Our own",
                    "only-en-GB.zh-Hant-HK": ["revision"],
                },
                "rates": {
                    "currency": "USD",
                    "minimum_fee": "",
                    "usual-translation": "0.08",
                    "unit-translation": "source_word",
                    "own-amount-translation-de.pl": "55",
                    "own-unit-translation-de.pl": "hour",
                    "usual-revision": "0.0455",
                    "unit-revision": "source_word",
                },
            },
            id="pairs that differ",
        ),
        pytest.param(
            {
                "qualifications": answers.QUALIFICATIONS
                | {"translation_degree": "no", "other_degree": "yes", "other_title": "LL.M.", "other_institution": "UJ"}
            },
            id="another degree",
        ),
        pytest.param(
            {
                "qualifications": answers.QUALIFICATIONS
                | {"translation_degree": "no", "degree_title": "", "graduated_in": ""}
            },
            id="no degree",
        ),
        pytest.param({"qualifications": answers.QUALIFICATIONS | {"has_worked": "no"}}, id="no experience"),
        pytest.param(
            {
                "languages": answers.LANGUAGES
                | {"pairs": "2", "pairs-1-source": "English (UK)", "pairs-1-target": "pl"},
                "qualifications": answers.QUALIFICATIONS
                | {
                    "other_degree": "yes",
                    "other_title": "LL.M.",
                    "other_institution": "UJ",
                    "work": "2",
                    "work-0-until": "March 2015",
                    "work-0-pairs": ["en-GB.pl"],
                    "work-1-since": "4.2015",
                    "work-1-until": "2019",
                    "work-1-share": "50",
                    "work-1-kind": "revision",
                    "certificates": "2 7",
                    "certificate-2-kind": "insurance",
                    "certificate-2-number": "A/1",
                    "certificate-2-expires_on": "12/2099",
                    "certificate-7-kind": "examination",
                },
            },
            id="all kinds of evidence",
        ),
        pytest.param({"payment": answers.PAYMENT | {"method": "paypal", "paypal": "lucja@mail.example"}}, id="PayPal"),
        pytest.param({"payment": answers.PAYMENT | {"method": "later"}}, id="payment later"),
    ],
)
@pytest.mark.django_db
def test_a_draft_made_from_answers_gives_these_answers(changed):
    typed = answers.usual(changed) | changed
    for page, slot in (("qualifications", "cv"), ("certificates", "insurance")):
        typed.get(page, {}).pop(slot, None)

    first, again = read_again(typed)

    assert again == first
