"""What goes wrong is told to the person, to VM by mail and in the list of failures; and it is over when they get in."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from identity import accounts
from identity.models import EntraAccount, Failure, Invitation, SignInAttempt
from vendors import lifecycle
from vendors.email_change import lifecycle as email_change


def only_failure() -> Failure:
    [failure] = Failure.objects.all()
    return failure


def assert_told(passport, person, failure: Failure, *, address: str) -> None:
    """The page, the mail and the case agree."""
    assert person.page.path == f"/sign-in/problem/{failure.reference}/", person.page
    assert failure.reference in person.page.text
    assert "AADSTS" not in person.page.text
    passport.work()
    [mail] = passport.vm_mail()
    assert address in mail["subject"]
    lines = mail["text"].splitlines()
    assert address in lines
    assert failure.reason in lines
    assert failure.reference in mail["text"]


def test_consent_declined_then_accepted(passport):
    vendor = passport.invited("dora@mail.example")
    person = passport.person("dora@mail.example")

    person.go(f"{passport.url}/sign-in/")
    person.submit("signin")
    person.authenticate(consent=False)

    # Without the invitation's link nobody knows who it was, so the page asks.
    failure = only_failure()
    assert failure.reason == "consent_declined"
    assert "which-address" in person.page.forms
    passport.work()
    assert passport.vm_mail() == []
    person.submit("which-address", address="dora@mail.example")
    failure = Failure.objects.open().get()
    assert failure.subject == "address:dora@mail.example"
    assert_told(passport, person, failure, address="dora@mail.example")

    person.go(_welcome(passport, person))
    person.submit("signin")
    person.authenticate(consent=False)
    assert set(Failure.objects.open().values_list("subject", flat=True)) == {
        "address:dora@mail.example",
        f"user:{vendor.user_id}",
    }

    person.go(_welcome(passport, person))
    person.submit("signin")
    person.authenticate()
    assert person.page.path == "/stay-signed-in/"
    assert Failure.objects.get(subject=f"user:{vendor.user_id}").state == Failure.State.RESOLVED


def _welcome(passport, person) -> str:
    mail = person.read_mail(kind="invitation")
    return next(line for line in mail["text"].splitlines() if "/welcome/" in line)


def test_unknown_guest(passport):
    passport.tenant.add_guest("gita@mail.example")
    person = passport.person("gita@mail.example")

    person.go(f"{passport.url}/sign-in/")
    person.submit("signin")
    person.authenticate()

    failure = only_failure()
    assert failure.reason == "not_invited"
    assert failure.subject == f"oid:{passport.tenant.guest('gita@mail.example')['id']}"
    assert (failure.address, failure.claimed_address) == ("", "gita@mail.example")
    assert_told(passport, person, failure, address="gita@mail.example")
    assert not EntraAccount.objects.exists()


def test_wrong_account_of_another_vendor(passport):
    """Chen opens Dora's invitation: not Dora's profile, not silently his own."""
    passport.invited("dora@mail.example")
    passport.invited("chen@agency.example")
    dora, chen = passport.person("dora@mail.example"), passport.person("chen@agency.example")

    chen.go(_welcome(passport, dora))
    chen.submit("signin")
    chen.authenticate()

    failure = only_failure()
    assert failure.reason == "different_account"
    assert (failure.address, failure.claimed_address) == ("dora@mail.example", "chen@agency.example")
    assert_told(passport, chen, failure, address="dora@mail.example")

    chen.go(f"{passport.url}/sign-in/")
    chen.submit("signin", button="account")
    chen.authenticate()
    assert chen.page.path == "/stay-signed-in/", chen.page


def test_graph_refuses_the_address(passport):
    """A member of our own organisation cannot be a guest."""
    vendor = lifecycle.add(name="Mia", primary_email="mia.member@sandberg.example", language="en-GB")
    lifecycle.invite(vendor)
    passport.work()

    invitation = Invitation.objects.get()
    assert (invitation.state, invitation.reason) == (Invitation.State.REFUSED, "address_is_member")
    failure = only_failure()
    assert (failure.stage, failure.subject) == ("invitation", f"user:{vendor.user_id}")
    passport.work()
    [mail] = passport.vm_mail()
    assert "mia.member@sandberg.example" in mail["text"].splitlines()
    assert "address_is_member" in mail["text"].splitlines()


def test_tenant_down_leaves_the_invitation_queued_and_says_so(passport):
    passport.tenant.fault("invitations", status=503, headers={"Retry-After": "120"}, count=1)
    vendor = lifecycle.add(name="Dora", primary_email="dora@mail.example", language="en-GB")
    lifecycle.invite(vendor)
    passport.work()

    invitation = Invitation.objects.get()
    assert invitation.state == Invitation.State.QUEUED
    assert invitation.attempts == 1
    waits = (invitation.next_try_at - invitation.queued_at).total_seconds()
    assert waits >= 120
    assert "503" in invitation.last_error
    passport.work()
    invitation.refresh_from_db()
    assert invitation.attempts == 1, "asked again before Retry-After ran out"


def test_state_lost(passport):
    """The way back opens in another browser: no cookie of ours there."""
    vendor = passport.invited("dora@mail.example")
    person = passport.person("dora@mail.example")
    person.go(_welcome(passport, person))
    person.submit("signin")
    ours = [cookie for cookie in person.browser.cookies if cookie.name.startswith("passport_signin_")]
    for cookie in ours:
        person.browser.cookies.clear(cookie.domain, cookie.path, cookie.name)
    person.authenticate()

    failure = only_failure()
    assert failure.reason == "session_lost"
    assert failure.subject == f"user:{vendor.user_id}"
    assert_told(passport, person, failure, address="dora@mail.example")

    person.follow("/sign-in/")
    person.submit("signin")
    person.authenticate()
    assert person.page.path == "/stay-signed-in/"
    failure.refresh_from_db()
    assert failure.state == Failure.State.RESOLVED


def test_repeats_are_counted_and_mailed_once(passport):
    vendor = passport.invited("dora@mail.example")
    person = passport.person("dora@mail.example")
    for _again in range(3):
        person.go(_welcome(passport, person))
        person.submit("signin")
        person.authenticate(consent=False)
        passport.work()

    failure = only_failure()
    assert (failure.subject, failure.count) == (f"user:{vendor.user_id}", 3)
    assert len(passport.vm_mail("dora@mail.example")) == 1


def test_callback_that_nobody_began_is_no_failure(passport):
    stranger = passport.person("dora@mail.example")
    stranger.go(f"{passport.url}/auth/complete/entra/?error=access_denied&error_description=Pay+me&state=made-up")

    assert stranger.page.status == 400
    assert "Pay me" not in stranger.page.text
    assert not Failure.objects.exists()
    passport.work()
    assert passport.vm_mail() == []


def test_revoked_account_gets_nowhere(passport):
    vendor = passport.invited("dora@mail.example")
    passport.signed_in("dora@mail.example")
    accounts.revoke(EntraAccount.objects.get(user=vendor.user), why=EntraAccount.Revoked.CUT_OFF)

    person = passport.person("dora@mail.example")
    person.go(f"{passport.url}/sign-in/")
    person.submit("signin")
    person.authenticate()

    assert only_failure().reason == "access_revoked"
    assert person.page.path.startswith("/sign-in/problem/"), person.page


@pytest.mark.parametrize(
    ("tampering", "reason"),
    [
        pytest.param({"claims": {"aud": "00000000-0000-0000-0000-000000000000"}}, "token_invalid", id="aud"),
        pytest.param({"claims": {"nonce": "another"}}, "nonce_mismatch", id="nonce"),
        pytest.param({"signature": "bad"}, "token_signature", id="signature"),
    ],
)
def test_spoilt_token_is_refused_and_the_next_one_works(passport, tampering, reason):
    passport.invited("dora@mail.example")
    person = passport.person("dora@mail.example")
    passport.tenant.tamper(**tampering)
    person.go(_welcome(passport, person))
    person.submit("signin")
    person.authenticate()

    assert only_failure().reason == reason
    person.go(f"{passport.url}/sign-in/")
    person.submit("signin")
    person.authenticate()
    assert person.page.path == "/stay-signed-in/"


def test_silence_is_told_for_somebody_who_never_got_in(passport, settings):
    vendor = passport.invited("dora@mail.example")
    person = passport.person("dora@mail.example")
    person.go(_welcome(passport, person))
    person.submit("signin")
    SignInAttempt.objects.update(started_at=SignInAttempt.objects.get().started_at - settings.SIGN_IN_SILENCE * 2)

    passport.work()

    failure = only_failure()
    assert (failure.reason, failure.subject) == ("did_not_come_back", f"user:{vendor.user_id}")
    passport.work()
    assert len(passport.vm_mail("dora@mail.example")) == 1


def test_guest_of_a_mistyped_address_is_tidied_away(passport):
    """Only what Passport made, and only while the account is revoked."""
    vendor = passport.invited("gita@mail.example")
    passport.tenant.add_guest("dora@mail.example")
    email_change.start(vendor, new="dora@mail.example", reason="typing mistake")
    passport.work()
    assert passport.tenant.guest("gita@mail.example"), "not while the change can be undone"
    passport.signed_in("dora@mail.example")
    EntraAccount.objects.filter(address="gita@mail.example").update(revoked_at=timezone.now() - dt.timedelta(days=2))
    passport.work()
    assert not passport.tenant.guest("gita@mail.example")

    email_change.start(vendor, new="chen@agency.example", reason="moved", cut_off=True)
    passport.work()
    passport.signed_in("chen@agency.example")
    EntraAccount.objects.filter(address="dora@mail.example").update(revoked_at=timezone.now() - dt.timedelta(days=2))
    passport.work()
    passport.work()
    assert passport.tenant.guest("dora@mail.example"), "a guest that Passport did not make"
    failure = Failure.objects.get(reason="guest_left_over")
    assert failure.count == 1
