import jwt
import pytest

from tests.person import Person


@pytest.fixture
def ana(app, person) -> Person:
    app.invite("sandbox-ana@gmail.com")
    return person("sandbox-ana@gmail.com")


def refusal(answer) -> tuple[int, str, int]:
    data = answer.json()
    assert data["error_description"].startswith(f"AADSTS{data['error_codes'][0]}: ")
    assert {"timestamp", "trace_id", "correlation_id", "error_uri"} <= set(data)
    return answer.status_code, data["error"], data["error_codes"][0]


def test_metadata_and_keys(sandbox, app):
    base = f"{sandbox.url}/{sandbox.tenant_id}"
    metadata = app.http.get(f"{base}/v2.0/.well-known/openid-configuration", timeout=10).json()
    keys = app.http.get(metadata["jwks_uri"], timeout=10).json()["keys"]

    assert metadata["issuer"] == f"{base}/v2.0"
    assert metadata["token_endpoint"] == f"{base}/oauth2/v2.0/token"
    assert "code_challenge_methods_supported" not in metadata
    assert len(keys) == 2
    for key in keys:
        assert key["kid"] == key["x5t"]
        assert "alg" not in key
        assert key["issuer"] == f"{sandbox.url}/{{tenantid}}/v2.0"
        assert key["x5c"]


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


def test_oid_needs_the_profile_scope_and_id_token_the_openid_scope(app, ana):
    without_profile = app.claims_of(ana, scope="openid")
    without_openid = app.token(app.sign_in(ana, scope="profile").query["code"]).json()

    assert "oid" not in without_profile
    assert "id_token" not in without_openid


def test_sub_is_stable_and_differs_between_people(app, ana, person):
    app.invite("chen@agency.example")

    first, second = app.claims_of(ana), app.claims_of(ana)
    other = app.claims_of(person("chen@agency.example"))

    assert first["sub"] == second["sub"] != other["sub"]
    assert len(first["sub"]) == 43


def test_optional_claims_can_be_left_out(sandbox, app, ana):
    sandbox.settings(optional_claims=[])

    claims = app.claims_of(ana)

    assert not {"acct", "sid", "login_hint", "auth_time", "xms_edov"} & set(claims)
    assert claims["email"] == "sandbox-ana@gmail.com", "guests have it by default"


def test_rolled_keys(sandbox, app, ana):
    url = f"{sandbox.url}/{sandbox.tenant_id}/discovery/v2.0/keys"
    before = [key["kid"] for key in app.http.get(url, timeout=10).json()["keys"]]

    gently = sandbox.roll_keys()
    assert app.claims_of(ana)
    hard = sandbox.roll_keys(keep_old=False)
    assert app.claims_of(ana)

    assert gently[1] == before[0]
    assert not set(hard) & set(gently)


@pytest.mark.parametrize(
    ("tampering", "expected"),
    [
        ({"claims": {"iss": "https://evil.example/v2.0"}}, jwt.InvalidIssuerError),
        ({"claims": {"aud": "another-app"}}, jwt.InvalidAudienceError),
        ({"claims": {"exp": {"now": -3600}}}, jwt.ExpiredSignatureError),
        ({"claims": {"nbf": {"now": 3600}}}, jwt.ImmatureSignatureError),
        ({"signature": "bad"}, jwt.InvalidSignatureError),
        ({"signature": "other_key"}, jwt.InvalidSignatureError),
        ({"algorithm": "none"}, jwt.InvalidAlgorithmError),
        ({"algorithm": "HS256"}, jwt.InvalidAlgorithmError),
        ({"header": {"kid": "unknown"}}, KeyError),
        ({"remove_header": ["kid"]}, KeyError),
        ({"id_token": False}, KeyError),
    ],
)
def test_tampering_spoils_one_token(sandbox, app, ana, tampering, expected):
    sandbox.tamper(**tampering)
    spoilt = app.token(app.sign_in(ana).query["code"])

    with pytest.raises(expected):
        app.claims(spoilt)
    assert app.claims_of(ana)


def test_tampered_claims_arrive(sandbox, app, ana):
    sandbox.tamper(
        claims={
            "email": "victim@other.example",
            "roles": ["VendorManager"],
            "tid": "other",
            "ver": "1.0",
            "nonce": "n",
        },
        remove=["acct", "name"],
        response={"oid": "chosen"},
        match="sandbox-ana",
    )
    answer = app.token(app.sign_in(ana).query["code"])
    claims = app.claims(answer)

    assert claims["email"] == "victim@other.example"
    assert (claims["roles"], claims["tid"], claims["ver"]) == (["VendorManager"], "other", "1.0")
    assert not {"acct", "name"} & set(claims)
    assert answer.json()["oid"] == "chosen"


def test_home_account_may_claim_another_address(sandbox, app, ana):
    sandbox.person("sandbox-ana@gmail.com", email_claim="victim@other.example")
    assert app.claims_of(ana)["email"] == "victim@other.example"
    sandbox.person("sandbox-ana@gmail.com", email_claim="")
    assert "email" not in app.claims_of(ana)


def test_userinfo_tells_what_the_token_told(sandbox, app, ana):
    answer = app.token(app.sign_in(ana).query["code"])
    url = f"{sandbox.url}/oidc/userinfo"

    good = app.http.get(url, headers={"Authorization": f"Bearer {answer.json()['access_token']}"}, timeout=10)
    bad = app.http.get(url, timeout=10)

    assert good.json()["sub"] == app.claims(answer)["sub"]
    assert bad.status_code == 401


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


def test_misspelt_switches_are_refused(sandbox):
    with pytest.raises(ValueError, match="unknown: claim"):
        sandbox.tamper(claim={"iss": "x"})
    with pytest.raises(ValueError, match="operation must be one of"):
        sandbox.fault("invitation", status=500)
    with pytest.raises(ValueError, match="unknown"):
        sandbox.settings(clock=1)
