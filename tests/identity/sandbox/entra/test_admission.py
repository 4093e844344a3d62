import re

import pytest

from ..application import walk


def test_declined_consent_comes_back_as_access_denied(sandbox, app, ana):
    page = walk(ana, app.authorize_url(), consent=False)

    assert page.query["error"] == "access_denied"
    assert page.query["error_subcode"] == "cancel"
    assert page.query["error_description"].startswith("AADSTS65004: ")
    assert "\r\nTrace ID: " in page.query["error_description"]
    assert page.query["state"] == app.state
    assert sandbox.guest("sandbox-ana@gmail.com")["externalUserState"] == "PendingAcceptance"


def test_stranger_stays_on_microsofts_page(sandbox, app, person, visited):
    stranger = person("sandbox-stranger@gmail.com")

    page = app.sign_in(stranger)

    assert page.origin == sandbox.url
    assert page.aadsts == 50020
    assert {"Request Id", "Correlation Id", "Timestamp"} <= set(re.findall(r"\w+ Id|Timestamp", page.text))
    assert visited.calls == []
    entry = sandbox.sign_ins()[-1]
    assert (entry["status"]["errorCode"], entry["userPrincipalName"]) == (50020, "sandbox-stranger@gmail.com")


def test_page_of_a_refused_account_offers_another_one(app, ana):
    walk(ana, app.authorize_url(), account="sandbox-stranger@gmail.com")

    ana.submit("login-other")
    page = ana.authenticate()

    assert "code" in page.query


def test_mailbox_that_moved_to_another_provider_no_longer_fits(sandbox, app, person):
    app.invite("dora@mail.example")
    person("dora@mail.example").accept_invitation()
    sandbox.person("dora@mail.example", provider="microsoft")

    page = app.sign_in(person("dora@mail.example"))

    assert page.aadsts == 50020


@pytest.mark.parametrize(
    ("change", "number"),
    [({"accountEnabled": False}, 50057), (None, 50020)],
)
def test_disabled_and_deleted_guests_are_refused(sandbox, app, accepted_ana, person, change, number):
    if change:
        sandbox.change_guest(accepted_ana.address, **change)
    else:
        sandbox.delete_guest(accepted_ana.address)

    page = app.sign_in(person(accepted_ana.address))

    assert page.aadsts == number
    assert sandbox.sign_ins()[-1]["status"]["errorCode"] == number


def test_assignment_required_stops_guests_but_not_assigned_staff(sandbox, app, ana, person):
    sandbox.settings(assignment_required=True)

    assert app.sign_in(ana).aadsts == 50105
    assert app.claims_of(person("vera.vm@sandberg.example"))["roles"] == ["VendorManager"]


@pytest.mark.parametrize(
    ("name", "roles"),
    [
        ("vera.vm", ["VendorManager"]),
        ("petra.projects", ["ProjectManager"]),
        ("fred.finance", ["Finance"]),
        ("olga.ops", ["Operations"]),
        ("audrey.auditor", ["Auditor"]),
        ("adam.admin", ["Administrator"]),
        ("mia.member", None),
    ],
)
def test_staff_are_members_with_roles(app, person, name, roles):
    claims = app.claims_of(person(f"{name}@sandberg.example"))

    assert claims["acct"] == 0
    assert claims.get("roles") == roles
    assert "idp" not in claims


def test_unknown_member_is_not_found(app, person):
    assert app.sign_in(person("nobody@sandberg.example")).aadsts == 50034
