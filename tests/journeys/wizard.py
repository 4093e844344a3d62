"""What a vendor does in the wizard: page after page, filled in as the browser shows it."""

from __future__ import annotations

from typing import Any

from tests.onboarding import answers
from tests.person import Page, Person
from vendors.agreements import texts as agreements

CV_NAME = "My CV.pdf"

PAGES: dict[str, dict[str, Any]] = {
    "about": answers.ABOUT,
    "contact": answers.CONTACT,
    "languages": answers.LANGUAGES,
    "services": answers.SERVICES,
    "rates": answers.RATES,
    "qualifications": answers.QUALIFICATIONS,
    "tax": answers.TAX,
    "payment": answers.PAYMENT,
    "agreements": dict.fromkeys(agreements.TITLES, True),
}


def url(step: str) -> str:
    return f"/onboarding/{step}/"


def fill_in(person: Person, step: str, *, button: str = "continue", **changed: Any) -> Page:
    """Open the page of a step, fill it in, press a button."""
    person.go(url(step))
    assert (person.page.status, person.page.path) == (200, url(step)), person.page
    files = {"qualifications-cv": (CV_NAME, answers.PDF, "application/pdf")} if step == "qualifications" else None
    fields = {f"{step}-{name}": value for name, value in (PAGES[step] | changed).items()}
    return person.submit(button=button, files=files, **fields)


def fill_in_all(person: Person, **changed: dict[str, Any]) -> Page:
    """Everything up to the page for checking and sending."""
    for step in PAGES:
        fill_in(person, step, **changed.get(step, {}))
        assert person.page.path != url(step), f"{step} was refused: {person.page.text}"
    assert person.page.path == url("check"), person.page
    return person.page


def send(person: Person) -> Page:
    person.go(url("check"))
    return person.submit(**{"check-declared": True})


def typed(person: Person, step: str) -> dict[str, Any]:
    """What the page of a step shows as the answers so far."""
    person.go(url(step))
    form = person.form()
    names = [name for name in form.names if name.startswith(f"{step}-")]
    return {name: sorted(_values(form, name)) for name in sorted(names)}


def _values(form: Any, name: str) -> list[str]:
    return [value for field in form.fields if field.name == name and field.kind != "file" for value in field.values()]
