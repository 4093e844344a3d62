"""The wizard, the profile and the review in Chromium, at desktop and telephone width.

No axe violation, no CSP violation, no request to anybody else.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from django.test import Client
from playwright.sync_api import Page, expect

from identity import roles
from identity.models import User
from onboarding.models import Submission
from tests.factories import create_staff, create_vendor
from tests.onboarding.answers import PDF
from vendors.models import VendorState

BACKEND = "identity.backends.EntraOpenIdConnect"
SIZES = {"desktop": {"width": 1280, "height": 900}, "telephone": {"width": 390, "height": 844}}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture(params=SIZES)
def size(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def walker(page: Page, live_server: Any, size: str, settings: Any, tmp_path: Path) -> Iterator[Walker]:
    settings.BASE_URL = live_server.url
    page.set_viewport_size(SIZES[size])
    walker = Walker(page, live_server.url, size, tmp_path)
    yield walker
    assert walker.complaints == []
    assert walker.strangers == []


class Walker:
    """Somebody at the browser who looks at every page they come to."""

    def __init__(self, page: Page, url: str, size: str, folder: Path) -> None:
        self.page, self.url, self.size, self.folder = page, url, size, folder
        self.complaints: list[str] = []
        self.strangers: list[str] = []
        self.number = 0
        page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self._is_stranger(request.url) and self.strangers.append(request.url))

    def _is_stranger(self, url: str) -> bool:
        return url.startswith("http") and urlsplit(url).netloc != urlsplit(self.url).netloc

    def is_signed_in_as(self, user: User) -> None:
        client = Client()
        client.force_login(user, backend=BACKEND)
        name = django_settings.SESSION_COOKIE_NAME
        self.page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": self.url}])

    def go(self, path: str) -> None:
        self.page.goto(f"{self.url}{path}")

    def look(self, name: str) -> None:
        """Let axe judge the page; keep a picture where SCREENSHOTS names a folder."""
        self.number += 1
        if folder := os.environ.get("SCREENSHOTS"):
            self.page.screenshot(path=f"{folder}/{self.size}-{self.number:02}-{name}.png", full_page=True)
        found = Axe().run(self.page, options=RULES).response["violations"]
        assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
        wide = self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not wide, f"{name} scrolls sideways"

    def expect_at(self, path: str) -> None:
        expect(self.page).to_have_url(f"{self.url}{path}")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()


@pytest.fixture
def vendor(transactional_db: None) -> Any:
    return create_vendor(state=VendorState.ONBOARDING, name="Łucja Nowak", primary_email="lucja@example.com")


def about(page: Page) -> None:
    page.get_by_label("As a freelancer, under my own name").check()
    page.get_by_label("How should our mails greet you?").fill("Łucja")


def contact(page: Page) -> None:
    page.get_by_label("Telephone number").fill("22 123 45 67")
    page.get_by_label("Street address").fill("ul. Prosta 1")
    page.get_by_label("Town or city").fill("Warszawa")
    page.get_by_label("Country").select_option(label="Poland")


def languages(page: Page) -> None:
    page.get_by_label("Your native language").fill("Polish")
    page.get_by_label("From").first.fill("German")
    page.get_by_label("Into").first.fill("Polish")
    page.get_by_role("button", name="Add another pair").click()
    page.get_by_label("From").nth(1).fill("English (United Kingdom)")
    page.get_by_label("Into").nth(1).fill("Polish")


def services(page: Page) -> None:
    everywhere = page.get_by_role("group", name="What do you offer in all your language pairs?")
    everywhere.get_by_label("Translation", exact=True).check()
    page.get_by_text("German → Polish").first.click()
    page.get_by_role("group", name="German → Polish").get_by_label("Subtitling").check()
    page.get_by_label("Law and contracts").check()
    page.get_by_label("memoQ").check()


def rates(page: Page) -> None:
    translation = page.get_by_role("group", name="Translation")
    translation.get_by_label("Your rate").fill("0,085")
    translation.get_by_text("Another rate in some pairs?").click()
    translation.get_by_role("textbox", name="English (United Kingdom) → Polish").fill("0.09")
    page.get_by_role("group", name="Subtitling").get_by_label("Your rate").fill("7.5")


def payment(page: Page) -> None:
    page.get_by_label("Bank account with an IBAN").check()
    page.get_by_label("Name of the account holder").fill("Łucja Nowak")
    page.get_by_role("textbox", name="IBAN").fill("PL61 1090 1014 0000 0712 1981 2874")


def agreements(page: Page) -> None:
    page.get_by_text("Read: Confidentiality agreement").click()
    for box in page.get_by_role("checkbox").all():
        box.check()


def qualifications(folder: Path) -> Callable[[Page], None]:
    cv = folder / "My CV.pdf"
    cv.write_bytes(PDF)

    def fill(page: Page) -> None:
        page.get_by_role("group", name="Do you have a degree in translation").get_by_label("No").check()
        page.get_by_role("group", name="Do you have a degree in another").get_by_label("No").check()
        page.get_by_label("For how many years").fill("7")
        page.get_by_label("Your CV").set_input_files(cv)

    return fill


def test_freelancer_walks_the_wizard_and_vm_approves(walker: Walker, vendor: Any) -> None:
    page = walker.page
    walker.is_signed_in_as(vendor.user)
    walker.go("/onboarding/")
    walker.look("index")
    page.get_by_role("link", name="Begin").click()

    steps: list[tuple[str, Callable[[Page], None]]] = [
        ("about", about),
        ("contact", contact),
        ("languages", languages),
        ("services", services),
        ("rates", rates),
        ("qualifications", qualifications(walker.folder)),
        ("payment", payment),
        ("agreements", agreements),
    ]
    for step, fill in steps:
        walker.expect_at(f"/onboarding/{step}/")
        if step != "agreements":
            walker.press("Save and continue")
            expect(page).to_have_title(f"Error: {page.title().removeprefix('Error: ')}")
            walker.look(f"{step}-refused")
        fill(page)
        walker.look(step)
        walker.press("Save and continue")

    walker.expect_at("/onboarding/check/")
    walker.look("check")
    page.get_by_label("What I have written here is true and complete.").check()
    walker.press("Send to Vendor Management")
    walker.expect_at("/onboarding/")
    walker.look("submitted")
    submission = Submission.objects.get()
    expect(page.locator(".reference")).to_have_text(submission.reference)

    walker.is_signed_in_as(create_staff(role=roles.ADMINISTRATOR))
    walker.go("/admin/onboarding/submission/")
    walker.look("admin-list")
    page.get_by_role("link", name=submission.reference).click()
    walker.look("admin-submission")
    walker.press("Show the payment details")
    expect(page.get_by_text("PL61 1090 1014 0000 0712 1981 2874")).to_be_visible()
    page.get_by_role("link", name="Ask for changes").click()
    walker.look("admin-decide")
    page.get_by_label("Reason").fill("Please send your degree certificate.")
    walker.press("Ask for changes")

    walker.is_signed_in_as(vendor.user)
    walker.go("/onboarding/")
    walker.look("changes-requested")
    page.get_by_role("link", name="Check and send").first.click()
    page.get_by_label("What I have written here is true and complete.").check()
    walker.press("Send to Vendor Management")

    walker.is_signed_in_as(User.objects.get(is_staff=True))
    walker.go(f"/admin/onboarding/submission/{Submission.objects.get(state='waiting').pk}/approve/")
    walker.press("Approve")

    walker.is_signed_in_as(vendor.user)
    walker.go("/onboarding/")
    walker.expect_at("/profile/")
    walker.look("profile")
    walker.go("/profile/email-change/")
    walker.look("email-change")


def test_two_tabs_see_both_versions(walker: Walker, vendor: Any) -> None:
    page = walker.page
    walker.is_signed_in_as(vendor.user)
    walker.go("/onboarding/about/")
    about(page)
    other = page.context.new_page()
    other.goto(f"{walker.url}/onboarding/about/")
    about(other)
    other.get_by_label("Your full name").fill("Typed in the other tab")
    other.get_by_role("button", name="Save and continue").click()
    other.close()

    walker.press("Save and continue")

    expect(page.get_by_role("heading", name="This page was saved somewhere else in the meantime")).to_be_visible()
    expect(page.get_by_role("cell", name="Typed in the other tab")).to_be_visible()
    walker.look("both-versions")
    # Chromium itself writes a line for every answer of 400 and above.
    walker.complaints = [text for text in walker.complaints if "409" not in text]
    walker.press("Save what I typed")
    walker.expect_at("/onboarding/contact/")


def test_file_that_is_too_big_is_answered_with_a_page(walker: Walker, vendor: Any) -> None:
    big = walker.folder / "scan.pdf"
    big.write_bytes(b"%PDF-" + b"x" * (30 * 2**20))
    walker.is_signed_in_as(vendor.user)
    walker.go("/onboarding/qualifications/")
    walker.page.get_by_label("Your CV").set_input_files(big)

    walker.press("Save and continue")

    expect(walker.page.get_by_role("heading", name="That file is too big")).to_be_visible()
    walker.look("too-big")
    walker.complaints = [text for text in walker.complaints if "413" not in text]
