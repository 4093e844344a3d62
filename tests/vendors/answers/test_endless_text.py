"""What is parsed may be as long as a request: the time grows with the length, and not with its square."""

import contextlib
import time
from collections.abc import Callable
from functools import partial

import pytest

from vendors.answers import countries, dates, ibans, languages, money, phones, postal_codes, regions, tax_numbers
from vendors.answers.odd import Odd

PARSERS: dict[str, Callable[[str], object]] = {
    "amount": partial(money.parse_amount, decimals=4),
    "country": countries.code,
    "day": dates.parse_day,
    "IBAN": ibans.parse,
    "language": languages.parse,
    "month": dates.parse_month,
    "phone": partial(phones.parse, country="PL"),
    "postcode": partial(postal_codes.parse, country="GB"),
    "region": partial(regions.parse, country="US"),
    "tax number": partial(tax_numbers.parse_number, kind=tax_numbers.tax_number("DE"), country="DE"),
    "VAT number": partial(tax_numbers.parse_vat, country="FR"),
}
REFUSALS = (
    Odd,
    money.NotAnAmount,
    dates.NotADate,
    ibans.NotAnIban,
    languages.UnknownLanguage,
    phones.NotAPhoneNumber,
    tax_numbers.NotANumber,
)
UNITS = ["1", "a", "1,", "+", "DE", "31/", "x-", " x 1", "\u0661", "\uff11", "e\u0301", "\u200b1", "(1)", "Tel: "]


def seconds(parse: Callable[[str], object], text: str) -> float:
    times = []
    for _round in range(3):
        began = time.process_time()
        with contextlib.suppress(*REFUSALS):
            parse(text)
        times.append(time.process_time() - began)
    return min(times)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("name", sorted(PARSERS))
def test_four_times_the_text_takes_about_four_times_as_long(name, unit):
    """Not sixteen times; with room for a busy machine."""
    parse = PARSERS[name]
    parse_short, parse_long = (seconds(parse, (unit * length)[:length] + "~") for length in (25_000, 100_000))

    assert parse_long < 12 * parse_short + 0.02
