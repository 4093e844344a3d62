"""A vendor sees where they are signed in and, right after signing in once more, signs other browsers out."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from identity.models import Device, Session, SignInAttempt
from identity.sessions import active_sessions
from tests.clients import signed_in
from tests.factories import create_vendor
from tests.onboarding import changing
from tests.passport_fixture import Passport
from tests.person import Person

DORA = "dora@mail.example"
PAGE = "/profile/sessions/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:142.0) Gecko/20100101 Firefox/142.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1"
)


def enters(passport: Passport, *, stay: str, agent: str) -> Person:
    person = passport.person(DORA)
    person.browser.headers["User-Agent"] = agent
    person.go(f"{passport.url}/sign-in/")
    person.submit("signin")
    person.authenticate()
    person.submit("stay", button=("stay", stay))
    return person


def test_one_is_signed_out_after_a_fresh_sign_in_and_finds_a_word_about_it(passport):
    vendor = passport.invited(DORA)
    phone = enters(passport, stay="yes", agent=SAFARI)
    desk = enters(passport, stay="no", agent=FIREFOX)
    desk.go(f"{passport.url}{PAGE}")
    assert "Firefox on Windows" in desk.page.text
    assert "Safari on iPhone" in desk.page.text
    assert 'name="session"' not in desk.page.html, "an open browser ends nothing"
    began = Session.objects.get(device=None).get_decoded()["began_at"]

    desk.submit("prove")
    assert desk.page.origin in passport.tenant.origins
    desk.authenticate()
    assert desk.page.path == PAGE
    [other] = [button for form in desk.page.forms.values() for button in form.buttons if button.name == "session"]
    desk.submit(
        next(name for name, form in desk.page.forms.items() if other in form.buttons), button=("session", other.value)
    )

    assert "Safari on iPhone" not in desk.page.text
    assert Session.objects.get(user=vendor.user).get_decoded()["began_at"] == began, "proving begins no new one"
    assert vendor.events.get(kind="sessions_ended").by == vendor.user
    phone.go(f"{passport.url}/onboarding/")
    assert (phone.page.path, 'id="ended-elsewhere"' in phone.page.html) == ("/sign-in/", True)
    assert not SignInAttempt.objects.filter(prompt="none").exists(), "its device is ended as well"
    assert Device.objects.filter(ended_at=None).count() == 0
    phone.submit("signin")
    phone.authenticate()
    phone.submit("stay", button=("stay", "no"))
    assert phone.go(f"{passport.url}/onboarding/").path == "/onboarding/"
    assert 'id="ended-elsewhere"' not in desk.go(f"{passport.url}/sign-in/").html


def statements(client: Client) -> int:
    with CaptureQueriesContext(connection) as captured:
        client.get(PAGE)
    return len(captured)


def test_all_others_are_signed_out_and_this_one_stays(db):
    vendor, other = create_vendor(state="approved"), create_vendor(state="approved")
    here, there, elsewhere = signed_in(vendor.user), signed_in(vendor.user), signed_in(other.user)
    account = vendor.user.accounts.get()
    asleep = Device.objects.create(
        id_hash="a", account=account, browser="Edge on Windows", interactive_at=timezone.now()
    )
    Device.objects.create(id_hash="b", account=account, interactive_at=timezone.now() - timedelta(days=91))
    assert "Edge on Windows" in here.get(PAGE).text
    statements_before = statements(here)

    here.post(PAGE, {"others": "yes"})
    assert Session.objects.filter(user=vendor.user).count() == 2, "not without a fresh sign-in"
    changing.prove(here, purpose="email_change")
    here.post(PAGE, {"others": "yes"})
    assert Session.objects.filter(user=vendor.user).count() == 2, "which was for something else"
    changing.prove(here, purpose="sessions", ago=301)
    here.post(PAGE, {"others": "yes"})
    assert Session.objects.filter(user=vendor.user).count() == 2, "which was too long ago"
    changing.prove(here, purpose="sessions")
    own = active_sessions.of(vendor.user, this=here.session.session_key)
    here.post(PAGE, {"session": next(session.handle for session in own if session.is_this)})
    theirs = active_sessions.of(other.user)[0].handle
    here.post(PAGE, {"session": theirs})
    assert Session.objects.exclude(user=None).count() == 3, "neither this one nor somebody else's"
    here.post(PAGE, {"others": "yes"})

    assert statements(here) == statements_before
    assert here.get(PAGE).status_code == elsewhere.get(PAGE).status_code == 200
    assert there.get(PAGE).url.startswith("/sign-in/")
    asleep.refresh_from_db()
    assert asleep.ended_at
    assert 'id="end-others"' not in here.get(PAGE).text
    left = Session.objects.get(user=None)
    assert (left.account, left.device, left.sid) == (None, None, "")
    assert left.get_decoded().keys() == {"ended_elsewhere"}
