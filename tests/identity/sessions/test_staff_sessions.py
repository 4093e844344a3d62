"""How long staff stay signed in, and what happens to a form that was open when it was over."""

from __future__ import annotations

import datetime as dt
import time

import pytest
from django.utils import timezone

from identity.models import Failure, Session
from identity.sessions import store
from tests.factories import create_failure
from tests.journeys import desk
from tests.passport_fixture import Passport
from tests.person import Person
from vendors.models import EmailChange, Vendor

DORA = "dora@mail.example"
FINN = "finn.finance@sandberg.example"


def minutes_left() -> float:
    return (Session.objects.get().expire_date - timezone.now()).total_seconds() / 60


def let_pass(**delta: float) -> None:
    """As if the last visit had been that much longer ago."""
    data = store.SessionStore(Session.objects.get().session_key)
    for name in ("ends_at", "touched_at"):
        data[name] -= int(dt.timedelta(**delta).total_seconds())
    idle_until = data["touched_at"] + data["idle"]
    data.save()
    until = dt.datetime.fromtimestamp(min(idle_until, data["ends_at"]), dt.UTC)
    Session.objects.update(expire_date=until)


# How long


def test_staff_are_signed_out_after_an_idle_hour(passport):
    vera = passport.staff()
    assert 59.8 < minutes_left() <= 60
    assert vera.browser.cookies["passport_session"]

    let_pass(minutes=58)
    assert vera.go("/admin/").path == "/admin/"
    assert 59.8 < minutes_left() <= 60, "a visit pushes it"

    let_pass(minutes=60, seconds=1)
    assert vera.go("/admin/").path == "/sign-in/"


def test_staff_are_signed_out_after_eight_hours_however_busy(passport):
    vera = passport.staff()
    for _quarter in range(32):
        let_pass(minutes=14.9)
        assert vera.go("/admin/vendors/vendor/").path == "/admin/vendors/vendor/"
    assert minutes_left() < 4
    let_pass(minutes=4)

    assert vera.go("/admin/").path == "/sign-in/"


def test_not_every_page_of_the_admin_writes(passport):
    vera = passport.staff()
    before = Session.objects.get().session_data

    vera.go("/admin/vendors/vendor/")

    assert Session.objects.get().session_data == before


@pytest.mark.parametrize("stay", ["no", "yes"])
def test_vendors_may_be_away_for_longer(passport, stay):
    passport.invited(DORA)
    passport.signed_in(DORA, stay=stay)

    assert minutes_left() > 7.9 * 60
    assert time.time() - Session.objects.get().get_decoded().get("touched_at", time.time()) < 60


# A form that was open


@pytest.fixture
def vendor(passport) -> Vendor:
    return passport.invited(DORA)


def in_another_tab(person: Person, passport: Passport, address: str) -> Person:
    """The same browser; the tenant knows who was signed in, unless it is somebody else."""
    tab = passport.person(address)
    tab.browser = person.browser
    return tab


def sign_in_again(tab: Person, waiting: Person) -> None:
    [sign_in_url] = [href for href, _text in waiting.page.links if "typed=waiting" in href]
    tab.go(sign_in_url)
    tab.submit("signin")
    tab.authenticate()


def test_form_of_the_admin_is_handed_back_and_sent_after_signing_in(passport, vendor):
    vera = passport.staff()
    desk.open_vendor(vera, vendor)
    vera.follow(desk.page_of(vendor, "change-email"))
    Session.objects.all().delete()

    vera.submit(new="dora.new@mail.example", reason='said so on the "telephone" <today>')
    assert vera.page.heading_id == "signed-out"
    assert vera.page.status == 400
    assert "no-store" in vera.page.response.headers["Cache-Control"]
    vera.submit("typed")
    assert vera.page.heading_id == "signed-out", "not signed in yet"
    tab = in_another_tab(vera, passport, vera.address)
    sign_in_again(tab, vera)
    assert tab.page.path == "/admin/"
    assert "still in the other tab" in tab.page.text
    vera.submit("typed")
    assert vera.page.heading_id == "not-saved"
    vera.submit("typed")

    assert "consequences" in vera.page.ids, vera.page
    vera.submit(button="_confirm")
    change = EmailChange.objects.get()
    assert (change.new, change.reason) == ("dora.new@mail.example", 'said so on the "telephone" <today>')


def test_button_that_was_pressed_comes_along(passport, vendor):
    """A case's note and its button "Save"; the form has its own page, and the admin's own forms work the same."""
    failure = create_failure(user=vendor.user)
    vera = passport.staff()
    vera.go(f"/admin/identity/failure/{failure.pk}/work/")
    Session.objects.all().delete()
    vera.submit("work", notes="called, no answer")
    tab = in_another_tab(vera, passport, vera.address)
    sign_in_again(tab, vera)
    vera.submit("typed")
    vera.submit("typed")

    assert Failure.objects.get().notes == "called, no answer"


def test_colleague_who_signs_in_there_does_not_get_it(passport, vendor):
    vera = passport.staff()
    desk.open_vendor(vera, vendor)
    vera.follow(desk.page_of(vendor, "change-email"))
    Session.objects.all().delete()
    vera.submit(new="dora.new@mail.example", reason="said so on the telephone")
    passport.tenant.end_sessions()
    tab = in_another_tab(vera, passport, "olga.ops@sandberg.example")
    sign_in_again(tab, vera)
    assert tab.page.path == "/admin/", tab.page

    vera.submit("typed")

    assert vera.page.heading_id == "typed-by-another"
    assert "telephone" not in vera.page.html
    assert not EmailChange.objects.exists()


def test_page_left_open_by_a_colleague_is_not_sent_as_somebody_elses(passport, vendor):
    """Vera signs out in one tab, Olga signs in, and presses the button of the page that Vera left."""
    vera = passport.staff()
    desk.open_vendor(vera, vendor)
    vera.follow(desk.page_of(vendor, "change-email"))
    tab = in_another_tab(vera, passport, vera.address)
    tab.go(f"{passport.url}/sign-out/")
    tab.submit("signout")
    olga = in_another_tab(vera, passport, "olga.ops@sandberg.example")
    olga.go(f"{passport.url}/admin/")
    olga.submit("signin")
    olga.authenticate()
    assert olga.page.path == "/admin/", olga.page

    vera.submit(new="dora.new@mail.example", reason="said so on the telephone")

    assert vera.page.heading_id == "typed-by-another"
    assert not EmailChange.objects.exists()


def test_mere_button_leads_to_the_sign_in(passport, vendor):
    vera = passport.staff()
    desk.open_vendor(vera, vendor)
    vera.follow(desk.page_of(vendor, "withdraw-invitation"))
    Session.objects.all().delete()

    vera.submit()

    assert vera.page.path == "/sign-in/"
    vendor.refresh_from_db()
    assert vendor.state == "invited"


def test_form_of_another_site_is_not_handed_back(passport, vendor):
    vera = passport.staff()
    answer = vera.browser.post(
        f"{passport.url}/admin/vendors/vendor/{vendor.pk}/change-email/",
        {"new": "evil@mail.example", "csrfmiddlewaretoken": "A" * 64},
        headers={"Origin": "https://elsewhere.example"},
    )

    assert answer.status_code == 400
    assert "open for too long" in answer.text
    assert "evil@mail.example" not in answer.text
