import jwt
import pytest


def refusal(answer) -> tuple[int, str, int]:
    data = answer.json()
    assert data["error_description"].startswith(f"AADSTS{data['error_codes'][0]}: ")
    assert {"timestamp", "trace_id", "correlation_id", "error_uri"} <= set(data)
    return answer.status_code, data["error"], data["error_codes"][0]


def test_code_works_once(app, ana):
    code = app.sign_in(ana).query["code"]

    assert len(code) > 700, "as long as Entra's"
    assert app.token(code).status_code == 200
    assert refusal(app.token(code)) == (400, "invalid_grant", 54005)


def test_code_expires(sandbox, app, ana):
    code = app.sign_in(ana).query["code"]

    sandbox.settings(clock_offset=601)

    assert refusal(app.token(code)) == (400, "invalid_grant", 70008)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"code_verifier": "x" * 43}, (400, "invalid_grant", 501481)),
        ({"code_verifier": None}, (400, "invalid_grant", 501481)),
        ({"redirect_uri": "http://127.0.0.1/elsewhere"}, (400, "invalid_grant", 50011)),
        ({"client_secret": "wrong"}, (401, "invalid_client", 7000215)),
        ({"client_secret": None}, (401, "invalid_client", 7000218)),
        ({"client_id": "nobody"}, (400, "unauthorized_client", 700016)),
        ({"code": "made-up"}, (400, "invalid_grant", 70000)),
        ({"code": None}, (400, "invalid_request", 900144)),
        ({"grant_type": "password"}, (400, "unsupported_grant_type", 70003)),
    ],
)
def test_token_request_refused(app, ana, changes, expected):
    code = app.sign_in(ana).query["code"]

    answer = app.token(**({"code": code} | changes))

    assert refusal(answer) == expected


def test_verifier_without_challenge_is_refused(app, ana):
    code = app.sign_in(ana, code_challenge=None, code_challenge_method=None).query["code"]

    assert refusal(app.token(code)) == (400, "invalid_grant", 501481)


def test_expired_secret(sandbox, app, ana):
    code = app.sign_in(ana).query["code"]
    sandbox.settings(secret_expired=True)

    assert refusal(app.token(code)) == (401, "invalid_client", 7000222)


def test_basic_authentication_of_the_client(sandbox, app, ana):
    code = app.sign_in(ana).query["code"]
    app.http.auth = (sandbox.client_id, sandbox.client_secret)

    assert app.token(code, client_id=None, client_secret=None).status_code == 200


def test_app_token_carries_the_granted_permissions(sandbox, app):
    app.graph("GET", "/users")
    claims = jwt.decode(app.app_token, options={"verify_signature": False})

    assert sorted(claims["roles"]) == [
        "AuditLog.Read.All",
        "User.Invite.All",
        "User.Read.All",
        "User.ReadWrite.All",
    ]
    assert claims["appid"] == sandbox.client_id
