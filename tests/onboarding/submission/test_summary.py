import copy
from typing import Any

import pytest

from onboarding.submission.summary import remarks, sections

ANSWERS: dict[str, dict[str, Any]] = {
    "about": {"kind": "freelancer", "full_name": "Ann Lee", "display_name": "", "company_legal_name": ""},
    "contact": {
        "phone": "+442079460958",
        "contact_email": "",
        "address_lines": "1 High Street",
        "postal_code": "N1 1AA",
        "locality": "London",
        "region": "",
        "country": "GB",
        "time_zone": "Europe/London",
    },
    "languages": {"native": ["en-GB"], "pairs": [{"source": "de", "target": "en-US"}]},
    "services": {
        "pairs": [{"source": "de", "target": "en-US", "services": ["translation"]}],
        "specialisms": ["legal"],
        "cat_tools": ["memoq", "CafeTran"],
    },
    "rates": {
        "currency": "GBP",
        "minimum_fee": "",
        "rates": [
            {
                "source": "de",
                "target": "en-US",
                "service": "translation",
                "unit": "source_word",
                "amount": "0.0850",
                "currency": "GBP",
            }
        ],
    },
    "qualifications": {
        "route": "experience",
        "experience_months": 90,
        "degrees": [],
        "experience": [{"since": "2012-03", "until": "2019-08", "share": 100, "kind": "translation", "pairs": []}],
        "certificates": [],
        "notes": "",
        "documents": {"cv": {"id": "1", "name": "CV.pdf"}},
    },
    "payment": {"method": "later"},
    "agreements": {"accepted": [{"document": "privacy", "version": "1.0", "language": "en", "sha256": "0"}]},
}


def changed(**steps: dict[str, Any]) -> dict[str, dict[str, Any]]:
    answers = copy.deepcopy(ANSWERS)
    for step, values in steps.items():
        answers[step] |= values
    return answers


def rows(answers: dict[str, dict[str, Any]], step: str) -> dict[str, str]:
    (section,) = [section for section in sections(answers) if section.step == step]
    return {row.label: row.value for row in section.rows}


def test_answers_read_as_sentences():
    assert rows(ANSWERS, "rates") == {
        "German → English (United States)": "Translation: GBP 0.085 per source word",
        "Minimum fee": "No minimum",
    }
    assert rows(ANSWERS, "contact")["Address"] == "1 High Street\nLondon\nN1 1AA\nUnited Kingdom"
    assert rows(ANSWERS, "services")["CAT tools"] == "memoQ, CafeTran"
    assert rows(ANSWERS, "qualifications") == {
        "Route (ISO 17100)": "five years of full-time experience",
        "Experience": "March 2012 – August 2019, full time, Translating",
        "Full-time translation experience": "7 years 6 months",
        "CV": "CV.pdf",
    }


def test_payment_is_masked():
    details = {"method": "iban", "holder": "Ann Lee", "iban": "GB82WEST12345698765432", "bic": ""}

    assert rows(changed(payment=details), "payment") == {"Payment": "IBAN GB… 5432", "Account holder": "Ann Lee"}


def test_step_without_a_valid_answer_has_no_rows():
    answers = changed()
    del answers["rates"]

    assert rows(answers, "rates") == {}


def test_nothing_to_remark_on_what_is_in_order():
    assert remarks(ANSWERS) == []


def test_reviewer_is_not_told_of_a_degree_that_nothing_rests_on():
    assert (
        remarks(changed(qualifications={"route": "translation_degree", "degrees": [{"subject": "translation"}]})) == []
    )


@pytest.mark.parametrize(
    ("step", "values", "remark"),
    [
        (
            "languages",
            {"native": ["de"]},
            "German → English (United States): the target language is not one of the vendor's native languages.",
        ),
        (
            "qualifications",
            {"route": "none"},
            "None of the three ISO 17100 routes applies yet.",
        ),
        (
            "qualifications",
            {"route": "translation_degree", "degrees": [{"subject": "translation"}], "experience": []},
            "The route depends on a degree, and no degree certificate was sent.",
        ),
        (
            "payment",
            {"method": "paypal", "holder": "Bob Ray", "holder_is_vendor": "yes", "paypal": "bob@example.com"},
            "The account holder's name isn't the one you gave under “About you”. Is that right?",
        ),
        (
            "payment",
            {
                "method": "paypal",
                "holder": "Bob Ray",
                "holder_is_vendor": "no",
                "holder_reason": "My bookkeeper",
                "paypal": "bob@example.com",
            },
            "The account belongs to someone else: Bob Ray. The vendor's reason: My bookkeeper",
        ),
        (
            "services",
            {"sworn_authority": "Landgericht Ulm", "sworn_number": "", "sworn_until": "2020-01-31"},
            "The authorisation as a sworn translator has expired.",
        ),
    ],
)
def test_reviewer_is_told_what_not_to_overlook(step, values, remark):
    assert remarks(changed(**{step: values})) == [remark]


def test_account_of_the_own_company_is_no_remark():
    details = {"method": "paypal", "holder": "LEE LTD", "paypal": "ann@example.com"}

    assert remarks(changed(payment=details, about={"company_legal_name": "Lee Ltd"})) == []
