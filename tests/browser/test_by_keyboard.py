"""The whole wizard without a mouse, and without JavaScript."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser import filling
from tests.onboarding.answers import PDF
from vendors.models import VendorState

DORA = "dora@mail.example"
MOST_STOPS = 120  # more than any page has
SAVE = "[name=continue]"
FOCUSED = """() => {
    const here = document.activeElement
    const style = getComputedStyle(here)
    return {
        what: here.cloneNode().outerHTML,
        kind: here.type || here.tagName.toLowerCase(),
        seen: parseFloat(style.outlineWidth) > 0 && style.outlineStyle !== "none" || style.boxShadow !== "none",
    }
}"""


def focused(page: Page) -> dict[str, Any]:
    return page.evaluate(FOCUSED)


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until such an element has the focus. Wherever the focus is on the way, it can be seen."""
    stops = []
    for _stop in range(MOST_STOPS):
        page.keyboard.press("Tab")
        here = focused(page)
        stops.append(here["what"])
        if here["kind"] != "body":
            assert here["seen"], f"nobody sees that {here} has the focus"
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab never comes to {selector!r}, only to {stops}")


def type_into(page: Page, name: str, text: str) -> None:
    tab_to(page, f'[name="{name}"]')
    page.keyboard.type(text)


def press(page: Page, selector: str, *, key: str = "Enter") -> None:
    tab_to(page, selector)
    with page.expect_navigation():
        page.keyboard.press(key)


def choose(page: Page, name: str, answer: str) -> None:
    tab_to(page, f'[name="{name}"][value="{answer}"]')
    page.keyboard.press("Space")


def choose_file(page: Page, path: Path) -> None:
    """The field has the focus."""
    assert focused(page)["kind"] == "file"
    with page.expect_file_chooser() as opened:
        page.keyboard.press("Space")
    opened.value.set_files(path)


def test_by_keyboard_alone(passport, visit, tmp_path: Path):
    vendor = passport.invited(DORA, name="Dora Dimitrova")
    cv, diploma = tmp_path / "My CV.pdf", tmp_path / "Diploma.pdf"
    cv.write_bytes(PDF)
    diploma.write_bytes(PDF)
    dora = visit(DORA)
    page = dora.page
    # Playwright begins to catch file choosers with the first listener, and not before it is asked for one.
    page.on("filechooser", lambda _chooser: None)
    dora.go("/sign-in/")
    page.keyboard.press("Tab")
    expect(page.locator("a[href='#main']")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    press(page, "#signin button", key="Space")
    dora.authenticates()
    press(page, "[name=stay][value=no]")
    press(page, "#go-on")

    # An error is announced first, and its link leads to the field
    press(page, SAVE)
    expect(page.get_by_role("alert")).to_be_focused()
    tab_to(page, "[href='#id_about-kind_0']")
    page.keyboard.press("Enter")
    assert focused(page)["kind"] == "radio"
    page.keyboard.press("Space")
    type_into(page, "about-display_name", "Dora")
    press(page, SAVE, key="Space")
    dora.arrives("/onboarding/contact/")

    type_into(page, "contact-phone", "22 123 45 67")
    type_into(page, "contact-address_lines", "ul. Prosta 1")
    type_into(page, "contact-postal_code", "00-001")
    type_into(page, "contact-locality", "Warszawa")
    type_into(page, "contact-country", "Poland")
    press(page, SAVE)
    dora.arrives("/onboarding/languages/")

    type_into(page, "languages-native_1", "Polish")
    page.keyboard.press("Escape")
    press(page, "[name=another]")
    type_into(page, "languages-pairs-0-source", "German")
    type_into(page, "languages-pairs-0-target", "Polish")
    page.keyboard.press("Escape")
    with page.expect_navigation():
        page.keyboard.press("Enter")  # in a field: saves and goes on, whatever other buttons there are
    dora.arrives("/onboarding/services/")

    expect(page.locator("[name=services-everywhere][value=translation]")).to_be_checked()
    choose(page, "services-specialisms", "legal")
    press(page, SAVE)
    dora.arrives("/onboarding/rates/")
    type_into(page, "rates-usual-translation", "0,085")
    press(page, SAVE)
    dora.arrives("/onboarding/qualifications/")

    for name, key in {"translation_degree": "ArrowDown", "other_degree": "ArrowDown", "has_worked": "Space"}.items():
        tab_to(page, f'[name="qualifications-{name}"]')  # the first answer is Yes, the next is No
        page.keyboard.press(key)
    type_into(page, "qualifications-work-0-since", "2012")
    press(page, "[name=another][value=route]")
    expect(page.locator("#route")).to_be_in_viewport()
    press(page, "[name=another][value=certificate]", key="Space")
    tab_to(page, '[name="qualifications-certificate-1-kind"]')
    for _kind in range(2):  # membership, examination
        page.keyboard.press("ArrowDown")
    press(page, SAVE)
    expect(page.get_by_role("alert")).to_be_focused()
    dora.look()
    tab_to(page, "[href='#id_qualifications-cv']")
    page.keyboard.press("Enter")
    choose_file(page, cv)
    tab_to(page, "[name=qualifications-certificate-1]")
    choose_file(page, diploma)
    press(page, SAVE)
    dora.arrives("/onboarding/tax/")

    choose(page, "tax-vat_status", "registered")
    type_into(page, "tax-vat_number", "526-000-12-46")
    press(page, SAVE)
    dora.arrives("/onboarding/payment/")

    choose(page, "payment-method", "iban")
    type_into(page, "payment-holder", "Dora Dimitrova")
    choose(page, "payment-holder_is_vendor", "yes")
    type_into(page, "payment-iban", "PL61 1090 1014 0000 0712 1981 2874")
    press(page, SAVE)
    dora.arrives("/onboarding/agreements/")

    tab_to(page, "section.card summary")
    page.keyboard.press("Enter")
    for _text in range(3):
        tab_to(page, "[type=checkbox]")
        page.keyboard.press("Space")
    press(page, SAVE)
    dora.arrives("/onboarding/check/")

    tab_to(page, "[name=check-declared]")
    page.keyboard.press("Space")
    press(page, "form button")
    dora.arrives("/onboarding/", heading="submitted")
    vendor.refresh_from_db()
    assert vendor.state == VendorState.SUBMITTED


def test_without_javascript(passport, visit, tmp_path: Path):
    vendor = passport.invited(DORA, name="Dora Dimitrova")
    dora = visit(DORA, size="telephone", java_script_enabled=False)
    page = dora.page
    dora.enters()
    dora.follow("/onboarding/about/")

    for step, fill in filling.steps(tmp_path).items():
        expect(page).to_have_url(re.compile(f"/onboarding/{step}/"))
        dora.saves()
        expect(page.locator("#error-summary-title")).to_be_visible()
        fill(page)
        dora.saves()
    dora.sends()

    vendor.refresh_from_db()
    assert vendor.state == VendorState.SUBMITTED
