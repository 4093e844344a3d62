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
OF_A_FREELANCER = {
    "about": ["full_name", "display_name", "company_legal_name"],
    "contact": ["address_lines", "locality"],
    "services": ["sworn_authority", "sworn_number", "other_tools"],
    "qualifications": ["degree_title", "institution", "other_title", "other_institution", "notes"],
    "payment": ["holder", "holder_reason"],
}
OF_AN_AGENCY = {
    "about": ["full_name", "display_name", "company_legal_name"],
    "contact": ["projects_name", "accounts_name", "address_lines", "locality"],
    "team": ["working_notes"],
    "certificates": [
        *(f"insurance-{part}" for part in ("number", "issued_by", "scope")),
        "linguist-0-initials",
        "client_references",
    ],
    "agreements": ["signatory", "position"],
}
SWORN = ["translation", "sworn_translation"]


def markup(name: str) -> str:
    return f'<script>{name}"><img src='


def of_a_freelancer() -> dict[str, dict[str, Any]]:
    typed = answers.everything()
    typed["about"] |= {"kind": "freelancer_via_company"}
    typed["services"] |= {"everywhere": SWORN}
    typed["rates"] |= {f"{what}-sworn_translation": value for what, value in [("usual", "30"), ("unit", "page")]}
    typed["qualifications"] |= {"other_degree": "yes", "cv": answers.pdf(f"{markup('cv')}.pdf")}
    typed["tax"] |= {"registration_number": "0000123456"}
    typed["payment"] |= {"holder_is_vendor": "no"}
    return typed


def assert_is_text(page: HttpResponse, free: dict[str, list[str]]) -> None:
    assert page.status_code == 200
    shown = page.content.decode()
    for step, names in free.items():
        for name in names:
            assert html.escape(markup(name[:15])) in shown, f"{step}: {name} isn't shown"
    assert "<script>" not in shown
    assert '"><img' not in shown


@pytest.fixture(params=[OF_A_FREELANCER, OF_AN_AGENCY], ids=["freelancer", "agency"])
def free(request, as_vendor):
    """The questions, answered by markup."""
    steps = of_a_freelancer() if request.param is OF_A_FREELANCER else answers.of_an_agency()
    for step, names in request.param.items():
        steps[step] |= {name: markup(name[:15]) for name in names}
    answers.fill_in(as_vendor, **steps)
    return request.param


def test_page_before_sending(as_vendor, free):
    assert_is_text(as_vendor.get(answers.url("check")), free)


def test_page_of_the_review(as_vendor, free, as_vera):
    answers.send(as_vendor)
    submission = Submission.objects.get()
    changing.mark(submission, rates=markup("reason"))
    review.request_changes(submission, by=None)
    as_vendor.post(reverse("onboarding:reply", kwargs={"step": "rates"}), {"reply": markup("reply")})
    assert "<script>" not in as_vendor.get(reverse("onboarding:index")).content.decode()
    answers.send(as_vendor)

    page = as_vera.get(f"/admin/onboarding/submission/{Submission.objects.latest('pk').pk}/change/")

    assert_is_text(page, free)
    assert html.escape(markup("reply")) in page.content.decode()
