"""A vendor asks for another address from the profile; VM decides."""

from __future__ import annotations

import datetime as dt
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

import pytest
from django.utils import timezone

from identity.models import Failure, Session, SignInAttempt
from tests.passport_fixture import Passport
from tests.person import Person
from vendors.email_change import lifecycle as email_change
from vendors.email_change import requests as email_requests
from vendors.models import EmailChange, EmailChangeRequest


def signed_in_once_more(passport: Passport, person: Person) -> None:
    person.go(f"{passport.url}/profile/email-change/")
    person.submit("prove")
    assert person.page.origin in passport.tenant.origins, "the tenant must ask again, whatever it remembers"
    person.authenticate()


def ask(passport: Passport, person: Person, new: str = "gita@mail.example") -> None:
    signed_in_once_more(passport, person)
    person.submit("ask-email-change", new=new, reason="I have left the agency")


def test_asked_approved_and_signed_in_with_the_new_address(passport):
    vendor = passport.invited("dora@mail.example")
    person = passport.signed_in("dora@mail.example")
    ask(passport, person)

    assert "withdraw-request" in person.page.forms
    passport.work()
    [mail] = passport.vm_mail(kind="email-request")
    assert {"dora@mail.example", "gita@mail.example"} <= set(mail["text"].splitlines())

    vera = passport.staff()
    vera.go(next(line for line in mail["text"].splitlines() if "/admin/" in line))
    assert "Signed in again with the account dora@mail.example" in vera.page.text
    vera.submit("approve")
    passport.work()
    change = EmailChange.objects.get()
    assert (change.how_known, change.mode, change.reason) == ("signed_in", "planned", "I have left the agency")
    passport.signed_in("gita@mail.example")
    change.refresh_from_db()
    vendor.refresh_from_db()
    assert (change.state, vendor.primary_email) == ("confirmed", "gita@mail.example")


def test_declined_with_a_reason_that_the_vendor_reads(passport):
    passport.invited("dora@mail.example")
    person = passport.signed_in("dora@mail.example")
    ask(passport, person)

    vera = passport.staff()
    vera.go(f"{passport.url}/admin/vendors/emailchangerequest/{EmailChangeRequest.objects.get().pk}/change/")
    vera.submit("decline", answer=" ")
    assert EmailChangeRequest.objects.get().state == "waiting", "a reason is needed"
    vera.submit("decline", answer="Please call us first.")
    passport.work()

    assert "Please call us first." in person.read_mail(kind="email-request-declined")["text"]
    assert not EmailChange.objects.exists()
    with pytest.raises(email_requests.NotWaiting):
        email_requests.approve(EmailChangeRequest.objects.get(), by=None)


def test_withdrawn_by_the_vendor(passport):
    passport.invited("dora@mail.example")
    person = passport.signed_in("dora@mail.example")
    ask(passport, person)

    person.submit("withdraw-request")

    assert EmailChangeRequest.objects.get().state == "withdrawn"
    assert "prove" in person.page.forms


def test_open_browser_is_not_enough(passport):
    passport.invited("dora@mail.example")
    person = passport.signed_in("dora@mail.example")
    person.go(f"{passport.url}/profile/email-change/")
    token = person.form("prove").field("csrfmiddlewaretoken").value
    answer = person.browser.post(
        f"{passport.url}/profile/email-change/",
        data={"csrfmiddlewaretoken": token, "new": "gita@mail.example"},
        headers={"Referer": passport.url, "Origin": passport.url},
    )

    assert 'id="prove"' in answer.text
    assert not EmailChangeRequest.objects.exists()


def test_proof_is_good_for_five_minutes_and_for_one_request(passport):
    passport.invited("dora@mail.example")
    person = passport.signed_in("dora@mail.example")
    signed_in_once_more(passport, person)
    session = Session.objects.get()
    store = session.get_session_store_class()(session.session_key)
    store["proven"] = {"purpose": "email_change", "at": int((timezone.now() - dt.timedelta(seconds=301)).timestamp())}
    store.save()

    person.submit("ask-email-change", new="gita@mail.example")
    assert not EmailChangeRequest.objects.exists()
    ask(passport, person)
    assert EmailChangeRequest.objects.count() == 1
    person.submit("withdraw-request")
    assert "prove" in person.page.forms, "the proof was used up"


def test_another_account_proves_nothing(passport):
    passport.invited("dora@mail.example")
    passport.invited("chen@agency.example")
    person = passport.signed_in("dora@mail.example")
    person.go(f"{passport.url}/profile/email-change/")
    person.submit("prove")
    person.authenticate(account="chen@agency.example")

    assert person.page.path.startswith("/sign-in/problem/"), person.page
    assert Failure.objects.get().reason == "different_account"
    assert "dora@mail.example" in person.go(f"{passport.url}/onboarding/").text


def test_sign_in_that_the_tenant_remembered_is_not_fresh(passport):
    passport.invited("dora@mail.example")
    person = passport.signed_in("dora@mail.example")
    passport.tenant.tamper(claims={"auth_time": {"now": -3600}})
    signed_in_once_more(passport, person)

    assert Failure.objects.get().reason == "not_fresh"
    assert not SignInAttempt.objects.filter(purpose="email_change", outcome="succeeded").exists()


def by_a_remembered_session(passport: Passport, person: Person) -> None:
    """Whoever holds the browser takes out of the URL what would make the tenant ask again."""
    person.go(f"{passport.url}/profile/email-change/")
    form = person.form("prove")
    answer = person.browser.post(
        urljoin(passport.url, form.action),
        data={field.name: field.value for field in form.fields},
        headers={"Referer": passport.url, "Origin": passport.url},
        allow_redirects=False,
    )
    parts = urlsplit(answer.headers["Location"])
    query = {name: value for name, value in parse_qsl(parts.query) if name not in ("prompt", "max_age")}
    person.go(urlunsplit(parts._replace(query=urlencode(query))))


WITHOUT_AUTH_TIME = ["acct", "email", "login_hint", "sid", "xms_edov"]


@pytest.mark.parametrize("walk", [by_a_remembered_session, signed_in_once_more], ids=["remembered", "asked again"])
def test_without_auth_time_nothing_is_proven(passport, walk):
    passport.invited("dora@mail.example")
    person = passport.signed_in("dora@mail.example")
    passport.tenant.settings(optional_claims=WITHOUT_AUTH_TIME)

    walk(passport, person)

    failure = Failure.objects.get()
    assert (failure.reason, failure.address) == ("auth_time_missing", "dora@mail.example")
    assert person.page.path == f"/sign-in/problem/{failure.reference}/"
    assert "call Vendor Management" in person.page.text
    assert "vm@sandberg.example" in person.page.text
    assert "Try again" not in person.page.text
    person.go(f"{passport.url}/profile/email-change/")
    assert "ask-email-change" not in person.page.forms
    passport.work()
    assert "auth_time_missing" in passport.tenant.wait_for_mail("operations@sandberg.example")["text"]


@pytest.mark.parametrize("claim", [True, "1700000000", None, [2**33]], ids=repr)
def test_auth_time_that_is_no_time_proves_nothing(passport, claim):
    passport.invited("dora@mail.example")
    person = passport.signed_in("dora@mail.example")
    passport.tenant.tamper(claims={"auth_time": claim})

    signed_in_once_more(passport, person)

    assert Failure.objects.get().reason in ("auth_time_missing", "not_fresh")


def test_sign_in_of_half_a_minute_ago_is_not_fresh(passport):
    passport.invited("dora@mail.example")
    person = passport.signed_in("dora@mail.example")
    passport.tenant.tamper(claims={"auth_time": {"now": -40}})

    signed_in_once_more(passport, person)

    assert Failure.objects.get().reason == "not_fresh"


def test_address_of_another_vendor_is_refused_without_saying_whose(passport):
    passport.invited("chen@agency.example")
    passport.invited("dora@mail.example")
    person = passport.signed_in("dora@mail.example")
    ask(passport, person, new="Chen@agency.example")

    assert "new" in person.page.invalid
    assert "already" not in person.page.text
    assert person.form("ask-email-change").field("new").value == "Chen@agency.example"


def test_staying_signed_in_survives_signing_in_once_more(passport):
    passport.invited("dora@mail.example")
    person = passport.signed_in("dora@mail.example", stay="yes")
    signed_in_once_more(passport, person)

    assert person.page.path == "/profile/email-change/"
    person.close_browser()
    assert person.go(f"{passport.url}/onboarding/").path == "/onboarding/"


def test_mistyped_address_is_reported_while_its_change_is_open(passport):
    vendor = passport.invited("dora@mail.example")
    person = passport.signed_in("dora@mail.example")
    email_change.start(vendor, new="gitta@mail.example", reason="rang up")
    passport.work()

    ask(passport, person, new="gita@mail.example")

    request = EmailChangeRequest.objects.get()
    assert (request.state, request.new) == ("waiting", "gita@mail.example")
    assert "Your request is with Vendor Management" in person.page.text
    email_requests.approve(request, by=None)
    passport.work()
    passport.signed_in("gita@mail.example")
    vendor.refresh_from_db()
    assert vendor.primary_email == "gita@mail.example"


def test_address_before_the_open_change_is_kept_by_vm(passport):
    vendor = passport.invited("dora@mail.example")
    person = passport.signed_in("dora@mail.example")
    email_change.start(vendor, new="gitta@mail.example", reason="rang up")

    ask(passport, person, new="dora@mail.example")

    assert "To keep it, write to Vendor Management." in person.page.text
