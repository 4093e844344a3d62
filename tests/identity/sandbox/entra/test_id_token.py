import jwt
import pytest


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
    before = [key["kid"] for key in app.published_keys()]

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
