"""Who translates this, at what rate, and who of them is there in the next two weeks?"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import create_failure, create_staff, create_vendor
from tests.vendors.finding.offering import offer, offering
from vendors.finding import results
from vendors.models import AwayPeriod, ExchangeRate, Vendor, VendorState
from vendors.tags import lifecycle as tags

pytestmark = pytest.mark.django_db

FIND = "/admin/vendors/vendor/find/"
TODAY = timezone.localdate


def find(client, **asked):
    answer = client.get(f"{FIND}?{urlencode(asked)}")
    assert answer.status_code == 200
    return answer


def groups(answer) -> dict[str, list[str]]:
    return {group.key: [line.vendor.name for line in group.lines] for group in answer.context["groups"]}


def found(client, **asked) -> list[str]:
    """By name, among all."""
    return groups(find(client, **asked))["vendors"]


def rate(currency: str, per_euro: str, day: dt.date | None = None) -> ExchangeRate:
    return ExchangeRate.objects.create(currency=currency, per_euro=Decimal(per_euro), valid_on=day or TODAY())


def words(answer) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


# Languages


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ("en", ["Any", "British", "US"]),
        ("English", ["Any", "British", "US"]),
        ("en-GB", ["Any", "British"]),
        ("British English", ["Any", "British"]),
        ("en-AU", ["Any"]),
        ("de", []),
    ],
)
def test_language_finds_its_regions_and_a_region_those_who_name_none(as_vera, wanted, names):
    offering("Any", offer("en>sv", "0.1"))
    offering("British", offer("en-GB>sv", "0.1"))
    offering("US", offer("en-US>sv", "0.1"))

    assert found(as_vera, source=wanted) == names


def test_language_without_a_region_is_marked_as_near(as_vera):
    offering("Any", offer("en>sv", "0.1"))

    assert "no region given" in find(as_vera, source="en-GB").text
    assert "no region given" not in find(as_vera, source="en").text


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ("Portuguese", ["Brazilian", "European"]),
        ("pt-PT", ["European"]),
        ("Norwegian", ["Bokmål"]),
        ("zh-Hant", ["Hong Kong", "Taiwan"]),
        ("Chinese", ["Hong Kong", "Taiwan"]),
    ],
)
def test_language_that_comes_in_more_than_one_form_finds_them_all(as_vera, wanted, names):
    for name, target in {
        "Brazilian": "pt-BR",
        "European": "pt-PT",
        "Bokmål": "nb",
        "Hong Kong": "zh-Hant-HK",
        "Taiwan": "zh-Hant",
    }.items():
        offering(name, offer(f"de>{target}", "0.1"))

    assert found(as_vera, target=wanted) == names


def test_near_miss_is_asked_about_and_the_button_finds_it(as_vera):
    offering("Svea", offer("de>sv", "0.1"))

    asked = find(as_vera, target="Sweedish")

    assert "Did you mean Swedish ?" in words(asked)
    assert 'name="target" value="Swedish"' in asked.text
    assert 'value="Sweedish"' in asked.text
    assert "groups" not in asked.context
    assert groups(as_vera.get(f"{FIND}?target=Sweedish&target=Swedish")) == {"vendors": ["Svea"]}


def test_both_languages_are_of_one_pair(as_vera):
    offering("Both ways", offer("en>sv", "0.1"), offer("de>pl", "0.1"))

    assert found(as_vera, source="en", target="pl") == []
    assert found(as_vera, source="en", target="sv") == ["Both ways"]


def test_service_is_of_the_pair(as_vera):
    offering("Two", offer("en>sv", "0.1"), offer("de>sv", "30", service="interpreting", unit="hour"))

    assert found(as_vera, source="en", service="interpreting", order="name") == []
    assert found(as_vera, source="de", service="interpreting", order="name") == ["Two"]


# Rates


def test_rates_are_compared_across_currencies_with_the_day_of_the_exchange_rate(as_vera):
    rate("SEK", "10", dt.date(2026, 11, 2))
    rate("GBP", "0.8", dt.date(2026, 11, 3))
    offering("Krona", offer("en>sv", "1.05", "SEK"))
    offering("Euro", offer("en>sv", "0.11"))
    offering("Pound", offer("en>sv", "0.08", "GBP"))

    answer = find(as_vera, source="en", target="sv", service="translation", currency="GBP")

    assert groups(answer)["compared"] == ["Pound", "Krona", "Euro"]
    shown = words(answer)
    assert "SEK 1.05 per source word ≈ GBP 0.084 ( 1 EUR = 10.00 SEK , 2 November 2026; 1 EUR = 0.80 GBP" in shown
    assert "EUR 0.11 per source word ≈ GBP 0.088 ( 1 EUR = 0.80 GBP , 3 November 2026)" in shown


@pytest.mark.parametrize(
    ("limit", "names"),
    [("0.11", ["Krona", "Exactly"]), ("0,1099", ["Krona"]), ("0.05", []), ("0.2", ["Krona", "Exactly", "More"])],
)
def test_rate_up_to_a_limit_takes_the_limit_itself(as_vera, limit, names):
    rate("SEK", "11")
    offering("Exactly", offer("en>sv", "0.11"))
    offering("Krona", offer("en>sv", "1.1", "SEK"))
    offering("More", offer("en>sv", "0.1101"))

    answer = find(as_vera, source="en", target="sv", service="translation", up_to=limit)

    assert groups(answer)["compared"] == names


def test_limit_in_a_currency_takes_a_rate_that_is_exactly_that(as_vera):
    rate("SEK", "11.237")
    offering("Krona", offer("en>sv", "1.13", "SEK"))

    answer = find(as_vera, service="translation", up_to="1.13", currency="SEK")

    assert groups(answer)["compared"] == ["Krona"]


def test_other_units_and_currencies_without_an_exchange_rate_are_groups_of_their_own(as_vera):
    offering("By the word", offer("en>sv", "0.10"))
    offering("By the hour", offer("en>sv", "40", unit="hour"))
    offering("By the page", offer("en>sv", "20", unit="page"))
    offering("In yen", offer("en>sv", "12", "JPY"))
    offering("In złoty", offer("en>sv", "0.4", "PLN"))

    answer = find(as_vera, source="en", target="sv", service="translation", up_to="0.11")

    assert groups(answer) == {
        "compared": ["By the word"],
        "currencies": ["In yen", "In złoty"],
        "units": ["By the hour", "By the page"],
    }
    shown = words(answer)
    assert "There is no exchange rate for these currencies. JPY" in shown
    assert "they cannot be compared with the others. Per hour" in shown


def test_without_an_exchange_rate_for_the_currency_asked_for_only_that_one_is_compared(as_vera):
    rate("GBP", "0.8")
    offering("Euro", offer("en>sv", "0.09"))
    offering("Pound", offer("en>sv", "0.08", "GBP"))
    offering("Yen", offer("en>sv", "12", "JPY"))
    offering("Dear yen", offer("en>sv", "20", "JPY"))

    answer = find(as_vera, service="translation", up_to="15", currency="JPY")

    assert groups(answer)["compared"] == ["Yen"]
    assert groups(answer)["currencies"] == ["Euro", "Pound"]
    assert "There is no exchange rate for JPY" in words(answer)


def test_unit_can_be_chosen_and_names_can_order(as_vera):
    offering("Ylva", offer("en>sv", "35", unit="hour"))
    offering("Ana", offer("en>sv", "40", unit="hour"))
    offering("Word", offer("en>sv", "0.1"))

    assert groups(find(as_vera, service="translation", unit="hour"))["compared"] == ["Ylva", "Ana"]
    by_name = groups(find(as_vera, service="translation", unit="hour", order="name"))
    assert by_name == {"compared": ["Ana", "Ylva"], "currencies": [], "units": ["Word"]}


def test_by_name_each_vendor_is_there_once_with_its_rates_whatever_letters_begin_it(as_vera):
    offering("Zoë", offer("en-GB>sv", "0.10"), offer("en-US>sv", "0.12"), offer("de>sv", "0.2"))
    offering("Łucja")
    offering("ÅSA")

    answer = find(as_vera, source="en", target="sv")

    assert groups(answer)["vendors"] == ["ÅSA", "Łucja", "Zoë"]
    shown = words(answer)
    assert "EUR 0.10 per source word" in shown
    assert "EUR 0.12 per source word" in shown
    assert "EUR 0.20" not in shown


def test_many_rates_of_one_vendor_are_shown_in_part_and_say_so(as_vera):
    offering("Many", *(offer(f"en>{target}", "0.1") for target in ("sv", "da", "nb", "nn", "fi", "is", "de")))

    answer = find(as_vera, source="en")

    assert words(answer).count("EUR 0.10 per source word") == 5
    assert "and 2 more" in words(answer)


@pytest.mark.parametrize("asked", [{"up_to": "0.1"}, {"unit": "hour"}, {"order": "rate"}])
def test_rates_of_different_services_are_not_compared(as_vera, asked):
    refused = find(as_vera, source="en", **asked)

    assert "Choose a service: rates of different services can&#x27;t be compared." in refused.text
    assert "groups" not in refused.context


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"up_to": "a lot"}, "Enter the amount in digits only"),
        ({"up_to": "0.1 GBP"}, "You typed a different currency from the one you chose."),
        ({"up_to": "0.1 per hour", "unit": "source_word"}, "You typed a different unit from the one you chose."),
        ({"country": "Atlantis"}, "Choose one from the list."),
        ({"owner": "²"}, "Choose one from the list."),
        ({"state": "erased"}, "Choose one from the list."),
    ],
)
def test_what_makes_no_sense_is_said_and_stays_as_typed(as_vera, asked, sentence):
    refused = find(as_vera, service="translation", **asked)

    assert sentence in refused.text
    assert "groups" not in refused.context
    if "up_to" in asked:
        assert f'value="{asked["up_to"]}"' in refused.text


# Everything else about the vendor


def test_each_criterion_leaves_those_who_meet_it(as_vera, vera):
    year = dt.timedelta(365)
    meets = {
        "specialism": offering("Medical", specialisms=["medical"]),
        "country": offering("Swedish", country="SE"),
        "tool": offering("Studio", cat_tools=["studio"]),
        "sworn": offering("Sworn", sworn_authority="Court", sworn_until=TODAY() + year),
        "owner": offering("Vera's"),
        "cases": offering("With a case"),
        "tag": offering("Tagged"),
        "state": offering("Suspended", state=VendorState.SUSPENDED),
    }
    offering("Expired", sworn_authority="Court", sworn_until=TODAY() - year)
    offering("Certified", offer("en>sv", "40", service="certified_translation", unit="page"))
    Vendor.objects.filter(pk=meets["owner"].pk).update(owner=vera)
    create_failure(user=meets["cases"].user)
    tags.replace(meets["tag"], ["rush jobs"], by=vera)
    asked = {
        "specialism": "medical",
        "country": "SE",
        "tool": "studio",
        "sworn": "sworn",
        "owner": "me",
        "cases": "open",
        "tag": "Rush Jobs",
        "state": "suspended",
    }

    for name, value in asked.items():
        assert found(as_vera, **{name: value}) == [meets[name].name], name
    assert found(as_vera, sworn="certified") == ["Certified"]
    assert "Vera's" not in found(as_vera, owner="none")
    assert set(found(as_vera, state="any")) == set(Vendor.objects.values_list("name", flat=True))
    assert "Suspended" not in found(as_vera, order="name")


def test_owner_can_be_a_colleague(as_vera):
    colleague = create_staff()
    Vendor.objects.filter(pk=offering("Theirs").pk).update(owner=colleague)
    offering("Nobody's")

    assert found(as_vera, owner=str(colleague.pk)) == ["Theirs"]


def test_vendors_without_a_profile_are_found_by_their_state(as_vera):
    create_vendor(state=VendorState.INVITED, name="Only just invited")

    assert found(as_vera, state="invited") == ["Only just invited"]
    assert "no rate on file" in find(as_vera, state="invited").text


def test_times_away_in_the_next_two_weeks_are_shown_and_can_be_left_out(as_vera):
    today = TODAY()
    spans = {"Now": (-3, 0), "Soon": (13, 20), "Later": (14, 20), "Over": (-9, -1), "Partly": (2, 5)}
    for name, (first, last) in spans.items():
        AwayPeriod.objects.create(
            vendor=offering(name),
            starts_on=today + dt.timedelta(first),
            ends_on=today + dt.timedelta(last),
            kind="partly" if name == "Partly" else "away",
        )

    answer = find(as_vera, source="en")

    shown = {line.vendor.name for group in answer.context["groups"] for line in group.lines if line.away}
    assert shown == {"Now", "Soon", "Partly"}
    assert found(as_vera, available="yes") == ["Later", "Over", "Partly"]


# Pages, and what they cost


def test_page_leads_to_the_next_and_back_and_keeps_what_was_asked(as_vera, monkeypatch):
    monkeypatch.setattr(results, "LINES", 2)
    monkeypatch.setattr(results, "MOST_PAGES", 2)
    for number in range(5):
        offering(f"Vendor {number}")

    first = find(as_vera, source="English", order="name")
    assert groups(first)["vendors"] == ["Vendor 0", "Vendor 1"]
    second = as_vera.get(f"{FIND}{first.context['next_url']}")
    assert groups(second)["vendors"] == ["Vendor 2", "Vendor 3"]
    assert "source=English" in second.context["previous_url"]
    assert second.context["next_url"] == ""
    assert "Only the first 4 are shown." in words(second)


def test_group_of_others_is_shown_in_part_and_leads_to_all_of_it(as_vera, monkeypatch):
    monkeypatch.setattr(results, "LINES_OF_OTHERS", 1)
    offering("By the word")
    offering("First", offer("en>sv", "30", unit="hour"))
    offering("Second", offer("en>sv", "40", unit="hour"))

    answer = find(as_vera, service="translation")

    assert groups(answer)["units"] == ["First"]
    [more] = [group.more_url for group in answer.context["groups"] if group.key == "units"]
    assert groups(as_vera.get(f"{FIND}{more}")) == {"units": ["First", "Second"]}


@pytest.mark.parametrize("odd", ["page=0", "page=21", "page=x", "page=²", "group=nothing", "group=units"])
def test_page_that_cannot_be_is_not_found(as_vera, odd):
    assert as_vera.get(f"{FIND}?source=en&{odd}").status_code == 404


@pytest.mark.parametrize("asked", [{"order": "name"}, {"service": "translation"}])
def test_it_takes_the_same_statements_however_many_are_found(as_vera, vera, asked):
    rate("SEK", "10")

    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            find(as_vera, **asked)
        return len(queries)

    def one_of_each(number: int) -> None:
        for unit, currency in (("source_word", "EUR"), ("source_word", "JPY"), ("source_word", "SEK"), ("hour", "EUR")):
            vendor = offering(f"{unit} {currency} {number}", offer("en>sv", "1", currency, unit=unit))
            tags.replace(vendor, ["tag"], by=vera)
            AwayPeriod.objects.create(vendor=vendor, starts_on=TODAY(), ends_on=TODAY())

    one_of_each(0)
    before = statements()
    for number in range(1, 4):
        one_of_each(number)

    assert statements() == before
    assert before <= 14


def test_first_page_and_list_lead_there(as_vera):
    assert f'href="{FIND}"' in as_vera.get("/admin/").text
    assert f'href="{FIND}"' in as_vera.get("/admin/vendors/vendor/").text
    assert "groups" not in as_vera.get(FIND).context
