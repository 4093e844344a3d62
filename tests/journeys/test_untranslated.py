"""What a browser that translates pages must leave alone: codes, references, names, addresses and amounts."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from django.test import Client

from onboarding.review import decide
from tests.clients import signed_in
from tests.factories import create_failure, create_staff, create_vendor
from tests.onboarding.answers import CONTACT
from tests.onboarding.changing import save, send, sent_first
from vendors.models import VendorState

pytestmark = pytest.mark.django_db

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
NAME, ADDRESS = "Łucja Nowak-Åberg", "lucja@example.com"


class Translatable(HTMLParser):
    """The text of a page's content that a browser would translate."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.inside: list[tuple[str, bool]] = []
        self.text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.inside.append((tag, dict(attrs).get("translate") == "no" or tag in ("head", "script", "option")))

    def handle_endtag(self, tag: str) -> None:
        while self.inside and self.inside.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not any(untouched for _tag, untouched in self.inside):
            self.text.append(data)


def translatable(client: Client, url: str) -> str:
    response = client.get(url, follow=True)
    assert response.status_code == 200, url
    return " ".join(" ".join(Translatable(response.text).text).split())


def test_what_is_no_word_of_a_language_is_not_translated():
    vendor = create_vendor(state=VendorState.ONBOARDING, name=NAME, primary_email=ADDRESS)
    person = signed_in(vendor.user)
    sent = sent_first(vendor)
    vendor.refresh_from_db()
    staff = signed_in(create_staff())
    case = create_failure(user=vendor.user, address=ADDRESS)
    verbatim = [NAME, ADDRESS, sent.reference, case.reference, "EUR 25", "EUR 0.085", "IBAN PL", "+48 22 123", "Prosta"]
    pages = [(person, "/onboarding/"), (staff, f"/admin/onboarding/submission/{sent.pk}/change/")]
    pages += [
        (staff, f"/admin/identity/failure/{case.pk}/change/"),
        (staff, f"/admin/vendors/vendor/{vendor.pk}/change/"),
    ]
    read = {url: translatable(client, url) for client, url in pages}
    decide.approve(sent, by=None)
    vendor.refresh_from_db()
    read |= {url: translatable(person, url) for url in ("/profile/", "/onboarding/answers.html")}
    save(person, "contact", CONTACT | {"locality": "Kraków"})
    send(person)
    read["/profile/changes/"] = translatable(person, "/profile/changes/")

    for url, text in read.items():
        assert [value for value in verbatim if value in text] == [], url
    assert "Working as" in read["/profile/"], "the words are still there"
