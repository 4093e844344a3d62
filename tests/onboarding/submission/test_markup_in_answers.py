"""What a vendor types is text, also where it looks like HTML: on the page before sending and on VM's pages."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import reverse

from onboarding.models import Submission
from onboarding.review import decide as review
from tests.onboarding import answers, changing

# Every question that takes any text, and that is not a choice, a number or an address of a known form.
FREE = {
    "about": ["full_name", "display_name", "company_legal_name"],
    "contact": ["address_lines", "locality"],
    "services": ["sworn_authority", "sworn_number", "other_tools"],
    "qualifications": ["degree_title", "institution", "other_title", "other_institution", "notes"],
    "payment": ["holder", "holder_reason"],
}
SWORN = ["translation", "sworn_translation"]


def markup(name: str) -> str:
    return f'<script>{name}"><img src='


def hostile() -> dict[str, dict[str, Any]]:
    typed = {step: dict(fields) for step, fields in answers.everything().items()}
    typed["about"] |= {"kind": "company"}
    typed["services"] |= {"everywhere": SWORN}
    typed["rates"] |= {f"{what}-sworn_translation": value for what, value in [("usual", "30"), ("unit", "page")]}
    typed["qualifications"] |= {"other_degree": "yes", "cv": answers.pdf(f"{markup('cv')}.pdf")}
    typed["tax"] |= {"registration_number": "0000123456"}
    typed["payment"] |= {"holder_is_vendor": "no"}
    for step, names in FREE.items():
        typed[step] |= {name: markup(name[:15]) for name in names}
    return typed


def assert_is_text(page: HttpResponse) -> None:
    assert page.status_code == 200
    shown = page.content.decode()
    for step, names in FREE.items():
        for name in names:
            assert html.escape(markup(name[:15])) in shown, f"{step}: {name} is not shown"
    assert "<script>" not in shown
    assert '"><img' not in shown


@pytest.fixture
def typed(as_vendor):
    answers.fill_in(as_vendor, **hostile())
    return as_vendor


def test_page_before_sending(typed):
    assert_is_text(typed.get(answers.url("check")))


def test_page_of_the_review(typed, as_vera):
    answers.send(typed)
    submission = Submission.objects.get()
    changing.mark(submission, rates=markup("reason"))
    review.request_changes(submission, by=None)
    typed.post(reverse("onboarding:reply", kwargs={"step": "rates"}), {"reply": markup("reply")})
    assert "<script>" not in typed.get(reverse("onboarding:index")).content.decode()
    answers.send(typed)

    page = as_vera.get(f"/admin/onboarding/submission/{Submission.objects.latest('pk').pk}/change/")

    assert_is_text(page)
    assert html.escape(markup("reply")) in page.content.decode()
