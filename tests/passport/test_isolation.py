"""A name or an address never reaches beyond itself, whatever page it is on, and no browser translates it."""

from __future__ import annotations

import html
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from django.utils import timezone

from identity import roles
from identity.models import EntraAccount, Failure, FailurePerson, Invitation, User
from onboarding.models import Submission
from tests.clients import signed_in
from tests.factories import create_email_change, create_staff, create_vendor
from tests.passport.test_every_url import APPROVED, ONBOARDING, ask, pages, paths, world  # noqa: F401
from vendors.actions import ACTIONS
from vendors.models import Document, EmailChange, EmailChangeRequest, Profile, Vendor, VendorState

pytestmark = pytest.mark.django_db

NAME, ADDRESS = 'אנה "7" <i>כהן</i> (1)', "אנה@מכתב.example"
WORDS = ["אנה", "מכתב"]
# What is no word of a language either: numbers, authorities, names of files.
CODES = ["QX-1234567", "Sąd Okręgowy", "życiorys.pdf"]

APART = {"bdi"}
# Elements cannot stand in these; what is in them is a paragraph of its own.
ALONE = {"title", "option", "textarea", "script", "style"}
BLOCKS = {
    *("html", "body", "main", "header", "footer", "nav", "section", "article", "aside", "div", "form", "fieldset"),
    *("p", "h1", "h2", "h3", "h4", "ul", "ol", "li", "dl", "dt", "dd", "table", "thead", "tbody", "tr", "td", "th"),
    *("caption", "legend", "summary", "details", "button", "select", "pre", "blockquote", "figure", "figcaption"),
}
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}


class Paragraphs(HTMLParser):
    """What stands together in one paragraph of the page, with and without what is isolated in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[tuple[str, list[str], list[str]]] = [("html", [], [])]
        self.all: list[tuple[list[str], list[str]]] = []
        self.left_alone = [False]
        self.translatable: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID:
            return
        whole, bare = ([], []) if tag in BLOCKS else self.open[-1][1:]
        if tag in BLOCKS:
            self.all.append((whole, bare))
        self.open.append((tag, whole, [] if tag in APART | ALONE else bare))
        is_word = self.left_alone[-1] is False and tag not in ALONE and dict(attrs).get("translate") != "no"
        self.left_alone.append(not is_word)

    def handle_endtag(self, tag: str) -> None:
        while tag in [name for name, *_rest in self.open[1:]]:
            self.left_alone.pop()
            if self.open.pop()[0] == tag:
                break

    def handle_data(self, data: str) -> None:
        _tag, whole, bare = self.open[-1]
        whole.append(data)
        bare.append(data)
        if not self.left_alone[-1]:
            self.translatable.append(" ".join(data.split()))


def reaching_out(page: str) -> Iterator[str]:
    for whole, bare in Paragraphs(page).all:
        is_alone = "".join(whole).strip().lstrip("x0123456789") in (NAME, ADDRESS)
        if not is_alone and any(word in "".join(bare) for word in WORDS):
            yield " ".join("".join(whole).split())


def translatable(page: str) -> list[str]:
    return [text for text in Paragraphs(page).translatable if any(word in text for word in WORDS + CODES)]


def test_what_is_looked_for_is_found():
    assert translatable(f"<p>No. <b>{CODES[0]}</b></p>") == [CODES[0]]
    assert not translatable(f'<p translate="no">No. <b>{CODES[0]}</b></p><title>{CODES[0]}</title>')
    assert list(reaching_out(f"<p>Dear {html.escape(NAME)}!</p><p>{html.escape(NAME)}</p>")) == [f"Dear {NAME}!"]
    assert not list(
        reaching_out(f'<p>Dear <bdi translate="no">{html.escape(NAME)}</bdi>!</p><title>{ADDRESS} · 1</title>')
    )


@pytest.fixture
def odd_world(world):  # noqa: F811
    Vendor.objects.update(name=NAME)
    for profile in Profile.objects.all():
        profile.full_name = profile.company_legal_name = NAME
        profile.sworn_number, profile.sworn_authority = CODES[:2]
        profile.save()
    Document.objects.update(number=CODES[0], issued_by=CODES[1], name=CODES[2])
    User.objects.update(email=ADDRESS)
    EntraAccount.objects.update(address=ADDRESS, signed_in_as=f"x{ADDRESS}")
    Invitation.objects.update(address=ADDRESS)
    EmailChange.objects.update(old=ADDRESS, new=ADDRESS)
    EmailChangeRequest.objects.update(new=ADDRESS)
    Failure.objects.update(address=ADDRESS, claimed_address=ADDRESS, is_typed=True)
    FailurePerson.objects.update(address=ADDRESS, claimed_address=ADDRESS, is_typed=True)
    for vendor in Vendor.objects.all():
        Vendor.objects.filter(pk=vendor.pk).update(primary_email=f"{vendor.pk}{ADDRESS}")
    for submission in Submission.objects.all():
        submission.answers = {
            step: {name: NAME if "name" in name or name == "holder" else value for name, value in answers.items()}
            for step, answers in submission.answers.items()
        }
        submission.save()
    return world


@pytest.mark.parametrize("kind", [ONBOARDING, APPROVED, roles.ADMINISTRATOR])
def test_nothing_reaches_beyond_itself(odd_world, kind):
    wrong, seen = [], 0
    for page in pages():
        if page.is_admin != (kind == roles.ADMINISTRATOR):
            continue
        for path, _word in paths(page, odd_world):
            for method in ("get", "post"):
                response = ask(odd_world.clients[kind], method, path)
                if response.streaming or not response.headers.get("Content-Type", "").startswith("text/html"):
                    continue
                seen += any(word in response.text for word in WORDS)
                wrong += [f"{method} {path}: {text[:150]}" for text in reaching_out(response.text)]
                wrong += [f"{method} {path}: translatable: {text[:150]}" for text in translatable(response.text)]
    assert seen > 5
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("state", [state for state in VendorState if state != VendorState.ERASED])
def test_buttons_and_what_they_say_reach_beyond_nothing(state):
    """The page before the button is pressed, and what is said after it, with every button of the state."""
    wrong, pressed = [], 0
    vera = signed_in(create_staff(role=roles.ADMINISTRATOR))
    for name in ACTIONS:
        vendor = create_vendor(state=state, name=NAME)
        if name in ("undo-email-change", "cut-off", "uphold-email-change"):
            create_email_change(vendor=vendor, disputed_at=timezone.now() if name.startswith("uphold") else None)
        page = f"/admin/vendors/vendor/{vendor.pk}/{name}/"
        for response in (vera.get(page), vera.post(page, {"reason": "because"}, follow=True)):
            pressed += response.status_code == 200
            wrong += [f"{name}: {text[:200]}" for text in reaching_out(response.text)]
    assert pressed
    assert not wrong, "\n".join(wrong)


def test_form_of_a_change_isolates_whose_address_it_is():
    other = create_vendor(state=VendorState.APPROVED, name=NAME, primary_email="taken@mail.example")
    vendor = create_vendor(state=VendorState.APPROVED, name=NAME)
    vera = signed_in(create_staff())

    said = vera.post(
        f"/admin/vendors/vendor/{vendor.pk}/change-email/",
        {"new": other.primary_email, "mode": "planned", "how_known": "called", "reason": "moved"},
    )

    assert f'<bdi translate="no">{html.escape(NAME)}</bdi></a>.' in said.text
    assert not list(reaching_out(said.text))


def test_message_after_a_change_isolates_the_name():
    vera = signed_in(create_staff())
    fields = {"name": NAME, "primary_email": "ana@mail.example", "language": "en-GB", "owner": "", "_invite": "1"}

    page = vera.post("/admin/vendors/vendor/add/", fields, follow=True)

    assert f'<bdi translate="no">{html.escape(NAME)}</bdi> has been added' in page.text
    assert not list(reaching_out(page.text))
