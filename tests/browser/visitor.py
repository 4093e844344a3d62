"""A human being at Chromium, walking Passport and the sandbox tenant; every page of Passport is looked at."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from playwright.sync_api import ConsoleMessage, Page, expect

from identity.models import User
from tests.browser import finding
from tests.browser.looking import look
from tests.clients import signed_in
from tests.passport_fixture import Passport

MOST_LOGIN_PAGES = 12


class Visitor:
    def __init__(self, page: Page, passport: Passport, address: str, *, runs_scripts: bool = True) -> None:
        self.page, self.passport, self.address = page, passport, address
        self.runs_scripts = runs_scripts
        self.complaints: list[str] = []
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("request", lambda request: self._note_stranger(request.url))

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    @property
    def is_at_the_tenant(self) -> bool:
        return self.origin(self.page.url) in self.passport.tenant.origins

    def origin(self, url: str) -> str:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc}"

    def _note(self, message: ConsoleMessage) -> None:
        if not self.is_at_the_tenant and (message.type == "error" or "Content Security Policy" in message.text):
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _note_stranger(self, url: str) -> None:
        ours = {self.origin(self.passport.url), *self.passport.tenant.origins}
        if url.startswith("http") and self.origin(url) not in ours:
            self.complaints.append(f"{self.page.url} asked {url}")

    def go(self, url: str) -> None:
        self.page.goto(url if url.startswith("http") else f"{self.passport.url}{url}")

    def opens(self, url: str) -> int:
        """As go, for pages that are no success; answers the status."""
        response = self.page.goto(url if url.startswith("http") else f"{self.passport.url}{url}")
        return response.status if response else 0

    def press(self, form: str = "", *, button: str | tuple[str, str] = "") -> None:
        """A button, found as finding.button does."""
        with self.page.expect_navigation():
            finding.button(self.page, form, button).click()

    def follow(self, path: str) -> None:
        with self.page.expect_navigation():
            finding.link(self.page, path).click()

    def arrives(self, path: str, *, heading: str = "") -> None:
        """At this page of Passport, with the heading of this id, and nothing is wrong with it."""
        expect(self.page).to_have_url(re.compile(f"{re.escape(self.passport.url + path)}([?#].*)?$"))
        if heading:
            expect(self.page.locator(f"h1#{heading}")).to_be_visible()
        self.look()

    def look(self) -> None:
        """Axe is a script too, and would wait for ever."""
        look(self.page, with_axe=self.runs_scripts)

    def forgives(self, status: int) -> None:
        """Chromium writes a line for every answer of 400 and above, expected or not."""
        self.complaints = [text for text in self.complaints if f"status of {status} " not in text]

    def is_signed_in_as(self, user: User) -> None:
        """Without the way through the tenant."""
        client = signed_in(user)
        name = settings.SESSION_COOKIE_NAME
        self.page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": self.passport.url}])

    # At the tenant

    def opens_mail(self, subject: str = "", *, kind: str = "") -> None:
        """In the mailbox, as a person would find it there."""
        mail = self.passport.tenant.wait_for_mail(self.address, subject, kind=kind)
        mailbox = f"/mail/{self.address}/"
        self.go(f"{self.passport.tenant.url}{mailbox}")
        self.follow(f"{mailbox}{mail['number']}/")

    def accepts_invitation(self) -> None:
        self.opens_mail("invited you to collaborate")
        with self.page.expect_navigation():
            self.page.locator("#accept-invitation").click()
        self.authenticates()

    def authenticates(self) -> None:
        """Walk whatever pages the tenant shows."""
        for _page in range(MOST_LOGIN_PAGES):
            if not self.is_at_the_tenant:
                return
            form = self.page.locator("form").first
            kind = form.get_attribute("id")
            button = form.get_by_role("button")
            if kind in ("login-password", "login-code") and self.page.get_by_text(self.address).count() == 0:
                button = form.locator("[name=action][value=other]")
            elif kind == "login-email":
                form.locator("[name=loginfmt]").fill(self.address)
            elif kind == "login-password":
                form.locator("#passwd").fill("anything will do")
            elif kind == "login-code":
                form.locator("[name=otc]").fill(self.passport.tenant.code_for(self.address))
            elif kind == "pick-account":
                button = button.filter(has_text=self.address)
            with self.page.expect_navigation():
                button.first.click()
        raise AssertionError(f"still at the tenant: {self.page.url}")

    def signs_in(self, *, stay: str = "no") -> None:
        """From the sign-in screen to Passport's question, and its answer."""
        self.press("signin")
        self.authenticates()
        self.arrives("/stay-signed-in/")
        self.press("stay", button=("stay", stay))

    def enters(self) -> None:
        """From the sign-in screen to the first page of somebody who has never been here."""
        self.go("/sign-in/")
        self.signs_in()

    # In the wizard

    def walks(self, steps: dict[str, Callable[[Page], None]]) -> None:
        for step, fill in steps.items():
            self.arrives(f"/onboarding/{step}/")
            fill(self.page)
            self.saves()

    def saves(self) -> None:
        """The page of the wizard, and goes on."""
        self.press(button="continue")

    def sends(self) -> None:
        self.arrives("/onboarding/check/")
        self.declares_and_sends()
        self.arrives("/onboarding/", heading="submitted")

    def declares_and_sends(self) -> None:
        finding.question(self.page, "check-declared").check()
        self.press("/onboarding/check/")
