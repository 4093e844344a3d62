"""The four kinds of login page."""

import re

import pytest

from ..application import walk

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
    page = vendor.submit("login-mfa", button=("mfa", "deny"))
    assert "We didn't hear from you" in page.text
    page = vendor.submit("login-mfa", button=("mfa", "approve"))
    assert list(page.forms) == ["consent"]


def test_password_page_refuses_only_the_wrong_one(app, ana):
    ana.go(app.authorize_url(login_hint=ana.address))

    page = ana.submit("login-password", passwd="wrong")
    assert "incorrect" in page.text
    page = ana.submit("login-password", passwd="")
    assert "Please enter your password" in page.text
    page = ana.submit("login-password", passwd="anything")
    assert list(page.forms) == ["consent"]


def test_mailed_code_wrong_new_and_expired(sandbox, app, person):
    app.invite("dora@mail.example")
    vendor = person("dora@mail.example")
    vendor.go(app.authorize_url(login_hint=vendor.address))
    first = sandbox.code_for(vendor.address)

    page = vendor.submit("login-code", otc="00000000" if first != "00000000" else "1")
    assert "didn't work" in page.text
    page = vendor.submit("login-code", button=("action", "resend"))
    assert "new code" in page.text
    second = sandbox.code_for(vendor.address)
    assert re.fullmatch(r"\d{8}", second)
    if first != second:
        assert "didn't work" in vendor.submit("login-code", otc=first).text
    sandbox.settings(clock_offset=31 * 60)
    assert "expired" in vendor.submit("login-code", otc=second).text
    vendor.submit("login-code", button=("action", "resend"))
    page = vendor.submit("login-code", otc=sandbox.code_for(vendor.address))
    assert list(page.forms) == ["consent"]


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
