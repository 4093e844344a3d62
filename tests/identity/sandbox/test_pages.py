"""The sandbox's own pages in Chromium: accessible, no complaint of the policy, usable on a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.person import Person

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 844}


@pytest.fixture
def window(browser):
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    page.problems = []
    page.on("console", lambda message: page.problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    yield page
    context.close()


def check(window, *, allowed: str = "\0") -> None:
    violations = Axe().run(window).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in violations] == []
    assert window.evaluate("document.documentElement.scrollWidth") <= window.viewport_size["width"]
    assert [problem for problem in window.problems if allowed not in problem] == []


def give_password(window) -> None:
    window.locator("#passwd").fill("anything")
    window.locator("#login-password .main").click()


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_people_and_mailboxes(sandbox, app, window, size):
    window.set_viewport_size(size)
    app.invite("sandbox-ana@gmail.com")
    window.goto(f"{sandbox.url}/")
    check(window)
    window.get_by_role("link", name="Open mailbox of sandbox-ana@gmail.com").click()
    check(window)
    window.get_by_role("link", name="invited you to collaborate").click()
    check(window)
    window.get_by_role("link", name="Block future invitations").click()
    check(window)


@pytest.mark.parametrize("address", ["sandbox-ana@gmail.com", "sandbox-bruno@outlook.com", "chen@agency.example"])
def test_accept_with_a_password(sandbox, app, window, address):
    app.invite(address)
    window.goto(sandbox.wait_for_mail(address)["accept_url"])
    check(window)
    window.get_by_role("button", name="Next" if "gmail" in address else "Sign in").click()
    check(window)
    give_password(window)
    check(window)
    window.get_by_role("button", name="Accept").click()
    assert window.url == app.welcome


def test_accept_with_a_mailed_code(sandbox, app, window):
    app.invite("dora@mail.example")
    window.goto(app.authorize_url())
    check(window)
    window.locator("#loginfmt").fill("dora@mail.example")
    window.get_by_role("button", name="Next").click()
    check(window)
    window.get_by_label("Code").fill("123")
    window.get_by_role("button", name="Sign in").click()
    check(window)
    window.get_by_label("Code").fill(sandbox.code_for("dora@mail.example"))
    window.get_by_role("button", name="Sign in").click()
    window.get_by_role("button", name="Accept").click()
    assert window.url.startswith(f"{app.callback}?code=")


def test_second_factor_picker_and_error_page(sandbox, app, window):
    app.invite("emil@lingua.example")
    window.goto(app.authorize_url(login_hint="emil@lingua.example"))
    give_password(window)
    check(window)
    window.get_by_role("button", name="Approve").click()
    window.get_by_role("button", name="Accept").click()
    window.goto(app.authorize_url(prompt="select_account"))
    check(window)
    window.get_by_role("button", name="Use another account").click()
    window.locator("#loginfmt").fill("sandbox-stranger@gmail.com")
    window.get_by_role("button", name="Next").click()
    give_password(window)
    window.get_by_text("AADSTS50020:").wait_for()
    check(window)


def test_chain_over_another_host_ends_at_the_application(sandbox, app, window):
    """Chromium holds a form's policy against every redirect that follows."""
    app.invite("hugo@redirect.example")
    window.goto(app.authorize_url())
    window.locator("#loginfmt").fill("hugo@redirect.example")
    window.get_by_role("button", name="Next").click()
    assert window.url.startswith(f"http://localhost:{sandbox.port}/")
    check(window)
    give_password(window)
    window.get_by_role("button", name="Accept").click()
    assert window.url.startswith(f"{app.callback}?code=")
    assert window.problems == []


def test_form_post(sandbox, app, window):
    app.invite("sandbox-ana@gmail.com")
    window.goto(app.authorize_url(login_hint="sandbox-ana@gmail.com", response_mode="form_post"))
    give_password(window)
    window.get_by_role("button", name="Accept").click()
    check(window)
    window.get_by_role("button", name="Continue").click()
    assert window.url == app.callback


def test_signing_out_loads_the_applications_frame_and_goes_on(sandbox, app, window, visited):
    app.invite("sandbox-ana@gmail.com")
    window.goto(app.authorize_url(login_hint="sandbox-ana@gmail.com"))
    give_password(window)
    window.get_by_role("button", name="Accept").click()
    visited.calls.clear()

    window.goto(f"{sandbox.endpoint('logout')}?post_logout_redirect_uri={app.signed_out}")
    window.wait_for_url(app.signed_out)

    assert any(call.startswith("/auth/front-channel-logout/?sid=") for call in visited.calls)
    assert window.problems == []
    window.goto(sandbox.endpoint("logout"))
    check(window)


def test_pages_that_end_somewhere(sandbox, app, window):
    for path in ("/nothing-here", f"/{sandbox.tenant_id}/login?ctx=lost"):
        window.goto(f"{sandbox.url}{path}")
        check(window, allowed="status of 4")
    sandbox.authorize_fault(never=True, before=True)
    window.goto(app.authorize_url())
    check(window, allowed="status of 4")


def test_declining_says_what_it_means(sandbox, app, window):
    app.invite("sandbox-ana@gmail.com")
    window.goto(Person("sandbox-ana@gmail.com", sandbox).read_mail()["accept_url"])
    give_password(window)
    window.get_by_role("button", name="Cancel").click()
    check(window)
    assert window.get_by_role("heading", level=1).inner_text() == "You have not accepted"
