"""What is parsed may be as long as a request: the time grows with the length, and not with its square."""

import contextlib
from collections.abc import Callable
from functools import partial

import pytest

from tests.growth import assert_in_proportion
from vendors.answers import countries, dates, ibans, languages, money, phones, postal_codes, regions, tax_numbers
from vendors.answers.odd_answers import Odd

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


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("name", sorted(PARSERS))
def test_four_times_the_text_takes_about_four_times_as_long(name, unit):
    def parse(length: int) -> Callable[[], object]:
        text = (unit * length)[:length] + "~"
        return lambda: refused_or_not(PARSERS[name], text)

    assert_in_proportion(parse, length=100_000)


def refused_or_not(parse: Callable[[str], object], text: str) -> None:
    with contextlib.suppress(*REFUSALS):
        parse(text)
