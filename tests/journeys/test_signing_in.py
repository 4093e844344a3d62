"""Invited, accepted, signed in: with every kind of mailbox."""

from __future__ import annotations

import pytest

from identity.models import EntraAccount, Invitation, SignInAttempt
from vendors.models import VendorState

MOST_PRESSES = 15  # from the invitation to the first page


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("sandbox-ana@gmail.com", id="Google"),
        pytest.param("sandbox-bruno@outlook.com", id="Microsoft"),
        pytest.param("chen@agency.example", id="own company"),
        pytest.param("dora@mail.example", id="mailed code"),
        pytest.param("emil@lingua.example", id="own company with MFA"),
    ],
)
def test_invited_vendor_gets_in_with_the_mailbox_they_have(passport, address):
    vendor = passport.invited(address)
    person = passport.person(address)

    person.accept_invitation()
    assert person.page.path.startswith("/welcome/"), person.page
    person.submit("signin")
    person.authenticate()
    assert person.page.path == "/stay-signed-in/", person.page
    person.submit("stay", button=("stay", "no"))

    assert person.page.path.startswith("/onboarding/"), person.page
    assert address in person.page.text
    person.follow("/onboarding/about/")
    assert person.presses <= MOST_PRESSES
    vendor.refresh_from_db()
    assert vendor.state == VendorState.ONBOARDING
    invitation = Invitation.objects.get()
    assert invitation.state == Invitation.State.ACCEPTED
    account = EntraAccount.objects.get()
    assert (account.user_id, account.guest, account.address) == (vendor.user_id, True, address)
    assert str(account.oid) == passport.tenant.guest(address)["id"]
    assert set(SignInAttempt.objects.values_list("outcome", flat=True)) == {"succeeded"}


def test_passports_own_mail_leads_in_without_microsofts(passport):
    passport.invited("dora@mail.example")
    person = passport.person("dora@mail.example")

    mail = person.read_mail(kind="invitation")
    assert "Sign in with this email address, dora@mail.example, through your own provider" in mail["text"]
    assert dict(mail["headers"])["Reply-To"] == "vm@sandberg.example"
    link = next(line for line in mail["text"].splitlines() if "/welcome/" in line)
    person.go(link)
    person.submit("signin")
    person.authenticate()

    assert person.page.path == "/stay-signed-in/", person.page


def test_graph_is_sent_the_address_and_nothing_else_about_the_person(passport):
    passport.invited("dora@mail.example")

    [request] = passport.tenant.requests(operation="invitations")
    assert request["body"].keys() == {
        "invitedUserEmailAddress",
        "inviteRedirectUrl",
        "sendInvitationMessage",
        "invitedUserMessageInfo",
    }
    assert request["body"]["invitedUserMessageInfo"] == {"messageLanguage": "en-GB"}
