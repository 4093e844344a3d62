"""What our tables do not know is asked about once, taken as it was typed, and marked for Vendor Management."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from onboarding.draft.steps import read, typed_from
from onboarding.models import Draft
from onboarding.submission.summary import warnings
from tests.onboarding import answers
from vendors.answers.keeping_odd_answers import mark

pytestmark = pytest.mark.django_db


def buttons(response: HttpResponse) -> dict[str, str]:
    found = re.findall(r'<button class="button-quiet offer" name="([^"]+)" value="([^"]*)"', response.text)
    return {name: html.unescape(value) for name, value in found}


def press(client: Client, step: str, typed: dict[str, Any], name: str, value: str) -> HttpResponse:
    """The button's own value comes after those of the fields."""
    page = client.get(answers.url(step))
    sent = answers.body(step, typed, revision=answers.revision_shown(page))
    before = sent.get(name, [])
    return client.post(answers.url(step), sent | {name: [*(before if isinstance(before, list) else [before]), value]})


def kept(client: Client) -> dict[str, dict[str, Any]]:
    return read(Draft.objects.get(), documents={}).answers


ODD = [
    ("contact", answers.CONTACT | {"phone": "+999 12345678"}, "phone", "+99912345678"),
    (
        "contact",
        answers.CONTACT
        | {
            "phone": "+48 22 123 45 67",
            "country": "US",
            "region": "AE",
            "postal_code": "09012",
            "time_zone": "Europe/Berlin",
        },
        "region",
        "AE",
    ),
    ("tax", answers.TAX | {"vat_number": "526-000-12-47"}, "vat_number", "5260001247"),
    ("tax", answers.TAX | {"vat_status": "exempt_small", "tax_id": "123 456"}, "tax_id", "123456"),
    (
        "payment",
        answers.PAYMENT | {"iban": "DE86 3704 0044 0532 0130", "bic": "COBADEFF"},
        "iban",
        "DE863704004405320130",
    ),
    ("tax", answers.TAX | {"tax_residence": "SE", "vat_number": "PL 526-000-12-47"}, "vat_number", "PL5260001247"),
]


@pytest.mark.parametrize(("step", "typed", "name", "stored"), ODD)
def test_what_looks_odd_is_kept_when_the_vendor_says_so(as_vendor, step, typed, name, stored):
    answers.fill_in(as_vendor, up_to=step)
    asked = answers.save(as_vendor, step, typed)

    assert asked.status_code == 200
    assert buttons(asked) == {f"{step}-keep_{name}": mark(typed[name])}
    assert step not in kept(as_vendor)

    taken = press(as_vendor, step, typed, f"{step}-keep_{name}", mark(typed[name]))
    assert taken.status_code == 302
    assert kept(as_vendor)[step][name] == stored
    marked = warnings(kept(as_vendor))
    assert [where for where, _text in marked] == [step]
    assert stored not in marked[0][1]


@pytest.mark.parametrize(("step", "typed", "name", "stored"), ODD)
def test_what_was_kept_is_not_asked_about_again(as_vendor, step, typed, name, stored):
    answers.fill_in(as_vendor, up_to=step)
    press(as_vendor, step, typed, f"{step}-keep_{name}", mark(typed[name]))

    page = as_vendor.get(answers.url(step))
    assert f'name="{step}-keep_{name}" value="{mark(typed[name])}"' in page.text
    again = answers.save(as_vendor, step, typed | {f"keep_{name}": mark(typed[name])})
    assert again.status_code == 302
    draft = Draft.objects.get()
    draft.answers = typed_from(kept(as_vendor))
    assert read(draft, documents={}).answers[step][name] == stored


@pytest.mark.parametrize(("step", "typed", "name", "stored"), ODD)
def test_another_odd_answer_is_asked_about_anew(as_vendor, step, typed, name, stored):
    answers.fill_in(as_vendor, up_to=step)
    press(as_vendor, step, typed, f"{step}-keep_{name}", mark(typed[name]))

    changed = typed | {name: f"{typed[name]}1", f"keep_{name}": mark(typed[name])}
    assert answers.save(as_vendor, step, changed).status_code == 200


def test_near_miss_is_one_press_away(as_vendor):
    typed = answers.CONTACT | {
        "phone": "+48 22 123 45 67",
        "country": "US",
        "region": "Pensylvania",
        "postal_code": "15001",
    }
    typed["time_zone"] = "America/New_York"
    asked = answers.save(as_vendor, "contact", typed)
    assert buttons(asked)["contact-region"] == "Pennsylvania"

    assert press(as_vendor, "contact", typed, "contact-region", "Pennsylvania").status_code == 302
    assert kept(as_vendor)["contact"]["region"] == "US-PA"


def test_unusual_postal_code_is_taken_and_marked(as_vendor):
    assert answers.save(as_vendor, "contact", answers.CONTACT | {"postal_code": "1234"}).status_code == 302

    assert kept(as_vendor)["contact"]["postal_code"] == "1234"
    assert [step for step, _text in warnings(kept(as_vendor))] == ["contact"]


SPOKEN = answers.LANGUAGES | {"pairs": "2", "pairs-1-source": "Walliserdeutsch", "pairs-1-target": "pl"}


def test_language_that_we_do_not_know_is_kept_when_the_vendor_says_so(as_vendor):
    asked = answers.save(as_vendor, "languages", SPOKEN)
    assert buttons(asked) == {"languages-keep_pairs-1-source": mark("Walliserdeutsch")}

    assert press(as_vendor, "languages", SPOKEN, *buttons(asked).popitem()).status_code == 302
    assert kept(as_vendor)["languages"]["pairs"][1] == {"source": "x-walliser-deutsch", "target": "pl"}
    assert [step for step, _text in warnings(kept(as_vendor))] == ["languages"]
    draft = Draft.objects.get()
    draft.answers = typed_from(kept(as_vendor))
    assert read(draft, documents={}).answers["languages"] == kept(as_vendor)["languages"]


def test_what_was_kept_goes_with_its_row(as_vendor):
    kept_before = SPOKEN | {"keep_pairs-1-source": mark("Walliserdeutsch"), "pairs-0-remove": "on"}
    assert answers.save(as_vendor, "languages", kept_before).status_code == 302

    assert kept(as_vendor)["languages"]["pairs"] == [{"source": "x-walliser-deutsch", "target": "pl"}]


@pytest.mark.parametrize(("typed", "offered"), [("Ukrianian", "Ukrainian"), ("Chinese", "Chinese (Simplified)")])
def test_language_that_was_meant_is_one_press_away(as_vendor, typed, offered):
    asked = answers.save(as_vendor, "languages", answers.LANGUAGES | {"native_1": typed})
    assert f'name="languages-native_1" value="{offered}"' in asked.text

    pressed = press(as_vendor, "languages", answers.LANGUAGES | {"native_1": typed}, "languages-native_1", offered)
    assert pressed.status_code == 302


def test_account_that_is_hidden_can_still_be_kept(as_vendor):
    answers.fill_in(as_vendor, up_to="payment")
    typed = answers.PAYMENT | {"iban": "DE86 3704 0044 0532 0130", "bic": "COBADEFF"}
    answers.save(as_vendor, "payment", typed)
    page = as_vendor.get(answers.url("payment"))
    assert "3704" not in page.text

    pressed = press(as_vendor, "payment", typed | {"iban": "", "bic": ""}, *buttons(page).popitem())
    assert pressed.status_code == 302
    assert kept(as_vendor)["payment"]["iban"] == "DE863704004405320130"
    assert "3704" not in as_vendor.get(answers.url("payment")).text
