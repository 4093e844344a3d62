"""What VM ticks on the page of a submission."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

from tests.browser import finding
from tests.browser.visitor import Visitor


def section(page: Page, step: str) -> Locator:
    return page.locator(f"#section-{step}")


def mark(vera: Visitor, step: str, reason: str) -> None:
    part = section(vera.page, step)
    part.locator(".section-review summary").click()
    finding.question(part, "reason").fill(reason)
    with vera.page.expect_navigation():
        finding.button(part, name=("verdict", "change")).click()


def accept(vera: Visitor, step: str) -> None:
    with vera.page.expect_navigation():
        finding.button(section(vera.page, step), name=("verdict", "accepted")).click()
