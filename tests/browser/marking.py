"""What VM ticks on the page of a submission."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

from tests.browser.visitor import Visitor


def section(page: Page, title: str) -> Locator:
    return page.locator("details.part").filter(has=page.get_by_role("heading", name=title, exact=True))


def mark(vera: Visitor, title: str, reason: str) -> None:
    part = section(vera.page, title)
    part.get_by_text("Please change …").click()
    part.get_by_label("What should the vendor change here?").fill(reason)
    with vera.page.expect_navigation():
        part.get_by_role("button", name="Mark “please change”").click()


def accept(vera: Visitor, title: str) -> None:
    with vera.page.expect_navigation():
        section(vera.page, title).get_by_role("button", name="Accept").click()
