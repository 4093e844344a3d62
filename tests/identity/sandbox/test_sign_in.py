"""The four kinds of login page, consent, and who is let in."""

import re

import pytest

from tests.person import Person

from .conftest import walk

VENDORS = [
    ("sandbox-ana@gmail.com", "google", "google.com"),
    (
        "sandbox-bruno@outlook.com",
        "microsoft",
        "https://sts.windows.net/9188040d-6c67-4c5b-b112-36a304b66dad/",
    ),
    ("chen@agency.example", "company", "https://sts.windows.net/"),
    ("dora@mail.example", "code", "mail"),
    ("emil@lingua.example", "company", "https://sts.windows.net/"),
    ("hugo@redirect.example", "company", "https://sts.windows.net/"),
    ("somebody.new@nowhere.example", "code", "mail"),
]


@pytest.mark.parametrize(("address", "skin", "idp"), VENDORS)
def test_invited_vendor_accepts_and_signs_in(sandbox, app, person, address, skin, idp):
    oid = app.invite(address).json()["invitedUser"]["id"]
    vendor = person(address)

    landing = vendor.accept_invitation()
    claims = app.claims_of(vendor)

    assert landing.url == app.welcome
    assert sandbox.guest(address)["externalUserState"] == "Accepted"
    assert claims["oid"] == oid
    assert claims["idp"].startswith(idp)
    assert (claims["acct"], claims["ver"], claims["tid"]) == (1, "2.0", sandbox.tenant_id)
    assert claims["email"] == claims["preferred_username"] == address
    assert claims["nonce"] == app.nonce
    assert claims["exp"] - claims["iat"] == 3900, "Entra backdates iat by five minutes"
    assert {"sub", "sid", "auth_time", "login_hint", "name", "uti", "rh", "aio"} <= set(claims)


def test_login_page_depends_on_the_mailbox(app, person):
    shown = {}
    for address, _, _ in VENDORS[:4]:
        vendor = person(address)
        shown[address] = vendor.go(app.authorize_url(login_hint=address))

    assert 'class="google"' in shown["sandbox-ana@gmail.com"].html
    assert 'class="microsoft"' in shown["sandbox-bruno@outlook.com"].html
    assert "Agency & Partners" in shown["chen@agency.example"].text
    assert list(shown["dora@mail.example"].forms) == ["login-code"]


def test_second_factor_is_asked_of_those_who_have_one(app, person):
    app.invite("emil@lingua.example")
    vendor = person("emil@lingua.example")
    vendor.go(app.authorize_url(login_hint=vendor.address))

    page = vendor.submit("login-password", passwd="secret")
    assert list(page.forms) == ["login-mfa"]
    page = vendor.submit("login-mfa", button="Deny")
    assert "We didn't hear from you" in page.text
    page = vendor.submit("login-mfa", button="Approve")
    assert list(page.forms) == ["consent"]


def test_password_page_refuses_only_the_wrong_one(app, person):
    app.invite("sandbox-ana@gmail.com")
    vendor = person("sandbox-ana@gmail.com")
    vendor.go(app.authorize_url(login_hint=vendor.address))

    page = vendor.submit("login-password", passwd="wrong")
    assert "incorrect" in page.text
    page = vendor.submit("login-password", passwd="")
    assert "Please enter your password" in page.text
    page = vendor.submit("login-password", passwd="anything")
    assert list(page.forms) == ["consent"]


def test_mailed_code_wrong_new_and_expired(sandbox, app, person):
    app.invite("dora@mail.example")
    vendor = person("dora@mail.example")
    vendor.go(app.authorize_url(login_hint=vendor.address))
    first = sandbox.code_for(vendor.address)

    page = vendor.submit("login-code", otc="00000000" if first != "00000000" else "1")
    assert "didn't work" in page.text
    page = vendor.submit("login-code", button="Send a new code")
    assert "new code" in page.text
    second = sandbox.code_for(vendor.address)
    assert re.fullmatch(r"\d{8}", second)
    if first != second:
        assert "didn't work" in vendor.submit("login-code", otc=first).text
    sandbox.settings(clock_offset=31 * 60)
    assert "expired" in vendor.submit("login-code", otc=second).text
    vendor.submit("login-code", button="Send a new code")
    page = vendor.submit("login-code", otc=sandbox.code_for(vendor.address))
    assert list(page.forms) == ["consent"]


def test_declined_consent_comes_back_as_access_denied(sandbox, app, person):
    app.invite("sandbox-ana@gmail.com")

    page = walk(person("sandbox-ana@gmail.com"), app.authorize_url(), consent=False)

    assert page.query["error"] == "access_denied"
    assert page.query["error_subcode"] == "cancel"
    assert page.query["error_description"].startswith("AADSTS65004: ")
    assert "\r\nTrace ID: " in page.query["error_description"]
    assert page.query["state"] == app.state
    assert sandbox.guest("sandbox-ana@gmail.com")["externalUserState"] == "PendingAcceptance"


def test_declined_invitation_stays_with_microsoft_and_can_be_accepted_later(sandbox, app, person):
    app.invite("sandbox-ana@gmail.com")
    vendor = person("sandbox-ana@gmail.com")

    assert vendor.accept_invitation(consent=False).heading == "You have not accepted"
    assert vendor.accept_invitation().url == app.welcome
    assert vendor.accept_invitation().url == app.welcome, "the link can be used again"


def test_direct_sign_in_redeems_without_the_mail(sandbox, app, person):
    oid = app.invite("chen@agency.example", sendInvitationMessage=False).json()["invitedUser"]["id"]

    claims = app.claims_of(person("chen@agency.example"))

    assert sandbox.mails("chen@agency.example") == []
    assert claims["oid"] == oid
    assert sandbox.guest("chen@agency.example")["externalUserState"] == "Accepted"


def test_stranger_stays_on_microsofts_page(sandbox, app, person, visited):
    stranger = person("sandbox-stranger@gmail.com")

    page = app.sign_in(stranger)

    assert page.origin == sandbox.url
    assert page.aadsts == 50020
    assert {"Request Id", "Correlation Id", "Timestamp"} <= set(re.findall(r"\w+ Id|Timestamp", page.text))
    assert visited.calls == []
    entry = sandbox.sign_ins()[-1]
    assert (entry["status"]["errorCode"], entry["userPrincipalName"]) == (50020, "sandbox-stranger@gmail.com")


def test_page_of_a_refused_account_offers_another_one(app, person):
    app.invite("sandbox-ana@gmail.com")
    vendor = person("sandbox-ana@gmail.com")
    walk(vendor, app.authorize_url(), account="sandbox-stranger@gmail.com")

    vendor.submit("login-other")
    page = vendor.authenticate()

    assert "code" in page.query


def test_invitation_link_can_be_redeemed_with_another_account(sandbox, app, person):
    oid = app.invite("sandbox-ana@gmail.com").json()["invitedUser"]["id"]
    vendor = person("sandbox-ana@gmail.com")
    vendor.go(vendor.read_mail("invited you")["accept_url"])

    landing = vendor.authenticate(account="sandbox-ana.private@outlook.com")
    claims = app.claims_of(vendor)
    as_invited = app.sign_in(person("sandbox-ana@gmail.com"))

    assert landing.url == app.welcome
    assert (claims["oid"], claims["email"]) == (oid, "sandbox-ana.private@outlook.com")
    assert as_invited.aadsts == 50020, "the guest belongs to the account that redeemed it"


def test_account_that_is_another_guest_cannot_redeem(sandbox, app, person):
    app.invite("sandbox-bruno@outlook.com")
    bruno = person("sandbox-bruno@outlook.com")
    bruno.accept_invitation()
    app.invite("sandbox-ana@gmail.com")

    bruno.go(sandbox.wait_for_mail("sandbox-ana@gmail.com")["accept_url"])
    page = bruno.authenticate()

    assert page.aadsts == 50020
    assert sandbox.guest("sandbox-ana@gmail.com")["externalUserState"] == "PendingAcceptance"


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
def test_disabled_and_deleted_guests_are_refused(sandbox, app, person, change, number):
    app.invite("sandbox-ana@gmail.com")
    person("sandbox-ana@gmail.com").accept_invitation()
    if change:
        sandbox.change_guest("sandbox-ana@gmail.com", **change)
    else:
        sandbox.delete_guest("sandbox-ana@gmail.com")

    page = app.sign_in(person("sandbox-ana@gmail.com"))

    assert page.aadsts == number
    assert sandbox.sign_ins()[-1]["status"]["errorCode"] == number


def test_assignment_required_stops_guests_but_not_assigned_staff(sandbox, app, person):
    app.invite("sandbox-ana@gmail.com")
    sandbox.settings(assignment_required=True)

    assert app.sign_in(person("sandbox-ana@gmail.com")).aadsts == 50105
    assert app.claims_of(person("vera.vm@sandberg.example"))["roles"] == ["VendorManager"]


@pytest.mark.parametrize(
    ("name", "roles"),
    [
        ("vera.vm", ["VendorManager"]),
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


def test_second_sign_in_needs_no_page(app, person):
    app.invite("sandbox-ana@gmail.com")
    vendor = person("sandbox-ana@gmail.com")
    vendor.accept_invitation()

    page = vendor.go(app.authorize_url())

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


def test_several_accounts_are_offered_for_choice(app, person):
    for address in ("sandbox-ana@gmail.com", "sandbox-bruno@outlook.com"):
        app.invite(address)
    shared = person("sandbox-ana@gmail.com")
    shared.accept_invitation()
    walk(shared, app.authorize_url(prompt="select_account"), account="sandbox-bruno@outlook.com")

    page = shared.go(app.authorize_url())
    offered = [button.value for button in page.forms["pick-account"].buttons]
    page = shared.submit("pick-account", button=("account", "sandbox-ana@gmail.com"))

    assert sorted(offered) == ["other", "sandbox-ana@gmail.com", "sandbox-bruno@outlook.com"]
    assert "code" in page.query


@pytest.mark.parametrize("changes", [{"prompt": "login"}, {"max_age": "0"}])
def test_credentials_are_asked_again_when_demanded(sandbox, app, person, changes):
    app.invite("sandbox-ana@gmail.com")
    vendor = person("sandbox-ana@gmail.com")
    vendor.accept_invitation()
    before = app.claims_of(vendor)["auth_time"]
    sandbox.settings(clock_offset=100)

    page = vendor.go(app.authorize_url(login_hint=vendor.address, **changes))
    after = app.claims_of(vendor, login_hint=vendor.address, **changes)["auth_time"]

    assert list(page.forms) == ["login-password"]
    assert after >= before + 100


def test_login_hint_claim_is_a_hint(app, person):
    app.invite("sandbox-ana@gmail.com")
    hint = app.claims_of(person("sandbox-ana@gmail.com"))["login_hint"]

    page = person("sandbox-ana@gmail.com").go(app.authorize_url(login_hint=hint))

    assert "sandbox-ana" not in hint
    assert "sandbox-ana@gmail.com" in page.text


def test_prompt_consent_asks_an_accepted_guest_again(app, person):
    app.invite("sandbox-ana@gmail.com")
    vendor = person("sandbox-ana@gmail.com")
    vendor.accept_invitation()

    page = vendor.go(app.authorize_url(prompt="consent"))

    assert list(page.forms) == ["consent"]


def silent(app, vendor: Person, **changes):
    return vendor.go(app.authorize_url(prompt="none", **changes))


def test_silent_sign_in(sandbox, app, person):
    app.invite("sandbox-ana@gmail.com")
    vendor = person("sandbox-ana@gmail.com")

    nobody = silent(app, vendor)
    vendor.go(app.authorize_url(login_hint=vendor.address))
    vendor.submit("login-password", passwd="anything")
    pending = silent(app, vendor)
    vendor.go(app.authorize_url())
    vendor.authenticate()
    signed_in = silent(app, vendor, login_hint=vendor.address)
    other_hint = silent(app, vendor, login_hint="somebody@else.example")
    sandbox.settings(silent_needs_mfa=True)
    mfa = silent(app, vendor)
    sandbox.settings(silent_needs_mfa=False)
    sandbox.change_guest(vendor.address, accountEnabled=False)
    disabled = silent(app, vendor)

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


def test_form_post_answer(app, person, visited):
    app.invite("sandbox-ana@gmail.com")

    page = app.sign_in(person("sandbox-ana@gmail.com"), response_mode="form_post")

    assert page.url == app.callback
    assert visited.calls == ["/auth/complete/entra/"]
