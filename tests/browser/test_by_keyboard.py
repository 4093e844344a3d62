"""The whole wizard without a mouse, and without JavaScript."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser import filling
from tests.onboarding.answers import PDF
from vendors.models import VendorState

DORA = "dora@mail.example"
MOST_STOPS = 120  # more than any page has
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


def choose(page: Page, name: str) -> None:
    tab_to(page, name)
    page.keyboard.press("Space")


def choose_file(page: Page, path: Path) -> None:
    """The field has the focus."""
    assert page.evaluate(FOCUSED)["kind"] == "file"
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

    choose(page, "Translation")
    choose(page, "Law and contracts")
    press(page, "Save and continue")
    dora.arrives("/onboarding/rates/")
    type_into(page, "Your rate", "0,085")
    press(page, "Save and continue")
    dora.arrives("/onboarding/qualifications/")

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
    dora.look()
    tab_to(page, "Please choose the file with your CV.")
    page.keyboard.press("Enter")
    choose_file(page, cv)
    tab_to(page, "A scan or a photo of it", kind="file")
    choose_file(page, diploma)
    press(page, "Save and continue")
    dora.arrives("/onboarding/tax/")

    choose(page, "Yes, I have a VAT number")
    type_into(page, "VAT number", "526-000-12-46")
    press(page, "Save and continue")
    dora.arrives("/onboarding/payment/")

    choose(page, "Bank account with an IBAN")
    type_into(page, "Name of the account holder", "Dora Dimitrova")
    choose(page, "Yes")
    type_into(page, "IBAN", "PL61 1090 1014 0000 0712 1981 2874")
    press(page, "Save and continue")
    dora.arrives("/onboarding/agreements/")

    tab_to(page, "Read: Confidentiality agreement")
    page.keyboard.press("Enter")
    for _text in range(3):
        tab_to(page, "I ", kind="checkbox")
        page.keyboard.press("Space")
    press(page, "Save and continue")
    dora.arrives("/onboarding/check/")

    choose(page, "What I have written here is true and complete.")
    press(page, "Send to Vendor Management")
    dora.arrives("/onboarding/", heading="Thank you. Now it is our turn")
    vendor.refresh_from_db()
    assert vendor.state == VendorState.SUBMITTED


def test_without_javascript(passport, visit, tmp_path: Path):
    vendor = passport.invited(DORA, name="Dora Dimitrova")
    dora = visit(DORA, size="telephone", java_script_enabled=False)
    page = dora.page
    dora.enters()
    dora.follow("Begin")

    for step, fill in filling.steps(tmp_path).items():
        expect(page).to_have_url(re.compile(f"/onboarding/{step}/"))
        dora.press("Save and continue")
        expect(page.get_by_role("alert")).to_contain_text("There is a problem")
        fill(page)
        dora.press("Save and continue")
    dora.sends()

    vendor.refresh_from_db()
    assert vendor.state == VendorState.SUBMITTED
