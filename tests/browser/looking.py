"""Is a page fit for everybody, on every screen?"""

from __future__ import annotations

import os
from itertools import count

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.screens import AUDIT, EVERY_SCREEN

# Not "preload": axe would put the style sheets it fetches into style elements, which our CSP forbids.
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "preload": False,
}
TOO_WIDE = """() => {
    const page = document.documentElement
    if (page.scrollWidth <= page.clientWidth) return ""
    const reaches = each => each.getBoundingClientRect().right > page.clientWidth
    const wide = [...document.querySelectorAll("*")].filter(reaches)
    return wide.at(-1)?.outerHTML.slice(0, 300) || "something"
}"""
_numbers = count(1)


def look(page: Page, *, with_axe: bool = True) -> None:
    """Let axe judge the page; keep a picture of it where SCREENSHOTS names a folder. `make audit` looks at it on every
    screen, otherwise at the one that the test has chosen.
    """
    page.wait_for_load_state()
    if not AUDIT:
        return look_as_it_is(page, with_axe=with_axe)
    size = page.viewport_size
    for screen in EVERY_SCREEN:
        page.set_viewport_size(screen["viewport"])
        page.emulate_media(color_scheme=screen["color_scheme"])
        look_as_it_is(page, with_axe=with_axe)
    page.set_viewport_size(size)


def look_as_it_is(page: Page, *, with_axe: bool) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        width = page.viewport_size["width"]
        name = page.url.partition("://")[2].partition("/")[2].partition("?")[0].replace("/", "-").strip("-")
        page.screenshot(path=f"{folder}/{width}-{next(_numbers):03}-{name[:60]}.png", full_page=True)
    found = [] if not with_axe else Axe().run(page, options=RULES).response["violations"]
    violations = [(page.url, each["id"], each["nodes"][0]["html"]) for each in found]
    assert violations == [], violations
    wide = page.evaluate(TOO_WIDE)
    assert not wide, f"{page.url} scrolls sideways: {wide}"
