"""Token, permission, throttle: what all operations of Graph have in common."""

import time

import pytest
import requests

from tests.waiting import wait_for

from ..application import graph_error


@pytest.mark.parametrize(
    ("method", "path", "needed"),
    [
        ("GET", "/users", "User.Read.All"),
        ("DELETE", "/users/{oid}", "User.ReadWrite.All"),
        ("PATCH", "/users/{oid}", "User.ReadWrite.All"),
        ("GET", "/auditLogs/signIns", "AuditLog.Read.All"),
    ],
)
def test_each_operation_needs_its_permission(sandbox, app, method, path, needed):
    oid = app.invite("chen@agency.example").json()["invitedUser"]["id"]
    sandbox.settings(permissions=["User.Invite.All"])
    refused = app.graph(method, path.format(oid=oid), {} if method == "PATCH" else None)
    sandbox.settings(permissions=[needed])
    allowed = app.graph(method, path.format(oid=oid), {} if method == "PATCH" else None)

    assert graph_error(refused) == (403, "Authorization_RequestDenied")
    assert allowed.ok


def test_token_is_required_and_expires(sandbox, app):
    bare = requests.get(f"{sandbox.url}/v1.0/users", timeout=10)
    app.graph("GET", "/users")
    sandbox.settings(clock_offset=3700)
    expired = app.graph("GET", "/users")
    sandbox.settings(clock_offset=0)
    sandbox.expire_app_tokens()
    revoked = app.graph("GET", "/users")

    assert [graph_error(answer) for answer in (bare, expired, revoked)] == [(401, "InvalidAuthenticationToken")] * 3


def test_invitations_are_throttled(sandbox, app):
    sandbox.settings(invitations_per_window=3, window_seconds=1)
    answers = [app.invite(f"v{number}@mail.example") for number in range(4)]
    asked_at = time.monotonic()
    limited = app.invite("v4@mail.example")
    retry_after = float(limited.headers["Retry-After"])
    wait_for(lambda: app.invite("later@mail.example").status_code == 201)

    assert [answer.status_code for answer in answers] == [201, 201, 201, 429]
    assert graph_error(limited) == (429, "TooManyRequests")
    assert 0 < retry_after <= 1
    assert time.monotonic() - asked_at >= retry_after


def test_reports_can_be_throttled(sandbox, app):
    sandbox.settings(reports_per_10_seconds=1)

    statuses = [app.graph("GET", "/auditLogs/signIns").status_code for _ in range(2)]

    assert statuses == [200, 429]
