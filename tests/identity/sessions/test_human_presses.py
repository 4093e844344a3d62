"""Scanners of mail open links and press what they find: of that alone nobody is told."""

from __future__ import annotations

import datetime as dt
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from identity.failures import silence
from identity.invitations import lifecycle as invitations
from identity.invitations import links
from identity.models import EmergencyLink, Failure, Invitation, SignInAttempt
from identity.sign_in import emergency
from tests.factories import create_email_change, create_vendor
from tests.person import Person
from vendors.diagnosis import explanation
from vendors.diagnosis.advice import recommend
from vendors.email_change import disputes
from vendors.models import EmailChange, PaymentDispute, Vendor
from vendors.payment import disputes as payment_disputes

DORA = "dora@mail.example"
BY_SCRIPT = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
BY_PERSON = {**BY_SCRIPT, "Sec-Fetch-User": "?1"}
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
SAFARI, CHROME_THERE = f"{IPHONE} Version/18.5 Mobile/15E148 Safari/604.1", f"{IPHONE} CriOS/138.0 Mobile/15E148"
HEADLESS = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/138.0 Safari/537.36"
START = "/auth/login/entra/"

# Every view that somebody who is not signed in may send a form to, and where no email leads to.
NOT_FROM_EMAILS = {
    "identity:prove": "goes on for whoever is signed in",
    "identity:sign-out": "asks whoever is signed in",
    "identity:stay-signed-in": "asks whoever has just signed in",
    "identity:sign-in-problem": "takes an address that somebody types",
}
FROM_EMAILS = {
    "identity:start",
    "identity:welcome",
    "identity:cannot-sign-in",
    "identity:emergency",
    "vendors:not-me",
    "vendors:payment-not-me",
}


@pytest.fixture
def vendor(db) -> Vendor:
    return create_vendor(state="invited", primary_email=DORA)


@pytest.fixture
def invitation(vendor) -> Invitation:
    return Invitation.objects.get(user=vendor.user)


def press(url: str, *, headers: dict[str, str] = BY_SCRIPT, client: Client | None = None, **fields: str):
    return (client or Client()).post(url, fields, headers=headers)


def silence_falls(settings) -> None:
    SignInAttempt.objects.update(started_at=timezone.now() - settings.SIGN_IN_SILENCE * 2)
    silence.settle()


def public_posts(patterns=None, namespace: str = "", below: str = "/") -> set[str]:
    """Names of the views that answer a POST of somebody who is not signed in with anything but a refusal."""
    found: set[str] = set()
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver) and pattern.namespace != "admin":
            found |= public_posts(pattern.url_patterns, pattern.namespace or namespace, below + str(pattern.pattern))
        elif isinstance(pattern, URLPattern) and not getattr(pattern.callback, "login_required", True):
            path = below + "".join(["x" if part.startswith("<") else part for part in split(str(pattern.pattern))])
            if Client().post(path).status_code != 405:
                found.add(f"{namespace}:{pattern.name}" if namespace else str(pattern.name))
    return found


def split(route: str) -> list[str]:
    return route.replace("<", "\0<").replace(">", ">\0").split("\0")


def test_every_button_that_needs_no_sign_in_is_known_here(db):
    assert public_posts() <= FROM_EMAILS | NOT_FROM_EMAILS.keys()


def test_no_press_of_a_script_raises_anything(vendor, invitation, settings):
    """Each of the buttons behind a link in an email, as often as a scanner likes."""
    change = create_email_change(vendor=vendor, old=DORA, new="gita@mail.example")
    payment_link = payment_disputes.link(vendor, about="profile:1")
    emergency_link = emergency.make_link("olga.ops@sandberg.example", role="Operations", reason="down")
    token = links.token(invitation)
    pressed = {
        "identity:start": (START, {"invitation": token}),
        "identity:welcome": (f"/welcome/{token}/", {}),
        "identity:emergency": (emergency_link, {}),
        "vendors:not-me": (disputes.link(change), {"sure": "yes"}),
        "vendors:payment-not-me": (payment_link, {"sure": "yes"}),
    }
    assert pressed.keys() == FROM_EMAILS - {"identity:cannot-sign-in"}, "that one takes what somebody types"
    for browser in ({}, {"User-Agent": HEADLESS}, {"User-Agent": SAFARI, "Sec-CH-UA": '"Chromium";v="138"'}):
        for url, fields in pressed.values():
            press(urlsplit(url).path, headers={**BY_SCRIPT, **browser}, **fields)
    silence_falls(settings)

    assert not Failure.objects.exists()
    assert not EmailChange.objects.filter(disputed_at__isnull=False).exists()
    assert not PaymentDispute.objects.exists()
    assert not EmergencyLink.objects.filter(used_at__isnull=False).exists()
    assert [attempt.by_program for attempt in SignInAttempt.objects.all()] == [True, True, True]


@pytest.mark.parametrize("headers", [{}, BY_PERSON, {**BY_SCRIPT, "User-Agent": SAFARI}], ids=["old", "new", "Safari"])
def test_silence_after_a_persons_press_is_told(vendor, invitation, settings, headers):
    press(START, headers=headers, invitation=links.token(invitation))
    silence_falls(settings)

    assert Failure.objects.get().reason == "did_not_come_back"


def test_iphones_never_say_that_a_person_pressed(vendor):
    """WebKit sends every header of the kind but Sec-Fetch-User, in each browser of an iPhone."""
    for count, agent in enumerate((SAFARI, CHROME_THERE), start=1):
        change = create_email_change(vendor=vendor, old=DORA, new=f"new-{count}@mail.example", state="confirmed")
        link = urlsplit(disputes.link(change)).path
        press(link, headers={**BY_SCRIPT, "User-Agent": agent, "Sec-Fetch-Mode": "cors"}, sure="yes")
        assert not EmailChange.objects.get(pk=change.pk).disputed_at, "a script asked"
        press(link, headers={**BY_SCRIPT, "User-Agent": agent}, sure="yes")
        assert EmailChange.objects.get(pk=change.pk).disputed_at
        Failure.objects.update(state=Failure.State.RESOLVED, resolved_at=timezone.now())


def test_what_a_program_began_is_a_case_once_a_person_comes_back_from_it(invitation):
    for headers, cases in [(BY_SCRIPT, 0), (BY_PERSON, 1)]:
        browser = Client()
        begun = press(START, client=browser, invitation=links.token(invitation))
        state = parse_qs(urlsplit(begun["Location"]).query)["state"][0]
        query = urlencode({"error": "access_denied", "state": state})
        page = browser.get(f"/auth/complete/entra/?{query}", headers=headers)
        assert Failure.objects.count() == cases
        assert page.status_code == (302 if cases else 400)


def test_what_a_program_pressed_explains_nothing(vendor, invitation):
    press(START, invitation=links.token(invitation))

    known = explanation.explain(vendor)
    assert recommend(known).rule == "never_came", "nobody is on Microsoft's page"
    assert "A program, such as a mail scanner, pressed" in " ".join(entry.title for entry in known.entries())


def test_new_invitation_is_asked_for_by_people_alone(vendor, invitation):
    invitations.withdraw(invitation)
    url = f"/welcome/{links.token(invitation)}/"

    assert 'id="ask-vm"' in press(url).text
    assert not Failure.objects.exists()
    assert 'id="ask-vm"' not in press(url, headers=BY_PERSON).text
    assert Failure.objects.get().reason == "asks_for_invitation"


def test_message_that_no_person_sent_is_marked_and_kept(vendor):
    press("/help/cannot-sign-in/", address=DORA)

    assert "no one pressed the button" in Failure.objects.get().detail["doubt"]


def test_blocked_cookies_of_a_program_are_nobodys(invitation):
    strict = Client(enforce_csrf_checks=True)
    fields = {"invitation": links.token(invitation), "second_try": "1"}

    press(START, client=strict, **fields)
    assert not Failure.objects.exists()
    strict.cookies.clear()
    press(START, client=strict, headers=BY_PERSON, **fields)
    assert Failure.objects.get().reason == "cookies_blocked"


def test_scanner_first_and_the_person_gets_in(passport):
    """Over HTTP: the scanner walks as far as Microsoft's page, and later the person comes by the same email."""
    passport.invited(DORA)
    welcome = links.welcome_url(Invitation.objects.get())
    scanner = Person("scanner@mail.example", passport.tenant)
    scanner.browser.headers.update({**BY_SCRIPT, "User-Agent": HEADLESS})
    scanner.go(welcome)
    scanner.submit("signin")
    assert scanner.page.origin in passport.tenant.origins

    SignInAttempt.objects.update(started_at=timezone.now() - dt.timedelta(hours=2))
    passport.work()
    assert not Failure.objects.exists()
    assert passport.vm_mail() == []
    dora = passport.signed_in(DORA)
    assert dora.page.status == 200
