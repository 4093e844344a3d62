import re

import pytest

from .conftest import walk


@pytest.fixture
def ana(app, person):
    app.invite("sandbox-ana@gmail.com")
    vendor = person("sandbox-ana@gmail.com")
    vendor.accept_invitation()
    return vendor


def test_logout_ends_the_session_tells_the_application_and_goes_on(sandbox, app, ana, visited):
    claims = app.claims_of(ana)
    after = app.callback.replace("/auth/complete/entra/", "/sign-in/")
    visited.calls.clear()

    page = ana.go(f"{sandbox.endpoint('logout')}?post_logout_redirect_uri={after}&logout_hint={claims['login_hint']}")

    assert page.url == after
    assert f"/auth/front-channel-logout/?sid={claims['sid']}" in visited.calls
    assert ana.go(app.authorize_url(prompt="none")).query["error"] == "login_required"


def test_logout_goes_nowhere_else(sandbox, app, ana):
    app.claims_of(ana)

    page = ana.go(f"{sandbox.endpoint('logout')}?post_logout_redirect_uri=https://evil.example/")

    assert page.origin == sandbox.url
    assert page.heading == "You signed out of your account"
    assert "evil" not in page.html


def test_logout_without_a_hint_asks_which_of_several_accounts(sandbox, app, ana):
    app.invite("sandbox-bruno@outlook.com")
    walk(ana, app.authorize_url(prompt="select_account"), account="sandbox-bruno@outlook.com")
    after = app.callback.replace("/auth/complete/entra/", "/sign-in/")

    page = ana.go(f"{sandbox.endpoint('logout')}?post_logout_redirect_uri={after}")
    assert list(page.forms) == ["pick-logout"]
    page = ana.submit("pick-logout", button=("account", "sandbox-bruno@outlook.com"))

    assert page.url == after
    silent = ana.go(app.authorize_url(prompt="none", login_hint="sandbox-bruno@outlook.com"))
    assert silent.query["error"] == "login_required"
    assert "code" in ana.go(app.authorize_url(prompt="none", login_hint=ana.address)).query


def test_logout_of_nobody(sandbox, app, person):
    after = app.callback.replace("/auth/complete/entra/", "/sign-in/")

    page = person("x@mail.example").go(f"{sandbox.endpoint('logout')}?post_logout_redirect_uri={after}")

    assert page.url == after


def test_frames_are_allowed_by_the_pages_policy(sandbox, app, ana, visited):
    app.claims_of(ana)

    page = ana.go(sandbox.endpoint("logout"))

    policy = page.response.headers["Content-Security-Policy"]
    assert re.search(rf"frame-src {re.escape(visited.base_url)}(;|$)", policy)
