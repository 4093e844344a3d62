from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command


def run() -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("check_entra", stdout=out, stderr=StringIO())
    except SystemExit as stop:
        return int(stop.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_tenant_that_fits(passport, settings):
    settings.ENTRA_CLIENT_SECRET_EXPIRES = "2099-01-01"
    code, said = run()

    assert code == 0, said
    assert "client secret, valid until 2099-01-01" in said
    assert f"{passport.tenant.issuer}" in said
    assert all(line.startswith("ok") for line in said.splitlines()), said


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("ENTRA_TENANT_ID", "00000000-0000-4000-8000-000000000000", "MISSING Discovery"),
        ("GRAPH_CLIENT_SECRET", "wrong", "MISSING App token"),
        ("ENTRA_CLIENT_SECRET_EXPIRES", "2020-01-01", "MISSING Credential"),
        ("BASE_URL", "http://127.0.0.1:9", "MISSING Redirect URI"),
    ],
)
def test_wrong_setting_is_named_with_a_hint(passport, settings, name, value, line):
    setattr(settings, name, value)
    code, said = run()

    assert code == 1
    [found] = [each for each in said.splitlines() if each.startswith(line)]
    assert "→" in found
    assert "wrong" not in said.replace("wrong secret", ""), "a secret must not be printed"


LINES = [
    "Credential",
    "Issuer",
    "Authorization endpoint",
    "Token endpoint",
    "Jwks uri",
    "End session endpoint",
    "Signing keys",
    "App token",
    "User.Invite.All",
    "User.Read.All",
    "AuditLog.Read.All",
    "User.ReadWrite.All or User.DeleteRestore.All",
    "Redirect URI",
    "auth_time",
]


def test_one_line_for_each_thing_that_must_fit(passport):
    _code, said = run()

    assert [line[8:].partition(":")[0] for line in said.splitlines()] == LINES


@pytest.mark.parametrize("wider", ["User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"])
def test_wider_right_includes_reading(passport, wider):
    passport.tenant.settings(permissions=["User.Invite.All", wider])
    _code, said = run()

    assert f"ok      User.Read.All: included in {wider}" in said


def test_claim_that_the_last_token_had_or_had_not(passport):
    passport.invited("dora@mail.example")
    passport.signed_in("dora@mail.example")
    assert "ok      auth_time: in the last token, " in run()[1]

    passport.tenant.settings(optional_claims=["acct", "email", "login_hint", "sid"])
    passport.signed_in("dora@mail.example")
    code, said = run()

    assert "MISSING auth_time: not in the last token, " in said
    assert "payment" in said
    assert code == 1


def test_tenant_under_another_name_is_named_endpoint_by_endpoint(passport, settings):
    """The metadata names other addresses than the ones that Passport uses."""
    [other] = passport.tenant.origins - {passport.tenant.url}
    settings.ENTRA_AUTHORITY = other
    passport.tenant.fault(
        "discovery",
        status=200,
        body={
            "issuer": passport.tenant.issuer,
            **{
                name: passport.tenant.endpoint("elsewhere")
                for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint")
            },
        },
    )
    code, said = run()

    assert code == 1
    wrong = [line for line in said.splitlines() if line.startswith("MISSING")]
    assert [line[8:].partition(":")[0] for line in wrong][:5] == LINES[1:6]
    assert all("→" in line for line in wrong)


FAULTS = {
    "discovery down": ("discovery", {"status": 503}, "MISSING Discovery: returned 503 →"),
    "discovery garbage": ("discovery", {"status": 200, "body": "{"}, "MISSING Discovery: no usable response"),
    "no keys": ("keys", {"status": 200, "body": {"keys": []}}, "MISSING Signing keys: 0 RSA keys →"),
    "keys down": ("keys", {"connection": "reset", "count": 2}, "MISSING Signing keys: no usable response"),
    "no token": ("app_token", {"status": 503}, "MISSING App token: The token endpoint returned 503. →"),
    "a token that cannot be read": (
        "app_token",
        {"status": 200, "body": {"access_token": "opaque", "expires_in": 3599}},
        "note    App token: issued, but it does not say which permissions it has →",
    ),
}


@pytest.mark.parametrize(("operation", "fault", "line"), FAULTS.values(), ids=FAULTS)
def test_trouble_is_a_line_with_a_hint_and_the_rest_is_tested_all_the_same(passport, operation, fault, line):
    passport.tenant.fault(operation, **fault)
    code, said = run()

    assert code == (0 if line.startswith("note") else 1)
    assert any(each.startswith(line) for each in said.splitlines()), said
    assert "Redirect URI" in said


def test_certificate_is_named_with_its_end(passport, settings, tmp_path):
    settings.ENTRA_CLIENT_SECRET = ""
    settings.ENTRA_CLIENT_CERTIFICATE = str(tmp_path / "none.pem")
    code, said = run()

    assert code == 1
    assert "MISSING Credential: certificate cannot be read (FileNotFoundError) → ENTRA_CLIENT_CERTIFICATE" in said


def test_missing_rights_say_what_is_lost(passport):
    passport.tenant.settings(permissions=["User.Invite.All"])
    code, said = run()

    assert code == 0, "Passport can work without them"
    assert "note    AuditLog.Read.All: not granted → Without it" in said
    passport.tenant.settings(permissions=["User.Read.All"])
    code, said = run()
    assert code == 1
    assert "MISSING User.Invite.All: not granted → Without it, Passport cannot send invitations." in said
