"""A device cookie belongs to one browser, and only a live one names anybody to Microsoft."""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections.abc import Callable
from urllib.parse import unquote, urlsplit

import pytest
from django.utils import timezone

from identity import accounts
from identity.invitations import lifecycle as invitations
from identity.invitations import links
from identity.models import Device, EntraAccount, Invitation, Session, SignInAttempt
from identity.privacy import retention
from tests.journeys import desk
from tests.passport_fixture import Passport
from tests.person import Person
from tests.waiting import wait_for
from vendors import lifecycle, signing_out
from vendors.models import Vendor

DORA = "dora@mail.example"


@pytest.fixture
def vendor(passport) -> Vendor:
    return passport.invited(DORA)


def device_of(person: Person) -> str:
    return person.browser.cookies["passport_device"]


def with_the_cookie(passport: Passport, value: str) -> Person:
    """Somebody who has a copy of the cookie, in a browser that the tenant does not know."""
    somebody = passport.person("somebody@else.example")
    somebody.browser.cookies.set("passport_device", value, domain="localhost.local", path="/")
    return somebody


def assert_dead(passport: Passport, value: str) -> None:
    somebody = with_the_cookie(passport, value)
    before = SignInAttempt.objects.filter(prompt="none").count()
    assert somebody.go(f"{passport.url}/onboarding/").path == "/sign-in/"
    assert SignInAttempt.objects.filter(prompt="none").count() == before
    [asked] = somebody.submit("signin").asked
    assert "login_hint" not in asked


def sign_out(person: Person) -> None:
    person.go("/sign-out/")
    person.submit("signout")


def say_no(person: Person) -> None:
    person.go("/stay-signed-in/")
    person.submit("stay", button=("stay", "no"))


def say_yes_again(person: Person) -> None:
    person.go("/stay-signed-in/")
    person.submit("stay", button=("stay", "yes"))


def lapse_and_sign_out(person: Person) -> None:
    Session.objects.all().delete()
    person.go("/sign-out/")
    person.submit("signout")
    assert person.page.path == "/sign-in/", person.page


def sign_in_and_leave_the_question(person: Person) -> None:
    Session.objects.all().delete()
    person.go("/sign-in/")
    person.submit("signin")
    person.authenticate()
    assert person.page.path == "/stay-signed-in/", person.page


def test_live_one_suggests_the_address_and_nothing_else_does(passport, vendor):
    value = device_of(passport.signed_in(DORA, stay="yes"))
    somebody = with_the_cookie(passport, value)
    somebody.go(f"{passport.url}/sign-in/")

    [asked] = somebody.submit("signin").asked

    assert asked["login_hint"] == DORA
    assert_dead(passport, value + "x")


@pytest.mark.parametrize("how", [sign_out, say_no, say_yes_again, lapse_and_sign_out, sign_in_and_leave_the_question])
def test_cookie_is_dead_for_whoever_has_a_copy(passport, vendor, how: Callable[[Person], None]):
    person = passport.signed_in(DORA, stay="yes")
    copy = device_of(person)

    how(person)

    assert_dead(passport, copy)
    assert Device.objects.exclude(ended_at=None).count() == 1


@pytest.mark.parametrize("how", ["revoked", "suspended", "ended by Vendor Management", "signed out elsewhere"])
def test_cookie_is_dead_when_it_was_ended_for_them(passport, vendor, how):
    person = passport.signed_in(DORA, stay="yes")
    match how:
        case "revoked":
            accounts.revoke(EntraAccount.objects.get(), why=EntraAccount.Revoked.CUT_OFF)
        case "suspended":
            vendor.refresh_from_db()
            lifecycle.suspend(vendor)
            lifecycle.reinstate(vendor)
        case "ended by Vendor Management":
            signing_out.sign_out(vendor)
        case "signed out elsewhere":
            sid = Session.objects.get().sid
            person.go(f"{passport.url}/auth/front-channel-logout/?sid={sid}")

    assert_dead(passport, device_of(person))


def test_signing_out_in_one_browser_changes_nothing_in_another(passport, vendor):
    at_home, in_the_library = passport.signed_in(DORA, stay="yes"), passport.signed_in(DORA, stay="yes")
    assert device_of(at_home) != device_of(in_the_library)

    sign_out(in_the_library)
    Session.objects.all().delete()

    assert at_home.go("/onboarding/").path == "/onboarding/"
    assert_dead(passport, device_of(passport.signed_in(DORA, stay="yes")) + "x")


def test_ending_one_session_ends_its_own_device_only(passport, vendor):
    at_home = passport.signed_in(DORA, stay="yes")
    since = int(time.time())
    wait_for(lambda: int(time.time()) > since)  # sessions know the second in which they began
    in_the_library = passport.signed_in(DORA, stay="yes")
    vera = passport.staff()
    desk.open_vendor(vera, vendor)
    vera.follow(desk.page_of(vendor, "sessions"))
    newest = vera.form("sessions-form").buttons[0]
    vera.submit("sessions-form", button=("session", newest.value))
    Session.objects.filter(user=vendor.user).delete()

    assert in_the_library.go("/onboarding/").path == "/sign-in/"
    assert at_home.go("/onboarding/").path == "/onboarding/"


def test_only_a_hash_of_it_is_kept(passport, vendor):
    value = device_of(passport.signed_in(DORA, stay="yes"))

    device = Device.objects.get()
    assert device.id_hash == hashlib.sha256(value.encode()).hexdigest()
    assert value not in str(list(Session.objects.values())) + str(Session.objects.get().get_decoded())


def test_device_that_is_ended_while_it_renews_opens_nothing(passport, vendor):
    person = passport.signed_in(DORA, stay="yes")
    Session.objects.all().delete()
    first = person.browser.get(f"{passport.url}/onboarding/", allow_redirects=False)
    back = person.browser.get(first.headers["Location"], allow_redirects=False)
    Device.objects.update(ended_at=timezone.now())

    person.go(back.headers["Location"])

    assert person.page.path == "/sign-in/", person.page
    assert not Session.objects.exists()
    assert SignInAttempt.objects.get(prompt="none").outcome == "no_session"


def test_ended_and_old_ones_are_not_kept(passport, vendor):
    for _browser in range(3):
        passport.signed_in(DORA, stay="yes")
    ended, old, live = Device.objects.order_by("pk")
    Device.objects.filter(pk=ended.pk).update(ended_at=timezone.now())
    Device.objects.filter(pk=old.pk).update(interactive_at=timezone.now() - dt.timedelta(days=91))

    assert retention.purge(dry_run=True)["ended_devices"] == 2
    assert retention.purge()["ended_devices"] == 2
    assert Device.objects.get() == live


@pytest.mark.parametrize(("stay", "hint"), [("yes", DORA), ("no", None)])
def test_proving_once_more_suggests_the_address_of_a_live_device_only(passport, vendor, stay, hint):
    person = passport.signed_in(DORA, stay=stay)
    person.go("/profile/email-change/")

    [asked] = person.submit("prove").asked

    assert asked["prompt"] == "login"
    assert asked.get("login_hint") == hint


# Invitations


def accept(passport: Passport, vendor: Vendor) -> None:
    passport.signed_in(DORA)


def send_again(passport: Passport, vendor: Vendor) -> None:
    lifecycle.resend_invitation(vendor)
    passport.work()


def withdraw(passport: Passport, vendor: Vendor) -> None:
    lifecycle.withdraw_invitation(vendor)


def refuse(passport: Passport, vendor: Vendor) -> None:
    Invitation.objects.update(state=Invitation.State.REFUSED, closed_at=timezone.now())


def asked_from(passport: Passport, token: str) -> dict[str, str]:
    """What the tenant is asked when the button is pressed on the page of this invitation, even on an old copy of it."""
    person = passport.person(DORA)
    person.go(f"{passport.url}/sign-in/")
    [asked] = person.submit("signin", invitation=token).asked
    return asked


def test_open_invitation_suggests_its_address(passport, vendor):
    assert asked_from(passport, links.token(Invitation.objects.get()))["login_hint"] == DORA


@pytest.mark.parametrize("close", [accept, send_again, withdraw, refuse])
def test_closed_invitation_suggests_nothing(passport, vendor, close):
    token = links.token(Invitation.objects.get())
    vendor.refresh_from_db()

    close(passport, vendor)

    assert "login_hint" not in asked_from(passport, token)


def test_invitation_that_is_closed_on_the_way_suggests_nothing_in_the_second_round(passport, vendor):
    token = links.token(Invitation.objects.get())
    person = passport.person(DORA)
    person.go(f"{passport.url}/welcome/{token}/")
    person.submit("signin")
    [attempt] = SignInAttempt.objects.all()
    attempt.transaction["timestamp"] -= 1801
    attempt.save()
    invitations.withdraw(Invitation.objects.get(), by=None)

    person.authenticate()

    assert [("login_hint" in asked) for asked in person.page.asked] == [False], person.page


def test_superseded_invitation_still_leads_in(passport, vendor):
    token = links.token(Invitation.objects.get())
    send_again(passport, vendor)
    person = passport.person(DORA)
    person.go(f"{passport.url}/welcome/{token}/")
    person.submit("signin")
    person.authenticate()

    assert person.page.path == "/stay-signed-in/", person.page


# Addresses in addresses


class Diary(Person):
    """Notes every address of a page that the browser asks for."""

    def new_browser(self) -> None:
        super().new_browser()
        self.urls: list[str] = []
        self.browser.hooks["response"].append(lambda response, **_details: self.urls.append(response.url))


def test_our_own_urls_hold_no_address(passport, vendor):
    dora = Diary(DORA, passport.tenant)
    dora.accept_invitation()
    dora.submit("signin")
    dora.authenticate()
    dora.submit("stay", button=("stay", "yes"))
    Session.objects.all().delete()
    dora.go("/onboarding/")
    assert dora.page.path == "/onboarding/"
    Session.objects.all().delete()
    dora.go("/sign-in/")
    dora.submit("signin")
    dora.authenticate()
    dora.go("/onboarding/")
    sign_out(dora)
    accounts.revoke(EntraAccount.objects.get(), why=EntraAccount.Revoked.CUT_OFF)
    dora.submit("signin")
    dora.authenticate()
    assert dora.page.path.startswith("/sign-in/problem/"), dora.page

    ours = [unquote(url) for url in dora.urls if urlsplit(url).netloc == urlsplit(passport.url).netloc]
    assert len(ours) > 10
    assert [url for url in ours if "@" in url or "dora" in url] == []
