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
        ("BASE_URL", "http://127.0.0.1:9", "MISSING Redirect address"),
    ],
)
def test_wrong_setting_is_named_with_a_hint(passport, settings, name, value, line):
    setattr(settings, name, value)
    code, said = run()

    assert code == 1
    [found] = [each for each in said.splitlines() if each.startswith(line)]
    assert "→" in found
    assert "wrong" not in said.replace("wrong secret", ""), "a secret must not be printed"


def test_missing_rights_say_what_is_lost(passport):
    passport.tenant.settings(permissions=["User.Invite.All"])
    code, said = run()

    assert code == 0, "Passport can work without them"
    assert "note    AuditLog.Read.All: not granted → Without it" in said
    passport.tenant.settings(permissions=["User.Read.All"])
    code, said = run()
    assert code == 1
    assert "MISSING User.Invite.All: not granted → Without it no invitation goes out." in said
