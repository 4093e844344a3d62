import re
from urllib.parse import urlencode

from ..application import Application, walk


def logout_url(app: Application, *, after: str, **parameters: str) -> str:
    return f"{app.sandbox.endpoint('logout')}?{urlencode({'post_logout_redirect_uri': after} | parameters)}"


def test_logout_ends_the_session_tells_the_application_and_goes_on(sandbox, app, accepted_ana, visited):
    claims = app.claims_of(accepted_ana)
    visited.calls.clear()

    page = accepted_ana.go(logout_url(app, after=app.signed_out, logout_hint=claims["login_hint"]))

    assert page.url == app.signed_out
    assert f"/auth/front-channel-logout/?sid={claims['sid']}" in visited.calls
    assert accepted_ana.go(app.authorize_url(prompt="none")).query["error"] == "login_required"


def test_logout_goes_nowhere_else(sandbox, app, accepted_ana):
    app.claims_of(accepted_ana)

    page = accepted_ana.go(logout_url(app, after="https://evil.example/"))

    assert page.origin == sandbox.url
    assert page.heading == "You signed out of your account"
    assert "evil" not in page.html


def test_logout_without_a_hint_asks_which_of_several_accounts(sandbox, app, accepted_ana):
    app.invite("sandbox-bruno@outlook.com")
    walk(accepted_ana, app.authorize_url(prompt="select_account"), account="sandbox-bruno@outlook.com")

    page = accepted_ana.go(logout_url(app, after=app.signed_out))
    assert list(page.forms) == ["pick-logout"]
    page = accepted_ana.submit("pick-logout", button=("account", "sandbox-bruno@outlook.com"))

    assert page.url == app.signed_out
    silent = accepted_ana.go(app.authorize_url(prompt="none", login_hint="sandbox-bruno@outlook.com"))
    assert silent.query["error"] == "login_required"
    assert "code" in accepted_ana.go(app.authorize_url(prompt="none", login_hint=accepted_ana.address)).query


def test_logout_of_nobody(sandbox, app, person):
    page = person("x@mail.example").go(logout_url(app, after=app.signed_out))

    assert page.url == app.signed_out


def test_frames_are_allowed_by_the_pages_policy(sandbox, app, accepted_ana, visited):
    app.claims_of(accepted_ana)

    page = accepted_ana.go(sandbox.endpoint("logout"))

    policy = page.response.headers["Content-Security-Policy"]
    assert re.search(rf"frame-src {re.escape(visited.base_url)}(;|$)", policy)
