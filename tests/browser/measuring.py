"""What a vendor's page is on a phone, with large text, in forced colours, and to a screen reader."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page

from tests.browser.screens import PHONE, SMALL

SCRIPT = (Path(__file__).parent / "measuring.js").read_text(encoding="utf-8").strip()
MOST_SCREENS, MOST_WITH_NEWS = 3, 5  # of a phone
MOST_BYTES = 60_000
# Read as a whole before it is sent or accepted: a fold would hide what somebody answers for.
READ_AS_A_WHOLE = ("/onboarding/check/", "/agreements/")
CONTROLS = {"textbox", "searchbox", "combobox", "spinbutton", "checkbox", "radio", "listbox", "button", "link"}


def measure(page: Page) -> list[str]:
    """What is wrong with it. It is left on the screen that it was on."""
    if not page.evaluate(f"{SCRIPT}.isVendors()"):
        return []
    size = page.viewport_size
    if size != PHONE:
        page.set_viewport_size(PHONE)
    facts = page.evaluate(f"{SCRIPT}.facts()")
    found = [
        *page.evaluate(f"{SCRIPT}.onPhone()"),
        *_too_much(urlsplit(page.url).path, facts),
        *page.evaluate(f"{SCRIPT}.withLargeText()"),
        *_unheard(page),
    ]
    page.emulate_media(forced_colors="active")
    found += page.evaluate(f"{SCRIPT}.inForcedColours()")
    page.emulate_media(forced_colors="none")
    page.set_viewport_size(SMALL)
    found += [
        f"at 320 px: {each}"
        for script in ("onSmallScreen", "withLargeText")
        for each in page.evaluate(f"{SCRIPT}.{script}()")
    ]
    page.set_viewport_size(size)
    return found


def _too_much(path: str, facts: dict[str, Any]) -> list[str]:
    """What somebody has unfolded or filled in since they came is their own."""
    found = []
    screens = facts["height"] / PHONE["height"]
    most = MOST_WITH_NEWS if facts["hasNews"] else MOST_SCREENS
    if screens > most and not facts["isTouched"] and not path.startswith(READ_AS_A_WHOLE):
        found.append(f"{screens:.2f} screens of a phone")
    if facts["weight"] > MOST_BYTES:
        found.append(f"{facts['weight']} bytes")
    return found


def _unheard(page: Page) -> list[str]:
    """What Chromium tells a screen reader."""
    browser = page.context.new_cdp_session(page)
    tree = browser.send("Accessibility.getFullAXTree")["nodes"]
    browser.detach()
    nodes = {node["nodeId"]: node for node in tree}
    heard = [node for node in tree if not node.get("ignored")]
    found = []
    levels = [_property(node, "level") for node in heard if _role(node) == "heading"]
    if levels.count(1) != 1:
        found.append(f"{levels.count(1)} headings of the first level")
    for node in heard:
        if _role(node) in CONTROLS and not _text(node, "name"):
            found.append(f"a {_role(node)} without a name")
        if _role(node) == "radio" and not _group(node, nodes):
            found.append(f"a choice outside of any question: {_text(node, 'name')}")
        said = _text(node, "description") or _text(_group(node, nodes) or {}, "description")
        if _property(node, "invalid") == "true" and not said:
            found.append(f"nothing is said of what is wrong with: {_text(node, 'name')}")
    return found


def _role(node: dict[str, Any]) -> str:
    return str(node.get("role", {}).get("value", ""))


def _text(node: dict[str, Any], name: str) -> str:
    return str(node.get(name, {}).get("value", "")).strip()


def _property(node: dict[str, Any], name: str) -> Any:
    return next((each["value"].get("value") for each in node.get("properties", []) if each["name"] == name), None)


def _group(node: dict[str, Any], nodes: dict[str, Any]) -> dict[str, Any] | None:
    """The question that it is among the answers to."""
    while parent := nodes.get(node.get("parentId", "")):
        if _role(parent) in ("group", "radiogroup") and _text(parent, "name"):
            return parent
        node = parent
    return None
