"""A page that was filled in while its session ended: nothing typed on it is lost, and nobody else gets it."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils.datastructures import MultiValueDict

from identity.models import Session
from onboarding.models import Draft
from tests.factories import create_vendor
from tests.journeys.database import everything
from tests.onboarding import answers
from vendors.models import Vendor, VendorState

ABOUT = answers.url("about")
TYPED = answers.ABOUT | {"full_name": 'Łucja "typed late" <Nowak>'}


@pytest.fixture
def browser(vendor: Vendor) -> Client:
    """One that looks at tokens, as the real thing does."""
    client = Client(enforce_csrf_checks=True, headers={"origin": "http://testserver"})
    client.force_login(vendor.user)
    return client


@pytest.fixture
def page(browser: Client, vendor: Vendor) -> dict[str, Any]:
    """The first page, filled in."""
    opened = browser.get(ABOUT)
    return answers.body("about", TYPED, made_for=str(vendor.pk), csrfmiddlewaretoken=str(opened.context["csrf_token"]))


def handed_back(response: HttpResponse) -> dict[str, Any]:
    """What the page sends when its button is pressed."""
    assert response.status_code == 400
    assert "no-store" in response["Cache-Control"]
    fields: MultiValueDict[str, str] = MultiValueDict()
    for name, value in response.context["fields"]:
        fields.appendlist(name, value)
    return {**dict(fields.lists()), "csrfmiddlewaretoken": str(response.context["csrf_token"])}


def signs_in(browser: Client, vendor: Vendor) -> None:
    browser.force_login(vendor.user)
    browser.cookies["passport_csrf"] = "A" * 32  # every sign-in changes it


def test_what_was_typed_is_handed_back_and_saved_after_signing_in(browser, vendor, page):
    Session.objects.all().delete()

    out = browser.post(ABOUT, page)
    assert "been saved yet" in out.text
    assert f'href="{ABOUT}?typed=waiting"' in out.text
    assert "typed late" not in everything()
    still_out = browser.post(ABOUT, handed_back(out))
    assert "You were signed out" in still_out.text

    signs_in(browser, vendor)
    assert "still in the other tab" in browser.get(f"{ABOUT}?typed=waiting").text
    back = browser.post(ABOUT, handed_back(still_out))
    assert "Press the button to save what you typed" in back.text
    assert not Draft.objects.filter(revisions__has_key="about").exists()
    saved = browser.post(ABOUT, handed_back(back))

    assert saved.url == answers.url("contact")
    assert Draft.objects.get().answers["about"]["about-full_name"] == [TYPED["full_name"]]


def test_somebody_else_who_signs_in_there_does_not_get_it(browser, page):
    Session.objects.all().delete()
    out = browser.post(ABOUT, page)
    other = create_vendor(state=VendorState.ONBOARDING)
    signs_in(browser, other)

    answer = browser.post(ABOUT, handed_back(browser.post(ABOUT, handed_back(out))), follow=True)

    assert "else filled in that step" in answer.text
    assert other.draft.answers == {}


def test_chosen_file_cannot_wait(browser, vendor):
    Session.objects.all().delete()
    token = str(browser.get("/help/cannot-sign-in/").context["csrf_token"])

    typed = answers.QUALIFICATIONS | {"cv": answers.pdf("My CV.pdf")}
    answer = browser.post(
        answers.url("qualifications"), answers.body("qualifications", typed, csrfmiddlewaretoken=token)
    )

    assert "Please choose it again afterwards" in answer.text
    assert handed_back(answer)["qualifications-work-0-since"] == ["2012"]


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null"])
def test_form_of_another_site_is_not_handed_back(browser, page, origin):
    answer = browser.post(ABOUT, page | {"csrfmiddlewaretoken": "B" * 32}, headers={"origin": origin})

    assert "open for too long" in answer.text
    assert "typed late" not in answer.text
