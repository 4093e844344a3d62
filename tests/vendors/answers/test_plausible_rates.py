"""Which rates are asked about, in every unit and in currencies of other magnitudes, and what is offered instead."""

from __future__ import annotations

from decimal import Decimal

import pytest

from vendors.answers import countries, plausible_rates, service_catalogue
from vendors.answers.odd_answers import Odd
from vendors.answers.plausible_rates import MINIMUM_FEE, check, doubts, is_odd

# Unit, currency, the lowest and the highest amount that nobody is asked about.
LIMITS = [
    ("source_word", "EUR", "0.01", "0.6"),
    ("target_word", "EUR", "0.01", "0.6"),
    ("character", "EUR", "0.002", "0.3"),
    ("line_55", "EUR", "0.08", "5"),
    ("page", "EUR", "1", "150"),
    ("minute", "EUR", "0.5", "60"),
    ("hour", "EUR", "8", "300"),
    ("half_day", "EUR", "30", "1500"),
    ("day", "EUR", "60", "3000"),
    ("project", "EUR", "5", "20000"),
    (MINIMUM_FEE, "EUR", "1", "250"),
    ("source_word", "USD", "0.011", "0.66"),
    ("source_word", "GBP", "0.0084", "0.504"),
    ("source_word", "CZK", "0.25", "15"),
    ("source_word", "JPY", "1.6", "96"),
    ("character", "JPY", "0.32", "48"),
    ("hour", "JPY", "1280", "48000"),
    (MINIMUM_FEE, "JPY", "160", "40000"),
    ("source_word", "HUF", "4", "240"),
    ("hour", "HUF", "3200", "120000"),
    (MINIMUM_FEE, "HUF", "400", "100000"),
    ("source_word", "IDR", "180", "10800"),
    ("hour", "IDR", "144000", "5400000"),
    ("page", "TRY", "40", "6000"),
]
LEAST = Decimal("0.0001")
ENGLISH_OF = ["AU", "CA", "GB", "HK", "IE", "IN", "JM", "KE", "MT", "NG", "NZ", "SG", "US"]

# What people ask for in truth, none of which may be asked about.
USUAL = [
    ("0.085", "source_word", "EUR"),
    ("0.04", "source_word", "EUR"),
    ("0.02", "target_word", "EUR"),
    ("0.25", "source_word", "CHF"),
    ("0.12", "source_word", "USD"),
    ("2.10", "line_55", "EUR"),
    ("0.45", "line_55", "PLN"),
    ("50", "page", "PLN"),
    ("7.5", "minute", "EUR"),
    ("35", "hour", "GBP"),
    ("95", "hour", "EUR"),
    ("900", "day", "EUR"),
    ("40", MINIMUM_FEE, "USD"),
    ("12", "source_word", "JPY"),
    ("9", "character", "JPY"),
    ("4000", "hour", "JPY"),
    ("3000", MINIMUM_FEE, "JPY"),
    ("22", "source_word", "HUF"),
    ("9000", "hour", "HUF"),
    ("1.5", "source_word", "CZK"),
    ("1", "source_word", "SEK"),
    ("2", "source_word", "TRY"),
    ("700", "source_word", "IDR"),
]

# What slips, and what is offered instead.
SLIPS = [
    ("9", "source_word", "EUR", ["0.09"]),
    ("90", "source_word", "EUR", ["0.09"]),
    ("8.5", "target_word", "EUR", ["0.085"]),
    ("0.9", "source_word", "EUR", ["0.09"]),
    ("3", "source_word", "EUR", ["0.03", "0.3"]),
    ("0.0085", "source_word", "EUR", ["0.085"]),
    ("180", "line_55", "EUR", ["1.8", "0.18"]),
    ("0.5", "hour", "EUR", ["50"]),
    ("4500", "hour", "EUR", ["45"]),
    ("0.25", MINIMUM_FEE, "EUR", ["25", "2.5"]),
    ("2500", MINIMUM_FEE, "EUR", ["25", "250"]),
    ("0.12", "source_word", "JPY", ["12"]),
    ("1200", "source_word", "JPY", ["12"]),
    ("40", "hour", "JPY", ["4000", "40000"]),
    ("0.22", "source_word", "HUF", ["22", "220"]),
    ("2200", "source_word", "HUF", ["22", "220"]),
    ("0.7", "source_word", "IDR", ["700"]),
    ("500000", "hour", "EUR", []),
]


def meant(amount: str, unit: str, currency: str, *, decimals: int = 4) -> list[str]:
    with pytest.raises(Odd) as odd:
        check(Decimal(amount), unit=unit, currency=currency, decimals=decimals)
    assert odd.value.as_typed == f"{Decimal(amount).normalize():f}"
    return odd.value.meant


@pytest.mark.parametrize(("unit", "currency", "lowest", "highest"), LIMITS)
def test_amounts_just_inside_are_taken_and_those_just_outside_are_odd(unit, currency, lowest, highest):
    inside = [Decimal(lowest), Decimal(highest)]
    outside = [Decimal(lowest) - LEAST, Decimal(highest) + LEAST]

    assert [is_odd(amount, unit=unit, currency=currency) for amount in inside] == [False, False]
    assert [is_odd(amount, unit=unit, currency=currency) for amount in outside] == [True, True]
    for amount in inside:
        check(amount, unit=unit, currency=currency, decimals=4)
    for amount in outside:
        meant(str(amount), unit, currency)


@pytest.mark.parametrize(("amount", "unit", "currency"), USUAL)
def test_what_people_ask_for_is_not_asked_about(amount, unit, currency):
    check(Decimal(amount), unit=unit, currency=currency, decimals=4)


@pytest.mark.parametrize(("amount", "unit", "currency", "expected"), SLIPS)
def test_slip_of_the_point_is_offered_back(amount, unit, currency, expected):
    assert meant(amount, unit, currency) == expected


def test_nothing_is_offered_that_has_too_many_decimals():
    assert meant("0.0123", "hour", "EUR", decimals=2) == ["12.3"]
    assert meant("2512.5", MINIMUM_FEE, "EUR", decimals=2) == []


@pytest.mark.parametrize(
    ("amount", "unit", "said"),
    [
        ("9", "source_word", "EUR 9.00 per source word: did you mean 0.09?"),
        ("3", "source_word", "EUR 3.00 per source word: did you mean 0.03 or 0.3?"),
        ("2500", MINIMUM_FEE, "A minimum fee of EUR 2,500.00: did you mean 25 or 250?"),
        ("500000", "hour", "EUR 500,000.00 per hour is unusual. Check the amount, the unit and the currency."),
    ],
)
def test_question_says_what_was_typed_and_what_may_be_meant(amount, unit, said):
    with pytest.raises(Odd) as odd:
        check(Decimal(amount), unit=unit, currency="EUR", decimals=4)

    assert str(odd.value) == said


def test_every_unit_and_currency_that_can_be_chosen_is_known():
    units = {unit for units in service_catalogue.UNITS_OF_SERVICE.values() for unit in units}

    assert {*units, MINIMUM_FEE} == set(plausible_rates.IN_EUROS)
    assert set(countries.CURRENCIES) <= set(plausible_rates.TO_A_EURO)
    assert plausible_rates.plausible("source_word", "XAU") is None
    assert not is_odd(Decimal(9), unit="source_word", currency="XAU")


def rate(amount: str, *, target: str = "pl", service: str = "translation", unit: str = "source_word") -> dict[str, str]:
    pair = {"source": "de", "target": target}
    return pair | {"service": service, "unit": unit, "amount": amount, "currency": "EUR"}


def test_vendor_management_reads_of_each_odd_rate_once_with_its_pairs():
    rates = [rate("9.0000"), rate("9.0000", target="fr"), rate("0.0900", target="it"), rate("0.5", unit="hour")]

    assert list(doubts({"currency": "EUR", "minimum_fee": "2500.00", "rates": rates})) == [
        "Translation: EUR 9.00 per source word is an unusual rate (German → Polish; German → French).",
        "Translation: EUR 0.50 per hour is an unusual rate (German → Polish).",
        "A minimum fee of EUR 2,500.00 is unusual.",
    ]
    assert list(doubts({"currency": "EUR", "minimum_fee": "", "rates": [rate("0.09")]})) == []
    many = [rate("9", target=f"en-{country}") for country in ENGLISH_OF]
    [text] = doubts({"currency": "EUR", "minimum_fee": "", "rates": many})
    assert text.endswith("is an unusual rate (13 pairs).")
