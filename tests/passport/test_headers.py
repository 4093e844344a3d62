"""Headers of pages, and whom to tell of a security hole."""

import datetime as dt
import re

import pytest
from django.core.checks import run_checks
from django.utils import timezone

from tests.clients import signed_in
from tests.factories import create_staff, create_vendor
from vendors.models import VendorState

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/help/signing-in/", "/nowhere/", "/onboarding/", "/profile/", "/admin/nowhere/"])
@pytest.mark.parametrize("who", ["vendor", "staff"])
def test_page_that_names_somebody_is_kept_by_no_cache(who, path):
    user = create_staff() if who == "staff" else create_vendor(state=VendorState.APPROVED).user

    response = signed_in(user).get(path)

    assert {"no-store", "private"} <= set(response["Cache-Control"].split(", "))


def test_static_files_are_cached_as_before(client):
    response = client.get("/static/passport/passport.css")

    assert response.status_code == 200
    assert "no-store" not in response["Cache-Control"]


@pytest.mark.parametrize("path", ["/", "/sign-in/", "/nowhere/", "/static/passport/passport.css", "/sign-in/%00/"])
def test_every_answer_says_what_pages_may_use_and_who_may_embed_it(client, path):
    response = client.get(path)

    assert "camera=()" in response["Permissions-Policy"]
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"


def test_sign_out_clears_what_the_browser_keeps():
    client = signed_in(create_vendor(state=VendorState.APPROVED).user)

    assert "Clear-Site-Data" not in client.get("/sign-out/")
    assert client.post("/sign-out/")["Clear-Site-Data"] == '"cache", "storage"'


@pytest.mark.parametrize(
    ("contact", "uri"),
    [
        ("security@sandberg.example", "mailto:security@sandberg.example"),
        ("https://sandberg.example/security", "https://sandberg.example/security"),
    ],
)
def test_whom_to_tell_of_a_security_hole(client, settings, contact, uri):
    settings.SECURITY_CONTACT = contact

    response = client.get("/.well-known/security.txt")

    assert response["Content-Type"] == "text/plain; charset=utf-8"
    fields = dict(re.findall(r"^(.*?): (.*)$", response.text, re.MULTILINE))
    assert fields["Contact"] == uri
    assert fields["Canonical"] == "http://127.0.0.1:8000/.well-known/security.txt"
    left = dt.datetime.fromisoformat(fields["Expires"]) - timezone.now()
    assert dt.timedelta(days=30) < left < dt.timedelta(days=365)


def test_without_a_contact_there_is_no_such_page(client):
    assert client.get("/.well-known/security.txt").status_code == 404


@pytest.mark.parametrize(
    ("contact", "is_wrong"), [("nobody", True), ("http://a.example", True), ("a@b.example", False)]
)
def test_check_finds_a_contact_that_is_none(settings, contact, is_wrong):
    settings.SECURITY_CONTACT = contact

    assert ("passport.E011" in {message.id for message in run_checks()}) == is_wrong
