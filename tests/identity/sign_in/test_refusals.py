"""Sign-in under attack and fault: nobody gets in, the person is told what to do, VM or operations know, and the next
good sign-in works at once.

Every row goes through HTTP, from the welcome page of an invitation to the sandbox tenant and back.
"""

from __future__ import annotations

import base64
import time
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import pytest
import requests
from django.conf import settings as django_settings
from django.db import connection

from identity.failures import reasons
from identity.invitations import links
from identity.microsoft import http
from identity.models import EntraAccount, Failure, Invitation, Session, SignInAttempt, User
from identity.sign_in.signing_keys import SigningKeys
from tests.factories import become, create_vendor
from tests.passport_fixture import Passport
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
    become(EntraAccount.objects.filter(user=vendor.user), guest)
    return vendor


def welcome_url(address: str) -> str:
    return links.welcome_url(Invitation.objects.get(address=address))


def sign_in(person: Person, url: str) -> Page:
    person.go(url)
    person.submit("signin")
    return person.authenticate()


def nobody_is_signed_in() -> bool:
    return not Session.objects.filter(user__isnull=False).exists()


def assert_refused(
    person: Person, reason: str, *, audience: str = reasons.VM, outcome: str = SignInAttempt.Outcome.FAILED
) -> Failure:
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
    assert page.link("/help/signing-in/")
    assert "AADSTS" not in page.text
    # Not the latest: the clock of a machine may be set back between two attempts.
    attempts = failure.attempts.all() or SignInAttempt.objects.all()  # a replay is no attempt of its own
    assert [attempt.outcome for attempt in attempts] == [outcome]
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
    "an access token": ("token_invalid", {"header": {"typ": "at+jwt"}}),
    "a logout token": ("token_invalid", {"header": {"typ": "logout+jwt"}}),
    "typ not text": ("token_invalid", {"header": {"typ": ["JWT"]}}),
    "aud twice, the last one ours": (
        "token_invalid",
        {"claims": {"aud": OTHER_GUID}, "twice": {"aud": django_settings.ENTRA_CLIENT_ID}},
    ),
    "aud twice, the same": ("token_invalid", {"twice": {"aud": django_settings.ENTRA_CLIENT_ID}}),
    "oid twice": ("token_invalid", {"twice": {"oid": OTHER_GUID}}),
    "alg twice": ("token_invalid", {"header_twice": {"alg": "RS256"}}),
    "token_type other": ("token_invalid", {"response": {"token_type": "mac"}}),
    "token_type missing": ("token_invalid", {"response": {"token_type": None}}),
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
        "microsoft_misconfigured",
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
    "token endless": ("microsoft_unreachable", "token", {"status": 200, "body": "x" * (http.MAX_BYTES + 1)}),
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
        monkeypatch.setattr(http, "TOTAL_SECONDS", 0.5)
    monkeypatch.setattr(SigningKeys, "UNKNOWN", 0.0)

    started = time.monotonic()
    sign_in(person, welcome_url(CHEN))

    assert time.monotonic() - started < 10
    assert_refused(person, reason, audience=reasons.get(reason).audience)
    assert reasons.get(reason).audience == (reasons.VM if reason == "code_rejected" else OPERATIONS)
    monkeypatch.setattr(http, "TOTAL_SECONDS", 10.0)
    assert_next_one_works(passport, person)


KEYS_OF_NO_USE: dict[str, dict[str, Any]] = {
    "for encryption": {"use": "enc"},
    "short": {"n": base64.urlsafe_b64encode(b"\xc1" * 128).decode()},
    "of another type": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
    "symmetric": {"kty": "oct", "k": "c2VjcmV0"},
    "for another algorithm": {"alg": "RS512"},
    "for another operation": {"key_ops": ["encrypt"]},
    "of another issuer": {"issuer": "https://login.example.com/{tenantid}/v2.0"},
    "without a number": {"n": ""},
    "with a number that is none": {"n": 7},
}


@pytest.mark.parametrize("change", KEYS_OF_NO_USE.values(), ids=KEYS_OF_NO_USE)
def test_keys_of_no_use_are_asked_for_again(passport, monkeypatch, change):
    """Once published, such a key under the signer's own id shuts nobody out for longer than it is."""
    monkeypatch.setattr(SigningKeys, "UNKNOWN", 0.0)
    vendor_with_guest(passport, CHEN)
    published = requests.get(f"{passport.tenant.url}/{passport.tenant.tenant_id}/discovery/v2.0/keys", timeout=10)
    keys = [key | change for key in published.json()["keys"]]
    passport.tenant.fault("keys", status=200, body={"keys": keys})
    person = passport.person(CHEN)

    sign_in(person, welcome_url(CHEN))

    assert_refused(person, "token_signature", audience=OPERATIONS)
    assert_next_one_works(passport, person)


def test_connection_that_breaks_while_keys_are_asked_for(passport):
    """Nothing was lost by asking: they are asked for once more, and the person notices nothing."""
    vendor_with_guest(passport, CHEN)
    passport.tenant.fault("keys", connection="reset")

    assert_next_one_works(passport, passport.person(CHEN))
    assert not Failure.objects.exists()


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
    "an administrator has to approve": (
        "admin_approval_required",
        reasons.VM,
        {"error": "access_denied", "error_description": "AADSTS90094: needs admin", "error_subcode": "cancel"},
    ),
    "Google refuses the browser of an app": ("in_app_browser", reasons.VM, {"error": "disallowed_useragent"}),
    # The browser's word alone makes no case for operations.
    "server_error": ("microsoft_refused", reasons.VM, {"error": "server_error"}),
    "temporarily_unavailable": ("microsoft_refused", reasons.VM, {"error": "temporarily_unavailable"}),
    "unauthorized_client": ("microsoft_refused", reasons.VM, {"error": "unauthorized_client"}),
    "an error that nobody knows": ("microsoft_refused", reasons.VM, {"error": "\x1b[31m<b>new</b>"}),
    "a code that nobody gave": ("code_rejected", reasons.VM, {"parameters": {"code": "made-up"}}),
    "no code": ("callback_incomplete", reasons.VM, {"parameters": {"code": None}}),
    "login_required": ("interaction_needed", reasons.VM, {"error": "login_required"}),
    "interaction_required": ("interaction_needed", reasons.VM, {"error": "interaction_required"}),
    "consent_required": ("interaction_needed", reasons.VM, {"error": "consent_required"}),
    "account_selection_required": ("interaction_needed", reasons.VM, {"error": "account_selection_required"}),
    "iss of another tenant": (
        "issuer_mismatch",
        reasons.VM,
        {"parameters": {"iss": f"https://login.example.com/{OTHER_GUID}/v2.0", "code": "made-up"}},
    ),
    "iss empty": ("issuer_mismatch", reasons.VM, {"parameters": {"iss": "", "code": "made-up"}}),
    "iss of another tenant with an error": (
        "issuer_mismatch",
        reasons.VM,
        {"error": "access_denied", "parameters": {"iss": f"https://login.example.com/{OTHER_GUID}/v2.0"}},
    ),
}


@pytest.mark.parametrize(("reason", "audience", "fault"), ANSWERS.values(), ids=ANSWERS)
def test_answer_through_the_browser(passport, reason, audience, fault):
    vendor_with_guest(passport, CHEN)
    person = passport.person(CHEN)
    passport.tenant.authorize_fault(**fault)

    sign_in(person, welcome_url(CHEN))

    assert_refused(person, reason, audience=audience)
    assert_next_one_works(passport, person)


def test_state_lost(passport):
    """Another browser on the way back: nothing there proves that it began."""
    vendor_with_guest(passport, CHEN)
    person = passport.person(CHEN)
    person.go(welcome_url(CHEN))
    person.submit("signin")
    person.browser.cookies.clear("localhost.local")

    person.authenticate()

    assert_refused(person, "session_lost")
    assert_next_one_works(passport, person)


def test_state_of_too_long_ago_goes_round_once_more(passport):
    """Setting up a second factor takes longer than half an hour: no failure while Microsoft still knows them."""
    vendor_with_guest(passport, CHEN)
    person = caught_on_the_way_back(passport, CHEN)
    [attempt] = SignInAttempt.objects.all()
    attempt.transaction["timestamp"] -= 1801
    attempt.save()

    finish(person)
    assert person.page.path == "/stay-signed-in/", person.page
    assert not Failure.objects.exists()


def caught_on_the_way_back(passport: Passport, address: str, *, person: Catcher | None = None) -> Catcher:
    """Signed in at the tenant; the answer is in `caught` and has not reached Passport."""
    person = person or Catcher(address, passport.tenant)
    sign_in(person, welcome_url(address))
    assert person.caught, person.page
    return person


def finish(person: Catcher) -> Page:
    """Go back to Passport with what was caught, as often as the tenant sends us there."""
    target, person.caught = person.caught, ""
    person.go(target)
    return finish(person) if person.caught else person.page


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?state=made-up&code=made-up",
        "?error=access_denied&error_description=Pay+me&state=made-up",
        "?error=access_denied",
        "?code=made-up&state=" + "x" * 2000,
        "?state=a&state=b&code=c",
        "?state=%00&code=%00",
    ],
)
def test_callback_that_nobody_began(passport, query):
    person = passport.person(CHEN)

    page = person.go(f"{passport.url}/auth/complete/entra/{query}")

    assert page.status == 400
    assert "Pay me" not in page.text
    assert page.link("/sign-in/")
    assert not Failure.objects.exists()
    assert nobody_is_signed_in()


def test_callback_by_post_is_refused(passport):
    answer = requests.post(f"{passport.url}/auth/complete/entra/", data={"code": "a", "state": "b"}, timeout=10)

    assert answer.status_code == 400
    assert not Failure.objects.exists()


def test_replayed_callback_in_the_same_browser_leads_home(passport):
    vendor_with_guest(passport, CHEN)
    person = caught_on_the_way_back(passport, CHEN)
    callback = person.caught
    finish(person)

    person.go(callback)

    assert person.page.path != "/auth/complete/entra/"
    assert person.page.status == 200
    assert Session.objects.filter(user__isnull=False).count() == 1
    assert not Failure.objects.exists()


def test_replayed_callback_in_another_browser(passport):
    vendor_with_guest(passport, CHEN)
    person = caught_on_the_way_back(passport, CHEN)
    callback = person.caught
    finish(person)
    Session.objects.all().delete()

    thief = passport.person(EMIL)
    thief.go(callback)

    assert_refused(thief, "session_lost", outcome=SignInAttempt.Outcome.SUCCEEDED)
    assert_next_one_works(passport, passport.person(CHEN))


def test_callback_sent_twice_at_once(passport):
    """A double click sends the second request with the cookies of the first: they get in, once, and nobody is told."""
    vendor_with_guest(passport, CHEN)
    person = caught_on_the_way_back(passport, CHEN)
    callback, cookies = person.caught, person.browser.cookies.copy()
    finish(person)
    person.browser.cookies = cookies

    person.caught = callback
    finish(person)

    assert person.page.path == "/stay-signed-in/", person.page
    assert not Failure.objects.exists()
    assert len(EntraAccount.objects.all()) == 1


def test_code_of_another_browser(passport):
    """The attacker's code in the victim's callback: neither the one nor the other gets in."""
    vendor_with_guest(passport, CHEN)
    vendor_with_guest(passport, EMIL)
    attacker = caught_on_the_way_back(passport, EMIL)
    victim = caught_on_the_way_back(passport, CHEN)
    injected = with_parameter(victim.caught, "code", parameter(attacker.caught, "code"))

    victim.go(injected)

    assert_refused(victim, "code_rejected")
    assert_next_one_works(passport, passport.person(CHEN))


def test_state_of_another_browser(passport):
    """Login CSRF: the attacker's whole answer, opened in the victim's browser."""
    vendor_with_guest(passport, CHEN)
    vendor_with_guest(passport, EMIL)
    attacker = caught_on_the_way_back(passport, EMIL)
    victim = passport.person(CHEN)
    victim.go(f"{passport.url}/sign-in/")

    victim.go(attacker.caught)

    failure = assert_refused(victim, "session_lost")
    assert failure.address == EMIL, "whose attempt it was: the attacker's own"
    sign_in(victim, welcome_url(CHEN))
    assert victim.page.path == "/stay-signed-in/", victim.page


def test_state_of_another_browser_while_signed_in(passport):
    vendor_with_guest(passport, CHEN)
    vendor_with_guest(passport, EMIL)
    attacker = caught_on_the_way_back(passport, EMIL)
    victim = passport.person(CHEN)
    sign_in(victim, welcome_url(CHEN))
    victim.submit("stay", button=("stay", "no"))

    victim.go(attacker.caught)

    assert CHEN in victim.page.text
    assert not Failure.objects.exists()


def parameter(url: str, name: str) -> str:
    return parse_qs(urlsplit(url).query)[name][0]


def with_parameter(url: str, name: str, value: str) -> str:
    parts = urlsplit(url)
    query = parse_qs(parts.query) | {name: [value]}
    return urlunsplit(parts._replace(query=urlencode(query, doseq=True)))


def test_two_tabs(passport):
    """Begun twice in one browser, finished in the other order."""
    vendor_with_guest(passport, CHEN)
    person = caught_on_the_way_back(passport, CHEN)
    first, person.caught = person.caught, ""
    caught_on_the_way_back(passport, CHEN, person=person)
    second = person.caught
    assert parameter(first, "state") != parameter(second, "state")

    for callback in (second, first):
        person.caught = ""
        person.go(callback)
        assert person.page.path == "/stay-signed-in/", person.page

    assert Session.objects.filter(user__isnull=False).count() == 1
    assert not Failure.objects.exists()


def test_more_tabs_than_cookies(passport):
    """The oldest attempts of a browser are forgotten, so that its cookies do not grow without end."""
    vendor_with_guest(passport, CHEN)
    person = passport.person(CHEN)
    for _tab in range(12):
        person.go(f"{passport.url}/sign-in/")
        person.submit("signin")
    ours = [cookie for cookie in person.browser.cookies if cookie.name.startswith("passport_signin_")]
    assert len(ours) <= 8

    person.authenticate()
    assert person.page.path == "/stay-signed-in/", person.page


# The browser


def test_planted_session_is_not_taken_over(passport):
    """Session fixation: an attacker's own session in the victim's browser is ended, and the victim's has a new key."""
    vendor_with_guest(passport, CHEN)
    vendor_with_guest(passport, EMIL)
    attacker, victim = caught_on_the_way_back(passport, EMIL), caught_on_the_way_back(passport, CHEN)
    finish(attacker)
    planted = attacker.browser.cookies["passport_session"]
    victim.browser.cookies.set("passport_session", planted, domain="localhost.local", path="/")

    finish(victim)

    keys = {cookie.value for cookie in victim.browser.cookies if cookie.name == "passport_session"}
    assert keys.isdisjoint({planted})
    [session] = Session.objects.filter(user__isnull=False)
    assert session.session_key in keys
    assert attacker.go(f"{passport.url}/onboarding/").path == "/sign-in/"


def test_made_up_session_key_is_not_adopted(passport):
    vendor_with_guest(passport, CHEN)
    person = passport.person(CHEN)
    made_up = "a" * 32
    person.browser.cookies.set("passport_session", made_up, domain="localhost.local", path="/")

    sign_in(person, welcome_url(CHEN))

    assert person.page.path == "/stay-signed-in/", person.page
    assert not Session.objects.filter(session_key=made_up).exists()


def test_session_key_changes_at_every_sign_in(passport):
    vendor_with_guest(passport, CHEN)
    person = caught_on_the_way_back(passport, CHEN)
    finish(person)
    before = person.browser.cookies["passport_session"]
    person.browser.cookies.clear("localhost.local", "/", "passport_session")
    sign_in(person, f"{passport.url}/sign-in/")
    person.browser.cookies.set("passport_session", before, domain="localhost.local", path="/")

    finish(person)

    assert not Session.objects.filter(session_key=before).exists()


NASTY = [
    "//evil.example/",
    "///evil.example/",
    "////evil.example",
    "/\\evil.example/",
    "\\\\evil.example",
    "https://evil.example/",
    "https:evil.example",
    "http:///evil.example",
    "javascript:alert(1)",
    "data:text/html,hello",
    "/\t/evil.example/",
    "/\n/evil.example/",
    " //evil.example",
    "evil.example",
    "@evil.example",
    "/%0d%0aLocation:x\r\nSet-Cookie: a=b",
    "/" + "a" * 600,
]


def test_open_redirect(passport):
    vendor_with_guest(passport, CHEN)
    person = passport.person(CHEN)
    for nasty in NASTY:
        page = person.go(f"{passport.url}/sign-in/?{urlencode({'next': nasty})}")
        assert "evil" not in page.html, nasty
        person.submit("signin", next=nasty)
        assert SignInAttempt.objects.latest("started_at").next_url == "", nasty
    person.authenticate()
    for nasty in NASTY:
        person.go(f"{passport.url}/stay-signed-in/?{urlencode({'next': nasty})}")
        person.submit("stay", button=("stay", "no"))
        assert person.page.url == f"{passport.url}/onboarding/", nasty
        assert person.go(f"{passport.url}/sign-in/?{urlencode({'next': nasty})}").origin == passport.url


def test_host_header_decides_nothing(passport, settings):
    """Addresses come from BASE_URL; a foreign Host is refused, and forwarding headers are not believed."""
    forged = requests.get(f"{passport.url}/sign-in/", headers={"Host": "evil.example"}, timeout=10)
    assert forged.status_code == 400

    vendor_with_guest(passport, CHEN)
    person = passport.person(CHEN)
    person.browser.headers.update({"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"})
    other_name = f"http://127.0.0.1:{urlsplit(passport.url).port}"
    settings.CSRF_TRUSTED_ORIGINS = [*settings.CSRF_TRUSTED_ORIGINS, other_name]
    person.go(f"{other_name}/sign-in/")
    person.submit("signin")
    assert person.page.origin in passport.tenant.origins, person.page
    question = next(hop for hop in person.page.hops if "/authorize" in hop.headers["Location"]).headers["Location"]
    assert parameter(question, "redirect_uri") == f"{passport.url}/auth/complete/entra/"


def test_sign_in_begins_by_post_with_a_token_only(passport):
    begin = f"{passport.url}/auth/login/entra/"
    assert requests.get(begin, timeout=10, allow_redirects=False).status_code == 405
    forged = requests.post(begin, data={"next": "/"}, headers={"Origin": "https://evil.example"}, timeout=10)
    assert forged.status_code == 400
    assert not SignInAttempt.objects.exists()


# Who may come in


def test_email_claim_of_another_vendor_does_not_matter(passport):
    victim = vendor_with_guest(passport, CHEN)
    attacker = vendor_with_guest(passport, EMIL)
    EntraAccount.objects.filter(user=attacker.user).update(confirmed_own_at=attacker.user.created_at)
    passport.tenant.tamper(claims={"email": CHEN, "preferred_username": CHEN, "upn": CHEN, "xms_edov": True})

    sign_in(passport.person(EMIL), f"{passport.url}/sign-in/")

    [session] = Session.objects.filter(user__isnull=False)
    assert session.user == attacker.user
    assert not EntraAccount.objects.get(user=victim.user).first_sign_in_at


def test_guest_made_again_for_the_same_address(passport):
    """Another object with the same address is somebody else until VM invites it."""
    vendor = vendor_with_guest(passport, CHEN)
    passport.tenant.delete_guest(CHEN)
    again = passport.tenant.add_guest(CHEN, accepted=True)
    person = passport.person(CHEN)

    sign_in(person, f"{passport.url}/sign-in/")

    failure = assert_refused(person, "not_invited")
    assert (failure.subject, failure.user, failure.claimed_address) == (f"oid:{again['id']}", None, CHEN)
    become(EntraAccount.objects.filter(user=vendor.user), again)
    assert_next_one_works(passport, person)


POLICY: dict[str, tuple[str, str, dict[str, Any]]] = {
    "guest with a staff role": ("staff_role_on_guest", OPERATIONS, {"claims": {"roles": ["VendorManager"]}}),
    "guest who is a member now": ("account_kind_changed", OPERATIONS, {"claims": {"acct": 0}}),
    "acct neither 0 nor 1": ("account_kind_changed", OPERATIONS, {"claims": {"acct": "member"}}),
}


@pytest.mark.parametrize(("reason", "audience", "tampering"), POLICY.values(), ids=POLICY)
def test_guest_who_claims_more(passport, reason, audience, tampering):
    vendor_with_guest(passport, CHEN)
    person = passport.person(CHEN)
    passport.tenant.tamper(**tampering)

    sign_in(person, welcome_url(CHEN))

    assert_refused(person, reason, audience=audience)
    assert not User.objects.filter(is_staff=True).exists()
    assert_next_one_works(passport, person)


STAFF: dict[str, tuple[str, dict[str, Any]]] = {
    "member without a role": ("staff_role_missing", {"remove": ["roles"]}),
    "member with a role that is not ours": ("staff_role_missing", {"claims": {"roles": ["Global Administrator"]}}),
    "roles as text": ("staff_role_missing", {"claims": {"roles": "VendorManager"}}),
    "staff without acct": ("staff_acct_missing", {"remove": ["acct"]}),
    "staff role on an unknown guest": ("staff_role_on_guest", {"claims": {"acct": 1}}),
}


@pytest.mark.parametrize(("reason", "tampering"), STAFF.values(), ids=STAFF)
def test_staff_who_are_none(passport, reason, tampering):
    passport.tenant.tamper(**tampering)

    person = passport.staff()

    assert_refused(person, reason, audience=OPERATIONS)
    assert not User.objects.exists(), "nobody is made of a refused token"
    assert passport.staff().page.path == "/admin/"


def test_mistake_of_our_own_in_the_pipeline(passport):
    """The last step breaks: nothing of the sign-in is kept, and the next one is as if nothing had been."""
    vendor = vendor_with_guest(passport, CHEN)
    person = passport.person(CHEN)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE vendors_vendor ADD CONSTRAINT broken CHECK (state <> 'onboarding') NOT VALID")
    try:
        sign_in(person, welcome_url(CHEN))

        failure = assert_refused(person, "unexpected_error", audience=OPERATIONS)
        assert failure.detail == {"error": "IntegrityError"}
        account = EntraAccount.objects.get(user=vendor.user)
        assert (account.first_sign_in_at, account.last_sign_in_at) == (None, None)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE vendors_vendor DROP CONSTRAINT broken")
    assert_next_one_works(passport, person)
    vendor.refresh_from_db()
    assert vendor.state == VendorState.ONBOARDING
