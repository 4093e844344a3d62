"""Rates that cannot be right: a decimal point that slipped, cents for euros, the price of another unit.

The ranges are wide on purpose. Who really charges more or less says so with one press, and nobody is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from identity import text_direction
from identity.text_direction import gettext as _
from vendors.answers import languages, money, service_catalogue
from vendors.answers.odd_answers import Odd

MINIMUM_FEE = "minimum_fee"
FEW_PAIRS = 12

# Lowest and highest, in euros. Sources, read in November 2026: per word, some ask for 0.01 and some for 0.45 US dollars
# (language-translation-help.com, "Translation Rates") and 0.07 to 0.17 commonly (multilingual.com, "The great rates
# debate"); German courts pay 1.80 to 2.10 a line, 85 an hour of interpreting and 15 at least (JVEG of 2021, sections 9
# and 11; the last figure is of 2013). The other units follow from these, at 8 words to a line, 250 to 300 to a page or
# an hour of revision, and 8 hours to a day. All are widened: revision costs less, and some subjects cost much more.
IN_EUROS = {
    "source_word": ("0.01", "0.6"),
    "target_word": ("0.01", "0.6"),
    "character": ("0.002", "0.3"),
    "line_55": ("0.08", "5"),
    "page": ("1", "150"),
    "minute": ("0.5", "60"),
    "hour": ("8", "300"),
    "half_day": ("30", "1500"),
    "day": ("60", "3000"),
    "project": ("5", "20000"),
    MINIMUM_FEE: ("1", "250"),
}

# How much of a currency is a euro, for every currency that the European Central Bank publishes a rate of: that of
# 14 March 2025, rounded to two digits. Only the magnitude matters, so they need a new look when a currency has lost
# half of its value (TRY may be the next).
TO_A_EURO = {
    "EUR": "1",
    "AUD": "1.7",
    "BRL": "6.3",
    "CAD": "1.6",
    "CHF": "0.96",
    "CNY": "7.9",
    "CZK": "25",
    "DKK": "7.5",
    "GBP": "0.84",
    "HKD": "8.5",
    "HUF": "400",
    "IDR": "18000",
    "ILS": "4",
    "INR": "95",
    "ISK": "150",
    "JPY": "160",
    "KRW": "1600",
    "MXN": "22",
    "MYR": "4.8",
    "NOK": "12",
    "NZD": "1.9",
    "PHP": "62",
    "PLN": "4.2",
    "RON": "5",
    "SEK": "11",
    "SGD": "1.5",
    "THB": "37",
    "TRY": "40",
    "USD": "1.1",
    "ZAR": "20",
}

# By how many places a point slips, the likeliest first: cents for euros, then a place too few or too many.
SLIPS = (2, 1, 3)


def plausible(unit: str, currency: str) -> tuple[Decimal, Decimal] | None:
    """From what to what; None where we know nothing."""
    if unit not in IN_EUROS or currency not in TO_A_EURO:
        return None
    lowest, highest = IN_EUROS[unit]
    euro = Decimal(TO_A_EURO[currency])
    return Decimal(lowest) * euro, Decimal(highest) * euro


def is_odd(amount: Decimal, *, unit: str, currency: str) -> bool:
    limits = plausible(unit, currency)
    return limits is not None and not limits[0] <= amount <= limits[1]


def check(amount: Decimal, *, unit: str, currency: str, decimals: int) -> None:
    """Raise Odd, with what may be meant: two amounts at most."""
    limits = plausible(unit, currency)
    if limits is None or limits[0] <= amount <= limits[1]:
        return
    way = -1 if amount > limits[1] else 1
    others = (amount.normalize().scaleb(way * places).normalize() for places in SLIPS)
    meant = [
        f"{other:f}"
        for other in others
        if limits[0] <= other <= limits[1] and -int(other.as_tuple().exponent) <= decimals
    ][:2]
    raise Odd(_question(_price(amount, unit, currency), meant, unit), as_typed=f"{amount.normalize():f}", meant=meant)


def _question(price: str, meant: list[str], unit: str) -> str:
    if len(meant) == 2:
        return _("%(price)s: did you mean %(one)s or %(other)s?") % {"price": price, "one": meant[0], "other": meant[1]}
    if meant:
        return _("%(price)s: did you mean %(meant)s?") % {"price": price, "meant": meant[0]}
    if unit == MINIMUM_FEE:
        return _("%(price)s is unusual. Check the amount and the currency.") % {"price": price}
    return _("%(price)s is unusual. Check the amount, the unit and the currency.") % {"price": price}


def _price(amount: Decimal, unit: str, currency: str) -> str:
    shown = money.display(amount, currency)
    if unit == MINIMUM_FEE:
        return _("A minimum fee of %(amount)s") % {"amount": shown}
    unit_name = text_direction.ours(service_catalogue.unit_name(unit))
    return _("%(amount)s %(unit)s") % {"amount": shown, "unit": unit_name}


def doubts(answer: Mapping[str, Any]) -> Iterable[str]:
    """What VM should look at among the rates that were kept as typed; the same rate in several pairs once."""
    pairs: dict[tuple[str, Decimal, str, str], list[str]] = {}
    for rate in answer["rates"]:
        amount, unit, currency = Decimal(rate["amount"]), rate["unit"], rate["currency"]
        if is_odd(amount, unit=unit, currency=currency):
            of_rate = pairs.setdefault((rate["service"], amount, unit, currency), [])
            of_rate.append(languages.pair_name(rate["source"], rate["target"]))
    for (service, amount, unit, currency), names in pairs.items():
        yield _("%(service)s: %(price)s is an unusual rate (%(pairs)s).") % {
            "service": text_direction.ours(service_catalogue.service_name(service)),
            "price": _price(amount, unit, currency),
            "pairs": _in_words(names),
        }
    fee = Decimal(answer["minimum_fee"] or 0)
    if fee and is_odd(fee, unit=MINIMUM_FEE, currency=answer["currency"]):
        yield _("%(price)s is unusual.") % {"price": _price(fee, MINIMUM_FEE, answer["currency"])}


def _in_words(pairs: list[str]) -> str:
    if len(pairs) > FEW_PAIRS:
        return _("%(number)s pairs") % {"number": len(pairs)}
    return "; ".join(pairs)
