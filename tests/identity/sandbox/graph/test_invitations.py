import pytest

from ..application import graph_error


def test_invitation_answer_has_graphs_shape(sandbox, app):
    answer = app.invite("Chen@Agency.example", inviteRedirectUrl="https://passport.example")
    data = answer.json()
    guest = sandbox.guest("chen@agency.example")

    assert answer.status_code == 201
    assert data["invitedUser"] == {
        "id": guest["id"],
        "userPrincipalName": "chen_agency.example#EXT#@sandberg.onmicrosoft.com",
    }
    assert data["id"] != guest["id"]
    assert data["status"] == "PendingAcceptance"
    assert data["inviteRedirectUrl"] == "https://passport.example/"
    assert data["inviteRedeemUrl"].startswith(f"{sandbox.url}/redeem?rd=https%3A%2F%2Finvitations.microsoft.com")
    assert data["invitedUserMessageInfo"] == {
        "messageLanguage": "en-GB",
        "customizedMessageBody": None,
        "ccRecipients": [{"emailAddress": {"name": None, "address": None}}],
    }
    assert (guest["userType"], guest["creationType"], guest["externalUserState"]) == (
        "Guest",
        "Invitation",
        "PendingAcceptance",
    )


def test_inviting_again_gives_the_same_guest_and_another_mail(sandbox, app):
    first, second = app.invite("chen@agency.example").json(), app.invite("CHEN@agency.example").json()

    assert first["invitedUser"]["id"] == second["invitedUser"]["id"]
    assert first["id"] != second["id"]
    assert first["inviteRedeemUrl"] != second["inviteRedeemUrl"]
    assert len(sandbox.mails("chen@agency.example")) == 2


def test_accepted_guest_gets_no_mail(sandbox, app, person):
    oid = app.invite("chen@agency.example").json()["invitedUser"]["id"]
    person("chen@agency.example").accept_invitation()

    again = app.invite("chen@agency.example")

    assert (again.status_code, again.json()["invitedUser"]["id"]) == (201, oid)
    assert len(sandbox.mails("chen@agency.example")) == 1


def test_mail_is_sent_only_when_asked_for(sandbox, app):
    app.invite("chen@agency.example", sendInvitationMessage=False)
    app.graph(
        "POST",
        "/invitations",
        {"invitedUserEmailAddress": "dora@mail.example", "inviteRedirectUrl": app.welcome},
    )

    assert sandbox.mails() == []


def test_alias_of_an_accepted_guest_is_the_same_guest(sandbox, app, person):
    sandbox.person("chen@agency.example", aliases=["chen.li@agency.example"])
    oid = app.invite("chen@agency.example").json()["invitedUser"]["id"]
    person("chen@agency.example").accept_invitation()

    answer = app.invite("chen.li@agency.example").json()

    assert answer["invitedUser"]["id"] == oid
    assert sandbox.guests()[0]["mail"] == "chen.li@agency.example"


def test_deleted_guest_invited_again_is_a_new_object(sandbox, app):
    old = app.invite("chen@agency.example").json()["invitedUser"]["id"]
    app.graph("DELETE", f"/users/{old}")

    assert app.invite("chen@agency.example").json()["invitedUser"]["id"] != old


@pytest.mark.parametrize(
    "address",
    [
        "sandbox-ana+work@gmail.com",
        "o'brien,x@mail.example",
        ".ana@mail.example",
        "ana.@mail.example",
        "-ana@mail.example",
        "ana@",
        "@mail.example",
        "ana",
        "ana@mail",
        "a b@mail.example",
        "ana@mail..example",
        "ana!@mail.example",
        "",
        None,
        17,
    ],
)
def test_addresses_that_graph_refuses(sandbox, app, address):
    assert graph_error(app.invite(address)) == (400, "BadRequest")
    assert sandbox.guests() == []


@pytest.mark.parametrize(
    "address", ["o'brien@mail.example", "_ana_@mail.example", "a-n.a@x-y.example", "jürgen@büro.example"]
)
def test_addresses_that_graph_takes(app, address):
    assert app.invite(address).status_code == 201


@pytest.mark.parametrize("url", [None, "", "/relative", "javascript:alert(1)", "https://x.example/\r\nX: y"])
def test_redirect_url_must_be_absolute(app, url):
    assert graph_error(app.invite("chen@agency.example", inviteRedirectUrl=url)) == (400, "BadRequest")


def test_unknown_property_is_refused(app):
    assert graph_error(app.invite("chen@agency.example", invitedUserPhone="1")) == (400, "BadRequest")


def test_members_cannot_be_invited(sandbox, app):
    answer = app.invite("vera.vm@sandberg.example")
    unknown = app.invite("nobody@sandberg.example")

    assert graph_error(answer) == (400, "BadRequest")
    assert "already exists in the directory as object ID" in answer.json()["error"]["message"]
    assert "can't be invited to this directory" in unknown.json()["error"]["message"]


@pytest.mark.parametrize(
    ("policy", "status", "code"),
    [
        ({"allow_invites_from": "none"}, 403, "Forbidden"),
        (
            {"allow_invites_from": "adminsAndGuestInviters", "permissions": ["User.ReadWrite.All"]},
            403,
            "Forbidden",
        ),
        ({"permissions": ["User.Read.All"]}, 403, "Authorization_RequestDenied"),
        ({"denied_domains": ["agency.example"]}, 400, "BadRequest"),
        ({"allowed_domains": ["gmail.com"]}, 400, "BadRequest"),
    ],
)
def test_tenant_policy_refuses(sandbox, app, policy, status, code):
    sandbox.settings(**policy)

    assert graph_error(app.invite("chen@agency.example")) == (status, code)


def test_reset_redemption_needs_the_address_on_the_object(sandbox, app, person):
    oid = app.invite("chen@agency.example").json()["invitedUser"]["id"]
    person("chen@agency.example").accept_invitation()
    reset = {"resetRedemption": True, "invitedUser": {"id": oid}}

    assert graph_error(app.invite("dora@mail.example", **reset)) == (400, "BadRequest")
    app.graph("PATCH", f"/users/{oid}", {"mail": "dora@mail.example", "otherMails": ["dora@mail.example"]})
    answer = app.invite("dora@mail.example", **reset)

    assert answer.json()["invitedUser"]["id"] == oid
    assert app.claims_of(person("dora@mail.example"))["oid"] == oid
    assert app.sign_in(person("chen@agency.example")).aadsts == 50020
