import pytest

from tests.person import Person


def test_second_sign_in_needs_no_page(app, accepted_ana):
    page = accepted_ana.go(app.authorize_url())

    assert "code" in page.query
    assert len(page.hops) == 1


def test_company_page_on_another_host_is_visited_even_when_signed_in(sandbox, app, person):
    app.invite("hugo@redirect.example")
    vendor = person("hugo@redirect.example")
    vendor.accept_invitation()

    page = vendor.go(app.authorize_url(login_hint=vendor.address))

    hosts = [hop.url.split("/")[2].split(":")[0] for hop in page.hops]
    assert "code" in page.query
    assert hosts == ["127.0.0.1", "localhost", "127.0.0.1"]


@pytest.mark.parametrize("changes", [{"prompt": "login"}, {"max_age": "0"}])
def test_credentials_are_asked_again_when_demanded(sandbox, app, accepted_ana, changes):
    before = app.claims_of(accepted_ana)["auth_time"]
    sandbox.settings(clock_offset=100)

    page = accepted_ana.go(app.authorize_url(login_hint=accepted_ana.address, **changes))
    after = app.claims_of(accepted_ana, login_hint=accepted_ana.address, **changes)["auth_time"]

    assert list(page.forms) == ["login-password"]
    assert after >= before + 100


def test_login_hint_claim_is_a_hint(app, ana, person):
    hint = app.claims_of(ana)["login_hint"]

    page = person(ana.address).go(app.authorize_url(login_hint=hint))

    assert "sandbox-ana" not in hint
    assert "sandbox-ana@gmail.com" in page.text


def test_prompt_consent_asks_an_accepted_guest_again(app, accepted_ana):
    page = accepted_ana.go(app.authorize_url(prompt="consent"))

    assert list(page.forms) == ["consent"]


def silent(app, vendor: Person, **changes):
    return vendor.go(app.authorize_url(prompt="none", **changes))


def test_silent_sign_in(sandbox, app, ana):
    nobody = silent(app, ana)
    ana.go(app.authorize_url(login_hint=ana.address))
    ana.submit("login-password", passwd="anything")
    pending = silent(app, ana)
    ana.go(app.authorize_url())
    ana.authenticate()
    signed_in = silent(app, ana, login_hint=ana.address)
    other_hint = silent(app, ana, login_hint="somebody@else.example")
    sandbox.settings(silent_needs_mfa=True)
    mfa = silent(app, ana)
    sandbox.settings(silent_needs_mfa=False)
    sandbox.change_guest(ana.address, accountEnabled=False)
    disabled = silent(app, ana)

    assert (nobody.query["error"], nobody.query["state"]) == ("login_required", app.state)
    assert nobody.query["error_description"].startswith("AADSTS50058")
    assert pending.query["error"] == "consent_required"
    assert "code" in signed_in.query
    assert other_hint.query["error"] == "login_required"
    assert mfa.query["error"] == "interaction_required"
    assert disabled.query["error"] == "interaction_required"


def test_silent_sign_in_of_a_code_mailbox_ends_after_a_day(sandbox, app, person):
    for address in ("dora@mail.example", "sandbox-ana@gmail.com"):
        app.invite(address)
    dora, ana = person("dora@mail.example"), person("sandbox-ana@gmail.com")
    dora.accept_invitation()
    ana.accept_invitation()

    sandbox.settings(clock_offset=25 * 3600)

    assert silent(app, dora).query["error"] == "login_required"
    assert "code" in silent(app, ana).query


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"client_id": "00000000-0000-0000-0000-00000000beef"}, 700016),
        ({"redirect_uri": "https://evil.example/auth/complete/entra/"}, 50011),
        ({"redirect_uri": None}, 50011),
        ({"client_id": None}, 900144),
    ],
)
def test_request_that_may_not_be_answered_stays_on_a_page(app, person, visited, changes, number):
    page = person("sandbox-ana@gmail.com").go(app.authorize_url(**changes))

    assert page.aadsts == number
    assert visited.calls == []


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "id_token"}, "unsupported_response_type"),
        ({"scope": "openid https://graph.microsoft.com/Mail.Read"}, "invalid_scope"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"prompt": "please"}, "invalid_request"),
    ],
)
def test_request_that_is_wrong_is_answered_with_an_error(app, person, changes, error):
    page = person("sandbox-ana@gmail.com").go(app.authorize_url(**changes))

    assert (page.query["error"], page.query["state"]) == (error, app.state)


def test_doubled_parameter_is_refused(app, person):
    url = app.authorize_url() + "&redirect_uri=https://evil.example/"

    assert person("sandbox-ana@gmail.com").go(url).aadsts == 90013


def test_common_endpoint_is_refused_for_a_single_tenant_app(sandbox, app, person):
    url = app.authorize_url().replace(sandbox.tenant_id, "common")

    assert person("sandbox-ana@gmail.com").go(url).aadsts == 50194


def test_form_post_answer(app, ana, visited):
    page = app.sign_in(ana, response_mode="form_post")

    assert page.url == app.callback
    assert visited.calls == ["/auth/complete/entra/"]
