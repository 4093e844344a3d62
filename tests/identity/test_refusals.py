"""Sign-in under attack and fault: nobody gets in, the person is told what to do, VM or operations know, and the next
good sign-in works at once.

Every row goes through HTTP, from the welcome page of an invitation to the sandbox tenant and back.
"""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit, urlunsplit

import pytest
import requests
from django.conf import settings as django_settings
from django.db import connection

from identity import invitations, outbound, reasons
from identity.keys import SigningKeys
from identity.models import EntraAccount, Failure, Session, SignInAttempt, User
from identity.strategy import hashed
from tests.factories import create_vendor
from tests.passport_fixture import VM, Passport
from tests.person import Page, Person
from vendors.models import Vendor, VendorState

CHEN, EMIL = "chen@agency.example", "emil@lingua.example"
OTHER_GUID = "11111111-2222-4333-8444-555555555555"
OPERATIONS = reasons.OPERATIONS


class Catcher(Person):
    """Keeps what the tenant answers, instead of going back to Passport with it."""

    caught = ""

    def _next(self, response: requests.Response) -> str:
        target = super()._next(response)
        if "/auth/complete/" in target:
            self.caught, target = target, ""
        return target


def vendor_with_guest(passport: Passport, address: str) -> Vendor:
    """Invited, and accepted in the tenant: the next sign-in is the first one."""
    vendor = create_vendor(state=VendorState.INVITED, primary_email=address)
    guest = passport.tenant.add_guest(address, accepted=True)
    EntraAccount.objects.filter(user=vendor.user).update(oid=guest["id"])
    return vendor


def welcome_url(address: str) -> str:
    return invitations.welcome_url(invitations.Invitation.objects.get(address=address))


def sign_in(person: Person, url: str) -> Page:
    person.go(url)
    person.submit("signin")
    return person.authenticate()


def nobody_is_signed_in() -> bool:
    return not Session.objects.filter(user__isnull=False).exists()


def assert_refused(person: Person, reason: str, *, audience: str = reasons.VM) -> Failure:
    """Not in; a page to act on, with the reference; one failure for the right people."""
    assert nobody_is_signed_in()
    [failure] = Failure.objects.all()
    assert (failure.stage, failure.reason, failure.count) == ("sign_in", reason, 1), failure.detail
    assert reasons.get(reason).audience == audience
    assert failure.mail_due_at is not None
    page = person.page
    assert page is not None
    assert page.path == f"/sign-in/problem/{failure.reference}/", page
    assert failure.reference in page.text
    assert str(reasons.get(reason).person_text) in page.text
    assert "Help with signing in" in page.text
    assert "AADSTS" not in page.text
    assert SignInAttempt.objects.get(failure=failure).outcome == SignInAttempt.Outcome.FAILED
    return failure


def assert_next_one_works(passport: Passport, person: Person) -> None:
    sign_in(person, f"{passport.url}/sign-in/")
    assert person.page.path == "/stay-signed-in/", person.page
    assert Session.objects.filter(user__isnull=False).count() == 1
    assert not Failure.objects.open().filter(user__isnull=False).exists(), "getting in settles it"


# The ID token

TOKENS: dict[str, tuple[str, dict[str, Any]]] = {
    "signature wrong": ("token_signature", {"signature": "bad"}),
    "signature by another key": ("token_signature", {"signature": "other_key"}),
    "signature stripped": ("token_signature", {"algorithm": "none", "header": {"alg": "RS256"}}),
    "alg none": ("token_signature", {"algorithm": "none"}),
    "alg None": ("token_signature", {"algorithm": "none", "header": {"alg": "None"}}),
    "alg HS256 with the client secret": ("token_signature", {"algorithm": "HS256"}),
    "alg RS512": ("token_signature", {"header": {"alg": "RS512"}}),
    "key of its own in the header": (
        "token_signature",
        {"signature": "other_key", "header": {"jku": "http://127.0.0.1:1/keys", "jwk": {"kty": "RSA"}}},
    ),
    "kid missing": ("token_signature", {"remove_header": ["kid"]}),
    "kid unknown": ("token_signature", {"header": {"kid": "unknown"}}),
    "kid not text": ("token_invalid", {"header": {"kid": 7}}),
    "iss of another tenant": ("token_invalid", {"claims": {"iss": f"https://login.example.com/{OTHER_GUID}/v2.0"}}),
    "iss missing": ("token_invalid", {"remove": ["iss"]}),
    "aud other": ("token_invalid", {"claims": {"aud": OTHER_GUID}}),
    "aud missing": ("token_invalid", {"remove": ["aud"]}),
    "aud a list with ours": ("token_invalid", {"claims": {"aud": [django_settings.ENTRA_CLIENT_ID]}}),
    "aud a list with ours and another": (
        "token_invalid",
        {"claims": {"aud": [django_settings.ENTRA_CLIENT_ID, OTHER_GUID], "azp": django_settings.ENTRA_CLIENT_ID}},
    ),
    "azp other": ("token_invalid", {"claims": {"azp": OTHER_GUID}}),
    "exp past": ("token_expired", {"claims": {"exp": {"now": -120}}}),
    "exp missing": ("token_invalid", {"remove": ["exp"]}),
    "exp text": ("token_invalid", {"claims": {"exp": "tomorrow"}}),
    "iat missing": ("token_invalid", {"remove": ["iat"]}),
    "iat old": ("token_expired", {"claims": {"iat": {"now": -1000}}}),
    "iat in the future": ("token_expired", {"claims": {"iat": {"now": 300}}}),
    "iat text": ("token_invalid", {"claims": {"iat": "1700000000"}}),
    "nbf in the future": ("token_expired", {"claims": {"nbf": {"now": 300}}}),
    "nbf missing": ("token_invalid", {"remove": ["nbf"]}),
    "nonce missing": ("token_invalid", {"remove": ["nonce"]}),
    "nonce other": ("nonce_mismatch", {"claims": {"nonce": "another"}}),
    "nonce not text": ("nonce_mismatch", {"claims": {"nonce": ["another"]}}),
    "sub missing": ("token_invalid", {"remove": ["sub"]}),
    "sub empty": ("token_invalid", {"claims": {"sub": ""}}),
    "oid missing": ("token_invalid", {"remove": ["oid"]}),
    "oid empty": ("token_invalid", {"claims": {"oid": ""}}),
    "oid a word": ("token_invalid", {"claims": {"oid": "admin"}}),
    "oid a list": ("token_invalid", {"claims": {"oid": [OTHER_GUID]}}),
    "tid missing": ("token_invalid", {"remove": ["tid"]}),
    "tid other": ("token_invalid", {"claims": {"tid": OTHER_GUID}}),
    "ver missing": ("token_invalid", {"remove": ["ver"]}),
    "ver 1.0": ("token_invalid", {"claims": {"ver": "1.0"}}),
    "no ID token": ("token_invalid", {"id_token": False}),
    "no access token": ("token_invalid", {"response": {"access_token": ""}}),
    "not a token at all": ("token_invalid", {"response": {"id_token": "a.b.c"}}),
}


@pytest.mark.parametrize(("reason", "tampering"), TOKENS.values(), ids=TOKENS)
def test_spoilt_token(passport, reason, tampering):
    vendor_with_guest(passport, CHEN)
    person = passport.person(CHEN)
    passport.tenant.tamper(**tampering)

    sign_in(person, welcome_url(CHEN))

    failure = assert_refused(person, reason, audience=OPERATIONS)
    assert failure.address == CHEN
    assert_next_one_works(passport, person)


def test_token_of_another_sign_in(passport):
    """Signed, fresh and ours, but made for another press of the button."""
    vendor_with_guest(passport, CHEN)
    person = passport.person(CHEN)
    passport.tenant.tamper(response={"id_token": token_for(passport, CHEN)})

    sign_in(person, welcome_url(CHEN))

    assert_refused(person, "nonce_mismatch", audience=OPERATIONS)
    assert_next_one_works(passport, person)


def token_for(passport: Passport, address: str) -> str:
    """An ID token for our client id, got without Passport."""
    somebody = Catcher(address, passport.tenant)
    redirect_uri = f"{passport.url}/auth/complete/entra/"
    question = {
        "client_id": passport.tenant.client_id,
        "response_type": "code",
        "redirect_uri": redirect_uri,
        "scope": "openid profile email",
        "state": "of-nobody",
        "nonce": "of-nobody",
        "login_hint": address,
    }
    somebody.go(f"{passport.tenant.endpoint('authorize')}?{urlencode(question)}")
    somebody.authenticate()
    answer = requests.post(
        passport.tenant.endpoint("token"),
        data={
            "grant_type": "authorization_code",
            "code": parse_qs(urlsplit(somebody.caught).query)["code"][0],
            "redirect_uri": redirect_uri,
            "client_id": passport.tenant.client_id,
            "client_secret": django_settings.ENTRA_CLIENT_SECRET,
        },
        timeout=10,
    )
    return answer.json()["id_token"]


def test_key_rotation_with_a_warm_cache(passport, monkeypatch):
    """The old key is gone from the tenant; the new one is fetched on its first token."""
    monkeypatch.setattr(SigningKeys, "UNKNOWN", 0.0)
    vendor_with_guest(passport, CHEN)
    sign_in(passport.person(CHEN), welcome_url(CHEN))
    Session.objects.all().delete()
    passport.tenant.roll_keys(keep_old=False)

    assert_next_one_works(passport, passport.person(CHEN))
    assert not Failure.objects.exists()


# The tenant's answers behind the scenes

DENIED = {"error": "invalid_grant", "error_description": "AADSTS54005: already redeemed\r\nTrace ID: x"}
WRONG_SECRET = {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret provided."}
HTML = {"body": "<html>Sorry</html>", "content_type": "text/html"}

FAULTS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "token 400": ("code_rejected", "token", {"status": 400, "body": DENIED}),
    "token 401": ("client_secret_wrong", "token", {"status": 401, "body": WRONG_SECRET}),
    "token 401 without a number": (
        "client_secret_wrong",
        "token",
        {"status": 401, "body": {"error": "invalid_client"}},
    ),
    "token 429": ("microsoft_busy", "token", {"status": 429, "headers": {"Retry-After": "60"}}),
    "token 500": ("microsoft_unavailable", "token", {"status": 500, **HTML}),
    "token 503": ("microsoft_unavailable", "token", {"status": 503, "headers": {"Retry-After": "60"}}),
    "token garbage": ("microsoft_bad_answer", "token", {"status": 200, "body": "{"}),
    "token list": ("microsoft_bad_answer", "token", {"status": 200, "body": ["a"]}),
    "token HTML": ("microsoft_bad_answer", "token", {"status": 200, **HTML}),
    "token reset": ("microsoft_unreachable", "token", {"connection": "reset"}),
    "token redirect": (
        "microsoft_bad_answer",
        "token",
        {"status": 307, "headers": {"Location": "http://127.0.0.1:1/"}},
    ),
    "token endless": ("microsoft_unreachable", "token", {"status": 200, "body": "x" * (outbound.MAX_BYTES + 1)}),
    "token slow": ("microsoft_timeout", "token", {"delay": 1.5}),
    "token dribbles": ("microsoft_timeout", "token", {"connection": "dribble"}),
    "keys 500": ("microsoft_unavailable", "keys", {"status": 500}),
    "keys garbage": ("microsoft_bad_answer", "keys", {"status": 200, "body": {"keys": "none"}}),
    "keys empty": ("token_signature", "keys", {"status": 200, "body": {"keys": []}}),
    "keys redirect": ("microsoft_bad_answer", "keys", {"status": 302, "headers": {"Location": "http://127.0.0.1:1/"}}),
    "keys dribble": ("microsoft_timeout", "keys", {"connection": "dribble"}),
}


@pytest.mark.parametrize(("reason", "operation", "fault"), FAULTS.values(), ids=FAULTS)
def test_answer_that_is_no_use(passport, monkeypatch, reason, operation, fault):
    vendor_with_guest(passport, CHEN)
    person = passport.person(CHEN)
    passport.tenant.fault(operation, **fault)
    if reason == "microsoft_timeout":
        monkeypatch.setattr(outbound, "TOTAL_SECONDS", 0.5)

    started = time.monotonic()
    sign_in(person, welcome_url(CHEN))

    assert time.monotonic() - started < 10
    assert_refused(person, reason, audience=reasons.get(reason).audience)
    assert reasons.get(reason).audience == (reasons.VM if reason == "code_rejected" else OPERATIONS)
    monkeypatch.setattr(outbound, "TOTAL_SECONDS", 10.0)
    assert_next_one_works(passport, person)


def test_keys_unreachable_just_after_a_rotation(passport, monkeypatch):
    """One failed look-up must not shut people out until the next refresh."""
    monkeypatch.setattr(SigningKeys, "UNKNOWN", 0.0)
    vendor_with_guest(passport, CHEN)
    sign_in(passport.person(CHEN), welcome_url(CHEN))
    Session.objects.all().delete()
    passport.tenant.roll_keys(keep_old=False)
    passport.tenant.fault("keys", status=503)
    person = passport.person(CHEN)

    sign_in(person, f"{passport.url}/sign-in/")
    assert_refused(person, "microsoft_unavailable", audience=OPERATIONS)
    assert_next_one_works(passport, person)


# The way back

ANSWERS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "cancelled": ("declined", reasons.VM, {"error": "access_denied"}),
    "server_error": ("microsoft_unavailable", OPERATIONS, {"error": "server_error"}),
    "temporarily_unavailable": ("microsoft_unavailable", OPERATIONS, {"error": "temporarily_unavailable"}),
    "unauthorized_client": ("microsoft_misconfigured", OPERATIONS, {"error": "unauthorized_client"}),
    "an error that nobody knows": ("microsoft_refused", reasons.VM, {"error": "\x1b[31m<b>new</b>"}),
    "a code that nobody gave": ("code_rejected", reasons.VM, {"parameters": {"code": "made-up"}}),
    "no code": ("callback_incomplete", reasons.VM, {"parameters": {"code": None}}),
}


@pytest.mark.parametrize(("reason", "audience", "fault"), ANSWERS.values(), ids=ANSWERS)
def test_answer_through_the_browser(passport, reason, audience, fault):
    vendor_with_guest(passport, CHEN)
    person = passport.person(CHEN)
    passport.tenant.authorize_fault(**fault)

    sign_in(person, welcome_url(CHEN))

    assert_refused(person, reason, audience=audience)
    assert_next_one_works(passport, person)
