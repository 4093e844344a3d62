"""How long each kind of session may last, what the device cookie is good for, and what the tenant is asked."""

from __future__ import annotations

import datetime as dt
import time

import pytest
import requests
from django.utils import timezone

from identity.models import Device, EntraAccount, Failure, Session, SignInAttempt, User
from identity.sessions.store import INTERACTIVE_AT, SessionStore
from tests.passport_fixture import Passport
from tests.person import Person

DORA = "dora@mail.example"


@pytest.fixture
def invited(passport) -> Passport:
    passport.invited(DORA)
    return passport


def hours_left() -> float:
    return (Session.objects.get().expire_date - timezone.now()).total_seconds() / 3600


def cookie(person: Person, name: str):
    return next((each for each in person.browser.cookies if each.name == name), None)


def sign_in_page(passport: Passport, person: Person, **button: str) -> dict[str, str]:
    person.go(f"{passport.url}/sign-in/")
    person.submit("signin", **button)
    [parameters] = person.page.asked
    return parameters


# How long


def test_no_lasts_eight_hours_at_most(invited):
    person = invited.signed_in(DORA, stay="no")

    assert 7.9 < hours_left() <= 8
    assert cookie(person, "passport_session").expires is None
    assert cookie(person, "passport_device") is None


def test_question_left_unanswered_means_no(invited):
    person = invited.person(DORA)
    person.go(f"{invited.url}/sign-in/")
    person.submit("signin")
    person.authenticate()
    assert person.page.path == "/stay-signed-in/"

    assert person.go(f"{invited.url}/onboarding/").path == "/onboarding/", "it does not gate"
    assert 7.9 < hours_left() <= 8
    assert cookie(person, "passport_device") is None


def test_yes_lasts_thirty_idle_days(invited):
    person = invited.signed_in(DORA, stay="yes")

    assert 29.9 * 24 < hours_left() <= 30 * 24
    assert 89 * 86400 < cookie(person, "passport_device").expires - time.time() <= 90 * 86400


def test_visit_pushes_the_idle_limit_but_not_the_ninety_days(invited):
    person = invited.signed_in(DORA, stay="yes")
    store = SessionStore(Session.objects.get().session_key)
    seventy = 70 * 86400
    store.update({"touched_at": store["touched_at"] - seventy, "ends_at": store["ends_at"] - seventy})
    store.save()
    Session.objects.update(expire_date=timezone.now() + dt.timedelta(days=1))

    person.go(f"{invited.url}/onboarding/")

    assert 19.9 * 24 < hours_left() <= 20 * 24, "70 of the 90 days are over"


def test_session_whose_time_is_up_opens_nothing(invited):
    person = invited.signed_in(DORA, stay="no")
    Session.objects.update(expire_date=timezone.now() - dt.timedelta(seconds=1))

    assert person.go(f"{invited.url}/onboarding/").path == "/sign-in/"


def test_staff_have_an_idle_hour_and_no_device(passport):
    person = passport.staff()

    assert 0.9 < hours_left() <= 1
    assert cookie(person, "passport_session").expires is None
    assert person.go(f"{passport.url}/stay-signed-in/").path == "/admin/", "there is no such question for staff"
    assert cookie(person, "passport_device") is None


# The device cookie


def test_no_and_sign_out_clear_the_device_cookie(invited):
    person = invited.signed_in(DORA, stay="yes")
    assert cookie(person, "passport_device")
    person.go(f"{invited.url}/stay-signed-in/")
    person.submit("stay", button=("stay", "no"))
    assert cookie(person, "passport_device") is None

    person = invited.signed_in(DORA, stay="yes")
    person.go(f"{invited.url}/sign-out/")
    person.submit("signout")
    assert cookie(person, "passport_device") is None


def test_silent_renewal_keeps_to_the_ninety_days(invited):
    person = invited.signed_in(DORA, stay="yes")
    Session.objects.all().delete()
    person.go(f"{invited.url}/onboarding/")
    renewed = SessionStore(Session.objects.get().session_key)

    assert person.page.path == "/onboarding/"
    assert renewed[INTERACTIVE_AT] <= time.time()
    assert renewed["ends_at"] == renewed[INTERACTIVE_AT] + 90 * 86400


def test_device_cookie_of_more_than_ninety_days_ago_is_nothing(invited):
    person = invited.signed_in(DORA, stay="yes")
    Device.objects.update(interactive_at=timezone.now() - dt.timedelta(days=90, seconds=1))
    Session.objects.all().delete()

    assert person.go(f"{invited.url}/onboarding/").path == "/sign-in/"
    assert not SignInAttempt.objects.filter(prompt="none").exists()


@pytest.mark.parametrize("changed", ["", "garbage", "eyJkZXZpY2UiOiJ4In0:1:x"])
def test_forged_device_cookie_is_nothing(invited, changed):
    person = invited.signed_in(DORA, stay="yes")
    device = cookie(person, "passport_device")
    Session.objects.all().delete()
    person.browser.cookies.set("passport_device", changed or device.value[:-2], domain=device.domain, path="/")

    assert person.go(f"{invited.url}/onboarding/").path == "/sign-in/"
    assert not SignInAttempt.objects.filter(prompt="none").exists()


def test_only_looking_at_a_page_for_vendors_renews(invited):
    """What was sent by a form would be lost on the way round, and the admin is not for vendors."""
    person = invited.signed_in(DORA, stay="yes")
    token = person.browser.cookies["passport_csrf"]
    Session.objects.all().delete()

    answer = person.browser.post(
        f"{invited.url}/profile/email-change/",
        {"csrfmiddlewaretoken": token},
        headers={"Referer": invited.url},
        allow_redirects=False,
    )
    assert answer.headers["Location"].startswith("/sign-in/")
    assert person.go(f"{invited.url}/admin/").path == "/sign-in/"
    assert person.go(f"{invited.url}/sign-in/").path == "/sign-in/"
    assert person.go(f"{invited.url}/help/signing-in/").path == "/help/signing-in/"
    assert not SignInAttempt.objects.filter(prompt="none").exists()


@pytest.mark.parametrize("error", ["login_required", "interaction_required", "consent_required"])
def test_silent_try_that_the_tenant_turns_down_is_no_failure(invited, error):
    person = invited.signed_in(DORA, stay="yes")
    Session.objects.all().delete()
    invited.tenant.authorize_fault(error=error, before=True)

    person.go(f"{invited.url}/onboarding/")

    assert person.page.path == "/sign-in/", person.page
    assert person.page.query == {"next": "/onboarding/"}
    assert SignInAttempt.objects.get(prompt="none").outcome == "no_session"
    assert not Failure.objects.exists()


def test_silent_renewal_as_somebody_else_is_refused(invited):
    """Chen has signed in at the tenant in Dora's browser meanwhile."""
    invited.invited("chen@agency.example")
    person = invited.signed_in(DORA, stay="yes")
    oid = EntraAccount.objects.get(address="chen@agency.example").oid
    Session.objects.all().delete()
    invited.tenant.tamper(claims={"oid": str(oid), "sub": "chens"})

    person.go(f"{invited.url}/onboarding/")

    assert person.page.path.startswith("/sign-in/problem/"), person.page
    assert Failure.objects.get().reason == "different_account"
    assert not Session.objects.exists()


# What the tenant is asked


def test_tenant_is_asked_for_a_code_with_everything_that_binds_it(invited):
    parameters = sign_in_page(invited, invited.person(DORA))

    assert set(parameters["scope"].split()) == {"openid", "profile", "email"}, "no offline_access"
    assert parameters["response_type"] == "code"
    assert parameters["code_challenge_method"] == "S256"
    assert {"state", "nonce", "code_challenge"} <= parameters.keys()
    assert parameters["redirect_uri"] == f"{invited.url}/auth/complete/entra/"
    assert not {"prompt", "max_age"} & parameters.keys()


def test_use_another_account_asks_for_the_choice_and_suggests_nobody(invited):
    invited.signed_in(DORA, stay="yes")
    person = invited.person(DORA)
    parameters = sign_in_page(invited, person, button="account")

    assert parameters["prompt"] == "select_account"
    assert "login_hint" not in parameters


def test_session_of_before_the_sign_in_holds_nothing(invited):
    person = invited.person(DORA)
    sign_in_page(invited, person)

    assert not Session.objects.exists()
    assert cookie(person, "passport_session") is None


# Who comes in


def test_person_who_is_switched_off_is_told_whom_to_ask(invited):
    User.objects.filter(accounts__guest=True).update(is_active=False)
    person = invited.person(DORA)
    person.go(f"{invited.url}/sign-in/")
    person.submit("signin")
    person.authenticate()

    assert person.page.path.startswith("/sign-in/problem/"), person.page
    assert Failure.objects.get().reason == "user_inactive"
    assert not Session.objects.exists()


# Signed out elsewhere


@pytest.mark.parametrize(
    ("query", "ends"),
    [
        ("sid={sid}", True),
        ("sid={sid}&iss={issuer}", True),
        ("sid={sid}&iss=https://evil.example/v2.0", False),
        ("sid=", False),
        ("", False),
    ],
)
def test_front_channel_logout_wants_the_sid_and_no_foreign_issuer(invited, query, ends):
    invited.signed_in(DORA)
    sid = Session.objects.get().sid
    url = f"{invited.url}/auth/front-channel-logout/?{query.format(sid=sid, issuer=invited.tenant.issuer)}"

    answer = requests.get(url, timeout=10)

    assert answer.status_code == 200
    assert "X-Frame-Options" not in answer.headers, "Entra loads it in a frame"
    assert Session.objects.exists() != ends


def test_signing_out_at_microsoft_ends_the_session_here(invited):
    person = invited.signed_in(DORA)

    person.go(f"{invited.tenant.endpoint('logout')}?post_logout_redirect_uri={invited.url}/sign-in/")

    assert person.go(f"{invited.url}/onboarding/").path == "/sign-in/"
    assert not Session.objects.exists()


# The mails' links


def test_unreadable_link_is_the_plain_sign_in_screen(invited):
    person = invited.person(DORA)
    person.go(f"{invited.url}/welcome/no-such-token/")

    assert person.page.status == 200
    assert list(person.page.forms) == ["signin"]
    assert "invitation" not in {field.name for field in person.form("signin").fields if field.value}
    person.submit("signin")
    person.authenticate()
    assert person.page.path == "/stay-signed-in/"
