"""Where things are on a page: found by what they do, as the words on them change."""

from __future__ import annotations

from playwright.sync_api import Locator, Page


def question(within: Page | Locator, name: str, answer: str = "") -> Locator:
    """Where a form takes this answer; of a choice, one of its boxes."""
    return within.locator(f'[name="{name}"]' + (f'[value="{answer}"]' if answer else ""))


def write(within: Page | Locator, **answers: str) -> None:
    """Into the boxes with these names, where "__" stands for the dash between step and question."""
    for name, text in answers.items():
        question(within, name.replace("__", "-")).fill(text)


def unfold(page: Page, name: str) -> None:
    """Show the question that is hidden in a closed part of the page."""
    unfold_around(page, question(page, name))


def unfold_around(page: Page, hidden: Locator) -> None:
    page.locator("details").filter(has=hidden).locator("summary").first.click()


def anchor(page: Page, path: str) -> Locator:
    """The link to exactly this path, seen or not."""
    return page.locator(f'a[href="{path}"]')


def button(within: Page | Locator, form: str = "", name: str | tuple[str, str] = "") -> Locator:
    """The first button of a form: by the form's id or the path it is sent to, and its own name, or name and value."""
    called, value = (name, "") if isinstance(name, str) else name
    forms = f'form[action="{form}"]' if form.startswith("/") else f"form#{form}" if form else "form"
    named = (f'[name="{called}"]' if called else "") + (f'[value="{value}"]' if value else "")
    return within.locator(f"{forms} button{named}:not([type=button], [aria-hidden])").first


def link(within: Page | Locator, path: str) -> Locator:
    """The first link that can be seen and leads to this path, whatever query it has."""
    leads = f'a[href="{path}"], a[href^="{path}?"], a[href^="{path}#"]'
    return within.locator(leads).locator("visible=true").first


def complaint(page: Page, name: str) -> Locator:
    """What the list of errors says of a question."""
    return page.locator(f'.error-summary a[href="#id_{name}"], .error-summary a[href="#id_{name}_0"]')
