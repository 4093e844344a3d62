"""Browsers that keep no cookies, and those that do not say from where a form comes."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from identity.invitations import links
from identity.models import Failure, Invitation, SignInAttempt
from tests.factories import create_vendor

pytestmark = pytest.mark.django_db

START, FORM = "/auth/login/entra/", "/help/cannot-sign-in/"


@pytest.fixture
def strict():
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def invitation():
    vendor = create_vendor(state="invited", primary_email="dora@mail.example")
    return Invitation.objects.get(user=vendor.user)


def sent_without_cookies(strict: Client, page: str, url: str, **fields: str):
    """What the form of the page would send, by a browser that has kept nothing of it."""
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    strict.cookies.clear()
    return strict.post(url, {"csrfmiddlewaretoken": token, **fields})


def test_who_keeps_no_cookies_learns_so_at_the_second_try_and_vendor_management_knows(strict, invitation):
    token = links.token(invitation)
    page = strict.get(f"/welcome/{token}/")

    first = sent_without_cookies(strict, page.text, START, invitation=token)
    assert first.status_code == 400
    assert 'id="once-more"' in first.text
    assert not Failure.objects.exists(), "the page may simply have been open for too long"

    second = sent_without_cookies(strict, first.text, START, invitation=token, second_try="1")
    assert 'id="no-cookies"' in second.text
    [failure] = Failure.objects.all()
    assert (failure.stage, failure.reason, failure.user, failure.address) == (
        "sign_in",
        "cookies_blocked",
        invitation.user,
        "dora@mail.example",
    )
    assert failure.reference in second.text


def test_one_press_on_the_page_that_comes_instead_is_enough_with_cookies(strict, invitation):
    token = links.token(invitation)
    page = strict.get(f"/welcome/{token}/")
    first = sent_without_cookies(strict, page.text, START, invitation=token)
    csrf = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', first.text)[1]

    answer = strict.post(START, {"csrfmiddlewaretoken": csrf, "invitation": token, "second_try": "1"})

    assert answer.status_code == 302
    assert SignInAttempt.objects.get().invitation == invitation
    assert not Failure.objects.exists()


def test_stranger_without_cookies_makes_no_case_and_is_led_to_the_form(strict):
    first = sent_without_cookies(strict, strict.get("/sign-in/").text, START, invitation="")
    second = sent_without_cookies(strict, first.text, START, invitation="nonsense", second_try="1")

    assert FORM in second.text
    assert not Failure.objects.exists()


def test_form_for_who_cannot_sign_in_works_without_cookies(strict, invitation):
    answer = sent_without_cookies(strict, strict.get(FORM).text, FORM, address="dora@mail.example")

    assert answer.status_code == 200
    assert Failure.objects.get().reason == "says_cannot_sign_in"


def test_origin_that_says_nothing_is_no_reason_to_refuse(strict, invitation):
    token = links.token(invitation)
    page = strict.get(f"/welcome/{token}/")
    csrf = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)[1]
    fields = {"csrfmiddlewaretoken": csrf, "invitation": token}

    assert strict.post(START, fields, headers={"Origin": "null"}).status_code == 302
    assert strict.post(START, {"invitation": token}, headers={"Origin": "null"}).status_code == 400
    assert strict.post(START, fields, headers={"Origin": "https://evil.example"}).status_code == 400
