import time

import pytest
import requests

from .application import walk


def test_status_body_and_headers(sandbox, app):
    sandbox.fault("invitations", status=503, body={"error": {"code": "x"}}, headers={"Retry-After": "7"})

    failed, good = app.invite("chen@agency.example"), app.invite("chen@agency.example")

    assert (failed.status_code, failed.headers["Retry-After"], failed.json()["error"]["code"]) == (503, "7", "x")
    assert good.status_code == 201


def test_fault_after_the_work_was_done(sandbox, app):
    sandbox.fault("invitations", status=504, body="<html>gateway</html>", content_type="text/html", after=True)

    answer = app.invite("chen@agency.example")

    assert (answer.status_code, answer.text) == (504, "<html>gateway</html>")
    assert sandbox.guest("chen@agency.example")
    assert sandbox.requests()[0]["status"] == 504


def test_fault_before_the_work_does_nothing(sandbox, app):
    sandbox.fault("invitations", status=500)

    assert app.invite("chen@agency.example").status_code == 500
    assert sandbox.guest("chen@agency.example") is None


@pytest.mark.parametrize(("connection", "committed"), [("close", False), ("reset", False), ("half", True)])
def test_connection_breaks(sandbox, app, connection, committed):
    app.graph("GET", "/users")
    sandbox.fault("invitations", connection=connection)

    with pytest.raises(requests.RequestException):
        app.invite("chen@agency.example")

    assert bool(sandbox.guest("chen@agency.example")) == committed


def test_reset_after_commit(sandbox, app):
    app.graph("GET", "/users")
    sandbox.fault("invitations", connection="reset", after=True)

    with pytest.raises(requests.ConnectionError):
        app.invite("chen@agency.example")

    assert sandbox.guest("chen@agency.example")


def test_dribble_keeps_the_client_waiting(sandbox, app):
    sandbox.fault("keys", connection="dribble")
    started = time.monotonic()

    with requests.get(app.keys_url, timeout=5, stream=True) as answer:
        received = next(answer.iter_content(1)) + next(answer.iter_content(1))

    assert received == b'{"'
    assert time.monotonic() - started > 0.9


def test_delay(sandbox, app):
    app.graph("GET", "/users")
    sandbox.fault("users.list", delay=0.5)
    started = time.monotonic()

    answer = app.graph("GET", "/users")

    assert answer.status_code == 200
    assert time.monotonic() - started > 0.5


def test_delayed_operation_does_not_hold_up_others(sandbox, app):
    sandbox.fault("invitations", delay=3)
    app.graph("GET", "/users")
    with pytest.raises(requests.Timeout):
        app.http.post(
            f"{sandbox.url}/v1.0/invitations",
            json={},
            headers={"Authorization": f"Bearer {app.app_token}"},
            timeout=0.2,
        )

    assert app.graph("GET", "/users").status_code == 200
    assert [one["status"] for one in sandbox.requests(operation="invitations")] == [None], "still held up"


def test_match_skip_count_and_clear(sandbox, app):
    sandbox.fault("invitations", status=400, match="chen@", count=None)
    sandbox.fault("graph", status=500, skip=2, count=2)

    chen = [app.invite("chen@agency.example").status_code for _ in range(2)]
    others = [app.invite(f"v{number}@mail.example").status_code for number in range(5)]
    sandbox.clear_faults()

    assert chen == [400, 400]
    assert others == [201, 201, 500, 500, 201]
    assert app.invite("chen@agency.example").status_code == 201


def test_app_tokens_and_sign_ins_fail_separately(sandbox, app, ana):
    sandbox.fault("token", status=503)
    app.app_token = ""

    assert app.graph("GET", "/users").status_code == 200
    assert app.token(app.sign_in(ana).query["code"]).status_code == 503


@pytest.mark.parametrize("operation", ["discovery", "keys", "authorize", "logout"])
def test_every_endpoint_can_fail(sandbox, app, operation):
    sandbox.fault(operation, status=500)
    base = f"{sandbox.url}/{sandbox.tenant_id}"
    urls = {
        "discovery": f"{base}/v2.0/.well-known/openid-configuration",
        "keys": app.keys_url,
        "authorize": app.authorize_url(),
        "logout": f"{base}/oauth2/v2.0/logout",
    }

    assert requests.get(urls[operation], timeout=5).status_code == 500


def test_sign_in_that_never_comes_back(sandbox, app, ana, visited):
    sandbox.authorize_fault(never=True)

    page = walk(ana, app.authorize_url())

    assert page.heading == "Something went wrong"
    assert visited.calls == []


def test_sign_in_that_ends_on_microsofts_page(sandbox, app, ana):
    sandbox.authorize_fault(page=53003, match="ana")

    page = app.sign_in(ana)

    assert page.aadsts == 53003
    assert sandbox.sign_ins()[-1]["status"]["errorCode"] == 53003


def test_sign_in_answered_with_an_error(sandbox, app, person):
    sandbox.authorize_fault(error="server_error", error_description="AADSTS90033: later", before=True)

    page = person("sandbox-ana@gmail.com").go(app.authorize_url(login_hint="sandbox-ana@gmail.com"))

    assert page.query == {
        "error": "server_error",
        "error_description": "AADSTS90033: later",
        "state": app.state,
    }


@pytest.mark.parametrize(("parameters", "state"), [({"state": "forged"}, "forged"), ({"state": None}, None)])
def test_answer_with_other_parameters(sandbox, app, person, parameters, state):
    sandbox.authorize_fault(parameters={**parameters, "iss": "https://evil.example"}, before=True)

    page = person("sandbox-ana@gmail.com").go(app.authorize_url())

    assert page.query.get("state") == state
    assert page.query["iss"] == "https://evil.example"
    assert "code" in page.query


def test_switches_cannot_be_pressed_by_a_page_elsewhere(sandbox):
    url = f"{sandbox.url}/control/reset"

    assert requests.post(url, data={"x": "y"}, timeout=5).status_code == 415
    rebound = requests.get(f"{sandbox.url}/control/", headers={"Host": "evil.example"}, timeout=5)
    assert rebound.status_code == 421


def test_misspelt_switches_are_refused(sandbox):
    with pytest.raises(ValueError, match="unknown: claim"):
        sandbox.tamper(claim={"iss": "x"})
    with pytest.raises(ValueError, match="operation must be one of"):
        sandbox.fault("invitation", status=500)
    with pytest.raises(ValueError, match="unknown"):
        sandbox.settings(clock=1)
