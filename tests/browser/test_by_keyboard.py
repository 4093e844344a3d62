"""Without a mouse, and without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visitor import Visitor
from tests.factories import create_vendor
from vendors.models import Vendor, VendorState

DORA = "dora@mail.example"
MOST_STOPS = 120
FOCUSED = """() => {
    const here = document.activeElement
    const style = getComputedStyle(here)
    const label = here.labels?.length ? here.labels[0].innerText : here.innerText || here.getAttribute("aria-label")
    return {
        name: (label || "").replace(/\\s+/g, " ").trim(),
        kind: here.type || here.tagName.toLowerCase(),
        seen: parseFloat(style.outlineWidth) > 0 && style.outlineStyle !== "none" || style.boxShadow !== "none",
    }
}"""


@pytest.fixture
def dora(passport, visit, size) -> Visitor:
    """A vendor at the sign-in screen."""
    passport.invited(DORA, name="Dora Dimitrova")
    visitor = visit(DORA, size=size)
    visitor.go("/sign-in/")
    return visitor


def tab_to(page: Page, name: str, *, kind: str = "") -> None:
    """Press Tab until something of that name has the focus. Wherever the focus is on the way, it can be seen."""
    stops = []
    for _stop in range(MOST_STOPS):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        stops.append(focused["name"])
        if focused["kind"] != "body":
            assert focused["seen"], f"nobody sees that {focused} has the focus"
        if focused["name"].startswith(name) and kind in ("", focused["kind"]):
            return
    raise AssertionError(f"Tab never comes to {name!r}, only to {stops}")


def type_into(page: Page, name: str, text: str) -> None:
    tab_to(page, name)
    page.keyboard.type(text)


def press(page: Page, name: str, *, key: str = "Enter") -> None:
    tab_to(page, name)
    with page.expect_navigation():
        page.keyboard.press(key)


def test_four_steps_by_keyboard_alone(dora: Visitor):
    page = dora.page
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED)["name"] == "Skip to the page"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    press(page, "Sign in", key="Space")
    dora.authenticates()
    press(page, "No, not on this device")
    press(page, "Begin")

    # An error is announced first, and its link leads to the field
    press(page, "Save and continue")
    expect(page.get_by_role("alert")).to_be_focused()
    tab_to(page, "Please choose: How do you work?")
    page.keyboard.press("Enter")
    assert page.evaluate(FOCUSED)["kind"] == "radio"
    page.keyboard.press("Space")
    tab_to(page, "How should our mails greet you?")
    page.keyboard.type("Dora")
    press(page, "Save and continue", key="Space")
    dora.arrives("/onboarding/contact/")

    type_into(page, "Telephone number", "22 123 45 67")
    type_into(page, "Street address", "ul. Prosta 1")
    type_into(page, "Postal code", "00-001")
    type_into(page, "Town or city", "Warszawa")
    type_into(page, "Country", "Poland")
    press(page, "Save and continue")
    dora.arrives("/onboarding/languages/")

    type_into(page, "Your native language", "Polish")
    page.keyboard.press("Escape")
    press(page, "Add another pair")
    type_into(page, "From", "German")
    tab_to(page, "Into")
    page.keyboard.type("Polish")
    page.keyboard.press("Escape")
    with page.expect_navigation():
        page.keyboard.press("Enter")  # in a field: saves and goes on, whatever other buttons there are
    dora.arrives("/onboarding/services/")

    tab_to(page, "Translation")
    page.keyboard.press("Space")
    tab_to(page, "Law and contracts")
    page.keyboard.press("Space")
    press(page, "Save and continue")
    dora.arrives("/onboarding/rates/")
    draft = Vendor.objects.get().draft
    assert draft.completed == ["about", "contact", "languages", "services"]


def test_qualifications_by_keyboard_alone(visit, size, tmp_path):
    vendor = create_vendor(state=VendorState.ONBOARDING)
    dora = visit(vendor.primary_email, size=size)
    dora.is_signed_in_as(vendor.user)
    dora.go("/onboarding/qualifications/")
    page = dora.page

    for key in ("ArrowDown", "ArrowDown", "Space"):  # No, No, Yes
        tab_to(page, "Yes")
        page.keyboard.press(key)
    type_into(page, "From", "2012")
    press(page, "Save and tell me my way")
    expect(page.get_by_text("five years of translating").first).to_be_in_viewport()
    press(page, "Add a certificate", key="Space")
    tab_to(page, "What is it?")
    page.keyboard.type("Trans")
    press(page, "Save and continue")

    expect(page.get_by_role("alert")).to_be_focused()
    tab_to(page, "Please choose the file of certificate 1.")
    page.keyboard.press("Enter")
    assert page.evaluate(FOCUSED)["kind"] == "file"


def test_step_without_javascript(passport, visit, size):
    vendor = passport.invited(DORA, name="Dora Dimitrova")
    dora = visit(DORA, size=size, java_script_enabled=False)
    dora.go("/sign-in/")
    dora.press("Sign in")
    dora.authenticates()
    dora.press("Yes, stay signed in")
    page = dora.page

    dora.go("/onboarding/languages/")
    dora.press("Save and continue")
    expect(page.get_by_role("alert")).to_contain_text("There is a problem")
    page.get_by_label("Your native language").fill("Polish")
    page.get_by_label("From").fill("German")
    page.get_by_label("Into").fill("Polish")
    dora.press("Add another pair")
    page.get_by_label("From").nth(1).fill("Czech")
    page.get_by_label("Into").nth(1).fill("Polish")
    dora.press("Save and continue")
    expect(page.get_by_role("heading", name="Services and subjects")).to_be_visible()

    page.get_by_role("group", name="all your language pairs").get_by_label("Translation", exact=True).check()
    page.get_by_label("Law and contracts").check()
    dora.press("Save and exit")
    expect(page.get_by_text("Everything is saved.")).to_be_visible()
    assert vendor.draft.completed == ["languages", "services"]

    dora.go("/onboarding/qualifications/")
    page.get_by_role("group", name="Do you have a degree in translation").get_by_label("No").check()
    expect(page.get_by_label("Title of your degree").first).to_be_hidden()
    page.get_by_role("group", name="Do you have a degree in another").get_by_label("No").check()
    page.get_by_role("group", name="Have you worked as a translator").get_by_label("Yes").check()
    page.get_by_label("From").fill("2012")
    page.get_by_text("Only in some of your language pairs?").click()
    page.get_by_label("Czech → Polish").check()
    dora.press("Save and tell me my way")
    expect(page.get_by_text("Still missing: a CV", exact=True)).to_be_visible()
    expect(page.get_by_text("5 years more of translating full time (0 months of five years)")).to_be_visible()
