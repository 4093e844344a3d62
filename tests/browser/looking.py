"""Is a page fit for everybody, on every screen?"""

from __future__ import annotations

import hashlib
import os
from itertools import count

from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page

from tests.browser.measuring import measure
from tests.browser.screens import AUDIT, EVERY_SCREEN, PAPER

# Not "preload": axe would put the style sheets it fetches into style elements, which our CSP forbids.
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "preload": False,
    "resultTypes": ["violations"],
}
# Only tables scroll sideways, in a box of their own; the admin lays its page out in boxes that may scroll as well.
TOO_WIDE = """() => {
    const page = document.documentElement
    const own = ".table-scroll, .results, textarea, select, option, input, .visually-hidden"
    const mayScroll = each => /auto|scroll/.test(getComputedStyle(each).overflowX)
    const scrolls = each => mayScroll(each) && each.scrollWidth > each.clientWidth + 1
    const box = [...document.querySelectorAll("body, body *")].find(each => !each.matches(own) && scrolls(each))
    if (page.scrollWidth <= page.clientWidth && !box) return ""
    const edge = box ? box.getBoundingClientRect().left + box.clientWidth : page.clientWidth
    const reaches = each => each.getBoundingClientRect().right > edge + 0.5 && !each.closest(".table-scroll, .results")
    const wide = [...document.querySelectorAll("*")].filter(reaches)
    return wide.at(-1)?.outerHTML.slice(0, 300) || "something"
}"""
# What axe judges of a page but its words: two pages that agree in it have the same faults.
SKELETON = """() => {
    const judged = /^(class|type|role|lang|dir|href|for|id|aria-.*)$/
    const parts = []
    const walk = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT)
    for (let node = walk.currentNode; node; node = walk.nextNode()) {
        if (node.nodeType === Node.TEXT_NODE) {
            if (node.data.trim()) parts.push("text")
            continue
        }
        const attributes = [...node.attributes].map(({name, value}) => {
            const content = judged.test(name) ? value.replace(/\\d+/g, "0").replace(/#.*|\\?.*/, "") : value !== ""
            return `${name}=${content}`
        })
        parts.push([node.tagName, node.checked, node === document.activeElement, ...attributes].join(" "))
    }
    return parts.join("\\n")
}"""
PAPER_HAS = """() => {
    const isSeen = each => each.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true})
    const pressed = "nav, button, .button, .button-quiet, main a[href^='/onboarding/'], input, select, textarea"
    const named = each => each.outerHTML.slice(0, 200)
    return {
        head: document.querySelector("#on-paper").innerText,
        left: [...document.querySelectorAll(pressed)].filter(isSeen).map(named),
        hidden: [...document.querySelectorAll("main dd:not(.summary-actions)")].filter(each => !isSeen(each)).length,
        wide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
    }
}"""
IS_DARK = "() => matchMedia('(prefers-color-scheme: dark)').matches"
VIOLATIONS = """options => axe.run(document, options).then(
    ({violations}) => violations.map(({id, nodes}) => [id, nodes[0].html])
)"""
_numbers = count(1)
_judged: set[tuple[str, ...]] = set()


def look(page: Page, *, with_axe: bool = True) -> None:
    """Let axe judge the page; keep a picture of it where SCREENSHOTS names a folder. `make audit` looks at it on every
    screen, otherwise at the one that the test has chosen.
    """
    page.wait_for_load_state()
    if with_axe:
        found = _measured(page)
        assert found == [], (page.url, found)
    if not AUDIT:
        return look_as_it_is(page, with_axe=with_axe)
    size = page.viewport_size
    for screen in EVERY_SCREEN:
        page.set_viewport_size(screen["viewport"])
        page.emulate_media(color_scheme=screen["color_scheme"])
        # Colours that are still on their way from one scheme to the other have any contrast. Nobody waits for them: in
        # a page behind another one they never arrive.
        page.evaluate("document.getAnimations().forEach(each => each.finish())")
        look_as_it_is(page, with_axe=with_axe)
    page.set_viewport_size(size)


def _measured(page: Page) -> list[str]:
    """Once for pages that differ in their words alone, as with axe; on which screen somebody is makes no difference."""
    key = ("measured", hashlib.sha256(page.evaluate(SKELETON).encode()).hexdigest())
    if key in _judged:
        return []
    found = measure(page)
    if not found:
        _judged.add(key)
    return found


def look_as_it_is(page: Page, *, with_axe: bool) -> None:
    take_picture(page)
    violations = judge(page) if with_axe else []
    assert violations == [], (page.url, violations)
    wide = page.evaluate(TOO_WIDE)
    assert not wide, f"{page.url} scrolls sideways: {wide}"


def take_picture(page: Page) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        width = page.viewport_size["width"]
        name = page.url.partition("://")[2].partition("/")[2].partition("?")[0].replace("/", "-").strip("-")
        page.screenshot(path=f"{folder}/{width}-{next(_numbers):03}-{name[:60]}.png", full_page=True)


def look_on_paper(page: Page, *, name: str) -> None:
    """As it is printed: whose it is and when, every fold open, and nothing to press."""
    size = page.viewport_size
    page.set_viewport_size(PAPER)
    page.emulate_media(media="print")
    take_picture(page)
    paper = page.evaluate(PAPER_HAS)
    page.emulate_media(media="screen")
    page.set_viewport_size(size)
    assert name in paper["head"], paper["head"]
    assert str(timezone.localdate().year) in paper["head"]
    assert {**paper, "head": ""} == {"head": "", "left": [], "hidden": 0, "wide": False}, (page.url, paper)


def judge(page: Page) -> list[list[str]]:
    """What axe finds: the rule and the first element that breaks it. It takes most of the time of a journey, so pages
    that differ in their words alone are judged once on a screen; and only what is wrong comes back from the browser.
    """
    screen = [
        str(page.viewport_size),
        page.evaluate("() => String(matchMedia('(prefers-color-scheme: dark)').matches)"),
    ]
    key = (*screen, hashlib.sha256(page.evaluate(SKELETON).encode()).hexdigest())
    if key in _judged:
        return []
    page.evaluate(Axe().axe_script)
    violations = page.evaluate(VIOLATIONS, RULES)
    if not violations:
        _judged.add(key)
    return violations
