"""Vendor Management sees where a vendor is signed in, and ends it."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from identity.models import Session, SignInAttempt
from identity.roles import ADMINISTRATOR, AUDITOR, FINANCE, OPERATIONS, VENDOR_MANAGER
from tests.clients import signed_in
from tests.factories import create_staff
from tests.journeys import desk
from tests.passport_fixture import VM, Passport
from tests.person import Person
from vendors.models import Vendor

DORA = "dora@mail.example"


@pytest.fixture
def vendor(passport) -> Vendor:
    return passport.invited(DORA)


def look(passport: Passport, vendor: Vendor) -> Person:
    vera = passport.staff()
    desk.open_vendor(vera, vendor)
    vera.follow(desk.page_of(vendor, "sessions"))
    return vera


def is_in(passport: Passport, person: Person) -> bool:
    return person.go(f"{passport.url}/onboarding/").path == "/onboarding/"


def test_one_of_two_is_ended_and_the_other_goes_on(passport, vendor):
    at_home = passport.signed_in(DORA, stay="yes")
    in_the_library = passport.signed_in(DORA, stay="no")
    vera = look(passport, vendor)
    buttons = [button for button in vera.form("sessions-form").buttons if button.name == "session"]
    assert len(buttons) == 2
    assert "yes, at least until " in vera.page.text
    assert "no, only until the browser is closed or until " in vera.page.text

    [handle] = re.findall(
        r'no, only until the browser is closed.*?name="session" value="(\w+)"', vera.page.html, re.DOTALL
    )
    vera.submit("sessions-form", button=("session", handle))

    assert not is_in(passport, in_the_library)
    assert is_in(passport, at_home)
    event = vendor.events.get(kind="sessions_ended")
    assert (str(event.by), event.data) == (VM, {"sessions": 1})
    desk.open_vendor(vera, vendor)
    assert "Sessions ended" in vera.page.text
    assert "1 session was ended." in vera.page.text


def test_device_that_stays_signed_in_does_not_come_back_by_itself(passport, vendor):
    person = passport.signed_in(DORA, stay="yes")
    vera = look(passport, vendor)
    [button] = [button for button in vera.form("sessions-form").buttons if button.name == "session"]

    vera.submit("sessions-form", button=("session", button.value))

    assert not is_in(passport, person)
    assert not SignInAttempt.objects.filter(prompt="none").exists()


def test_all_are_ended_and_the_vendor_may_come_in_again(passport, vendor):
    people = [passport.signed_in(DORA, stay=stay) for stay in ("yes", "no", "yes")]
    vera = look(passport, vendor)

    vera.submit("sessions-form", button=("all", "1"))

    assert not [button for button in vera.form("sessions-form").buttons if button.name == "session"]
    assert [is_in(passport, person) for person in people] == [False, False, False]
    assert not SignInAttempt.objects.filter(prompt="none").exists()
    assert vendor.events.get(kind="sessions_ended").data == {"sessions": 3}
    passport.signed_in(DORA)


def test_device_whose_session_has_lapsed_is_forgotten_too(passport, vendor):
    person = passport.signed_in(DORA, stay="yes")
    Session.objects.filter(user=vendor.user).delete()
    vera = look(passport, vendor)
    vera.submit("sessions-form", button="all")

    assert not is_in(passport, person)
    assert vendor.events.get(kind="sessions_ended").data == {"sessions": 0}


def test_session_that_has_ended_meanwhile(passport, vendor):
    person = passport.signed_in(DORA)
    vera = look(passport, vendor)
    person.go(f"{passport.url}/sign-out/")
    person.submit("signout")

    vera.submit("sessions-form", button=("session", vera.form("sessions-form").buttons[0].value))

    assert not vendor.events.filter(kind="sessions_ended").exists()


def test_page_shows_no_key_and_ends_nobody_elses(passport, vendor):
    passport.invited("gita@mail.example")
    passport.signed_in(DORA)
    gita = passport.signed_in("gita@mail.example")
    vera = look(passport, vendor)
    keys = list(Session.objects.values_list("session_key", flat=True))
    assert [key for key in keys if key in vera.page.html] == []
    other = look(passport, Vendor.objects.get(primary_email="gita@mail.example"))
    handle = other.form("sessions-form").buttons[0].value

    vera.form("sessions-form").buttons[0].value = handle  # as somebody could who edits the page
    vera.submit("sessions-form", button=("session", handle))

    assert is_in(passport, gita)


def test_looking_costs_the_same_however_many(passport, vendor):
    client = signed_in(create_staff())

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/admin/vendors/vendor/{vendor.pk}/sessions/").status_code == 200
        return len(captured)

    passport.signed_in(DORA)
    before = statements()
    for _browser in range(2):
        passport.signed_in(DORA, stay="yes")

    assert statements() == before


@pytest.mark.parametrize(
    ("role", "may"),
    [(VENDOR_MANAGER, True), (ADMINISTRATOR, True), (OPERATIONS, True), (FINANCE, False), (AUDITOR, False)],
)
def test_who_may(passport, vendor, role, may):
    passport.signed_in(DORA)
    client = signed_in(create_staff(role=role))
    page = f"/admin/vendors/vendor/{vendor.pk}/"

    assert (f"{page}sessions/" in client.get(f"{page}change/").text) == may
    assert client.get(f"{page}sessions/").status_code == (200 if may else 403)
    assert client.post(f"{page}sessions/", {"all": "1"}).status_code == (302 if may else 403)
    assert Session.objects.filter(user=vendor.user).exists() != may
