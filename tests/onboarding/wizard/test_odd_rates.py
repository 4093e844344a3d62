"""A rate that cannot be right is asked about, never refused, and Vendor Management sees what was kept."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils.html import strip_tags

from onboarding.draft.steps import read, typed_from
from onboarding.models import Draft, Submission
from onboarding.submission.summary import warnings
from tests.clients import signed_in
from tests.factories import create_staff
from tests.onboarding import answers

pytestmark = pytest.mark.django_db

TWO_PAIRS = {
    "languages": answers.LANGUAGES | {"pairs": "2", "pairs-1-source": "French", "pairs-1-target": "Polish"},
}


def typed(**changed: str) -> dict[str, Any]:
    return answers.RATES | {name.replace("__", "-"): value for name, value in changed.items()}


def offers(response: HttpResponse) -> list[tuple[str, str]]:
    found = re.findall(r'<button class="button-quiet offer" name="([^"]+)" value="([^"]*)"', response.text)
    return [(name.removeprefix("rates-"), html.unescape(value)) for name, value in found]


def text(response: HttpResponse) -> str:
    return " ".join(html.unescape(strip_tags(response.text)).split())


def kept_with(response: HttpResponse, name: str) -> str:
    """The value of “Keep it as I typed it”."""
    return dict(offers(response))[f"keep_{name}"]


def press(client: Client, rates: dict[str, Any], name: str, value: str) -> HttpResponse:
    """The button's own value comes after that of the field."""
    page = client.get(answers.url("rates"))
    sent = answers.body("rates", rates, revision=answers.revision_shown(page))
    before = [sent[f"rates-{name}"]] if f"rates-{name}" in sent else []
    return client.post(answers.url("rates"), sent | {f"rates-{name}": [*before, value]})


def saved() -> dict[str, dict[str, Any]]:
    return read(Draft.objects.get(), documents={}).answers


def amounts() -> list[str]:
    return [f"{rate['service']} {rate['source']} {rate['amount']} {rate['unit']}" for rate in saved()["rates"]["rates"]]


@pytest.fixture
def two_pairs(as_vendor: Client) -> Client:
    answers.fill_in(as_vendor, up_to="rates", **TWO_PAIRS)
    return as_vendor


def test_rate_that_cannot_be_right_is_one_press_away_from_what_was_meant(two_pairs):
    asked = answers.save(two_pairs, "rates", typed(usual__translation="9"))

    assert asked.status_code == 200
    assert "EUR 9.00 per source word: did you mean 0.09?" in text(asked)
    assert [offer for offer in offers(asked) if offer[0] == "usual-translation"] == [("usual-translation", "0.09")]
    assert "rates" not in saved()

    assert press(two_pairs, typed(usual__translation="9"), "usual-translation", "0.09").status_code == 302
    assert "translation de 0.0900 source_word" in amounts()
    assert warnings(saved()) == []


@pytest.mark.parametrize(
    ("name", "changed", "stored"),
    [
        ("usual-translation", {"usual-translation": "9"}, "translation fr 9.0000 source_word"),
        ("own-amount-translation-fr.pl", {"own-amount-translation-fr.pl": "90"}, "translation fr 90.0000 source_word"),
        (
            "own-amount-revision-fr.pl",
            {"own-amount-revision-fr.pl": "0.4", "own-unit-revision-fr.pl": "hour"},
            "revision fr 0.4000 hour",
        ),
        ("usual-revision", {"usual-revision": "2500", "unit-revision": "hour"}, "revision de 2500.0000 hour"),
    ],
)
def test_rate_is_kept_as_it_was_typed_and_not_asked_about_again(two_pairs, name, changed, stored):
    rates = answers.RATES | changed
    asked = answers.save(two_pairs, "rates", rates)
    assert asked.status_code == 200
    assert {each.removeprefix("keep_") for each, _value in offers(asked)} == {name}

    mark = kept_with(asked, name)
    assert press(two_pairs, rates, f"keep_{name}", mark).status_code == 302
    assert stored in amounts()
    assert [step for step, _text in warnings(saved())] == ["rates"]

    assert f'name="rates-keep_{name}" value="{mark}"' in two_pairs.get(answers.url("rates")).text
    assert answers.save(two_pairs, "rates", rates | {f"keep_{name}": mark}).status_code == 302
    draft = Draft.objects.get()
    draft.answers = typed_from(saved())
    assert read(draft, documents={}).answers["rates"] == saved()["rates"]


@pytest.mark.parametrize(
    "changed",
    [{"usual-translation": "8"}, {"unit-translation": "character"}, {"currency": "GBP"}],
    ids=["amount", "unit", "currency"],
)
def test_what_was_kept_is_asked_about_again_with_another(two_pairs, changed):
    rates = typed(usual__translation="9")
    mark = kept_with(answers.save(two_pairs, "rates", rates), "usual-translation")
    assert press(two_pairs, rates, "keep_usual-translation", mark).status_code == 302

    again = answers.save(two_pairs, "rates", rates | changed | {"keep_usual-translation": mark})
    assert again.status_code == 200
    assert kept_with(again, "usual-translation") != mark


@pytest.mark.parametrize(
    ("currency", "fee", "rate", "meant"),
    [
        ("EUR", "2500", "0.085", ["25", "250"]),
        ("JPY", "30", "12", ["3000", "300"]),
        ("HUF", "40", "22", ["4000", "400"]),
        ("CZK", "50000", "1.5", ["500", "5000"]),
    ],
)
def test_minimum_fee_is_asked_about_in_its_currency(two_pairs, currency, fee, rate, meant):
    rates = typed(currency=currency, minimum_fee=fee, usual__translation=rate, usual__revision=rate)
    asked = answers.save(two_pairs, "rates", rates)

    assert offers(asked)[:-1] == [("minimum_fee", each) for each in meant]
    mark = kept_with(asked, "minimum_fee")
    assert press(two_pairs, rates, "keep_minimum_fee", mark).status_code == 302
    assert saved()["rates"]["minimum_fee"] == f"{fee}.00"


def test_agency_is_asked_as_well(as_vendor):
    answers.fill_in(as_vendor, up_to="rates", **answers.of_an_agency())
    rates = typed(usual__translation="90")
    asked = answers.save(as_vendor, "rates", rates)

    assert ("usual-translation", "0.09") in offers(asked)
    mark = kept_with(asked, "usual-translation")
    assert press(as_vendor, rates, "keep_usual-translation", mark).status_code == 302
    assert [step for step, _text in warnings(saved())] == ["rates"]


def test_one_of_many_pairs_is_asked_about_though_it_was_not_on_the_page(as_vendor):
    """With many pairs only those are on the page that somebody opened, and those that something is wrong with."""
    sources = ["German", "French", "Italian", "Spanish", "Czech", "Dutch", "Danish", "Swedish", "Greek", "Finnish"] * 3
    targets = ["Polish"] * 10 + ["English (UK)"] * 10 + ["Slovak"] * 10
    spoken = answers.LANGUAGES | {"pairs": "30"}
    for number, (source, target) in enumerate(zip(sources, targets, strict=True)):
        spoken |= {f"pairs-{number}-source": source, f"pairs-{number}-target": target}
    answers.fill_in(as_vendor, up_to="rates", languages=spoken)
    name = "own-amount-translation-fr.pl"
    rates = answers.RATES | {"opened": "fr.pl", name: "9", "own-unit-translation-fr.pl": ""}

    mark = kept_with(answers.save(as_vendor, "rates", rates), name)
    assert press(as_vendor, rates, f"keep_{name}", mark).status_code == 302
    without_the_pair = answers.save(as_vendor, "rates", answers.RATES | {"usual-revision": "0.05"})

    assert without_the_pair.status_code == 302
    assert "translation fr 9.0000 source_word" in amounts()


def test_vendor_management_sees_what_was_kept_under_worth_a_look(as_vendor):
    rates = typed(usual__translation="9")
    answers.fill_in(as_vendor)
    mark = kept_with(answers.save(as_vendor, "rates", rates), "usual-translation")
    press(as_vendor, rates, "keep_usual-translation", mark)
    said = "Translation: EUR 9.00 per source word is an unusual rate (German → Polish)."
    assert said in text(as_vendor.get(answers.url("check")))

    answers.send(as_vendor)
    vera = signed_in(create_staff())
    page = vera.get(f"/admin/onboarding/submission/{Submission.objects.get().pk}/change/")
    assert f"Worth a look {said}" in text(page)
