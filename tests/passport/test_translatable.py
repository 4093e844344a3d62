"""Every text that people read goes through gettext: where all that comes from there is marked, nothing is unmarked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from django.template import engines
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.translation import trans_real

from onboarding.draft.steps import AGENCIES, STEPS
from tests.factories import create_failure, create_vendor
from tests.onboarding import answers
from vendors.agreements import texts as agreements
from vendors.answers import countries, languages, service_catalogue
from vendors.models import VendorState

SPOKEN = {"alt", "aria-label", "placeholder", "title"}
# Names, which Babel or their owner gives; addresses; figures with their unit.
NAMES = {
    "Passport",
    "Sandberg",
    "English",
    "IBAN PL",
    "NIP",
    "PESEL",
    *countries.CURRENCIES,
    *(label for _code, label in countries.choices()),
    *(label for _region, places in countries.time_zones() for _code, label in places),
    *(region for region, _places in countries.time_zones()),
    *(countries.currency_name(code) for code in countries.CURRENCIES),
    *map(languages.name, languages.TAGS),
    *(name for _code, name in service_catalogue.CAT_TOOLS),
    "Łucja Nowak-Åberg",
    "Łucja Nowak",
    "Łucja",
}


class Marked(trans_real.DjangoTranslation):
    def gettext(self, message: str) -> str:
        return f"⟦{message.rpartition(trans_real.CONTEXT_SEPARATOR)[2]}⟧"

    def ngettext(self, singular: str, plural: str, number: float) -> str:
        return self.gettext(singular if number == 1 else plural)


def forget_what_was_drawn_once() -> None:
    for loader in engines["django"].engine.template_loaders:
        loader.reset()


@pytest.fixture(autouse=True)
def marked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(trans_real._translations, "en-gb", Marked("en-gb"))
    forget_what_was_drawn_once()
    yield
    forget_what_was_drawn_once()
    translation.deactivate()  # the last request has left it to this thread


class Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.inside: list[str] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.found += [str(attributes[name]) for name in SPOKEN & attributes.keys()]
        if tag == "input" and attributes.get("type") in ("submit", "button"):
            self.found.append(str(attributes.get("value")))
        if tag in ("script", "style", "pre", "textarea"):
            self.inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.inside and self.inside[-1] == tag:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.found.append(data)


def unmarked(page: str) -> list[str]:
    """What a translator could not reach; without what the vendor wrote, and texts that have a language of their own."""
    texts = Texts()
    # Marks go around whole sentences, tags inside included.
    while (shorter := re.sub(r"⟦[^⟦⟧]*⟧", "", page)) != page:
        page = shorter
    texts.feed(page)
    legal = "".join(agreement.text for agreement in agreements.current())
    said = [text for text in texts.found if " ".join(text.split()) not in " ".join(legal.split())]
    return [text for text in map(without_names, said) if re.search(r"[^\W\d_]{2}", text)]


def typed() -> list[str]:
    pages = [answers.CONTACT, answers.QUALIFICATIONS, answers.TAX, {"vat": "PL5260001246"}, {"file": "My CV.pdf"}]
    values = [value for page in pages for value in page.values() if isinstance(value, str) and len(value) > 3]
    return [line for value in values for line in value.splitlines()]


def without_names(text: str) -> str:
    text = re.sub(r"\S+@\S+|https?://\S+|\b\w+\.com\b|\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", " ", text.strip())
    for name in sorted({*NAMES, *typed()}, key=len, reverse=True):
        if name in text:
            text = text.replace(name, " ")
    return text


@pytest.mark.django_db
def test_unmarked_text_is_found():
    page = '<p>⟦Marked <a href="/x/">⟦inside⟧</a>⟧</p><p>Bare words</p><img alt="A picture"><p>Sandberg 12</p>'

    assert unmarked(page) == ["Bare words", "A picture"]


def pages_for_anybody() -> Iterator[str]:
    yield reverse("identity:sign-in")
    yield reverse("identity:cannot-sign-in")
    yield reverse("help-signing-in")
    yield reverse("help-your-data")
    yield reverse("identity:sign-in-problem", args=[create_failure().reference])


def test_pages_for_anybody(client: Client, db):
    for url in pages_for_anybody():
        page = client.get(url)
        assert page.status_code == 200, url
        assert unmarked(page.text) == [], url


@pytest.fixture
def lucja(client: Client, db) -> Client:
    vendor = create_vendor(state=VendorState.ONBOARDING, name="Łucja Nowak", primary_email="lucja@example.com")
    client.force_login(vendor.user)
    return client


@pytest.mark.parametrize("step", STEPS)
def test_step_empty_and_with_nothing_right(lucja: Client, step):
    is_of_an_agency = STEPS[step].asked_of == AGENCIES
    answers.fill_in(lucja, up_to=step, **(answers.of_an_agency() if is_of_an_agency else {}))
    page = lucja.get(answers.url(step))
    assert page.status_code == 200
    assert unmarked(page.text) == []

    refused = answers.save(lucja, step, {})
    assert refused.status_code == 200
    assert unmarked(refused.text) == []


def test_task_list_and_status_page(lucja: Client):
    assert unmarked(lucja.get(reverse("onboarding:index")).text) == []
    answers.fill_in(lucja)
    answers.send(lucja)

    sent = lucja.get(reverse("onboarding:index"))
    assert unmarked(sent.text) == []
