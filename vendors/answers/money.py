"""Amounts as people write them and as we show them; always decimal, never binary fractions."""

from __future__ import annotations

import re
from decimal import Decimal

from django.utils.translation import gettext as _

from identity.typed import cleaning
from vendors.answers.languages import ENGLISH

LONGEST = 60

# What else than its code people write for a currency, and which currencies it can mean.
_SIGNS = {
    "$": {"USD", "CAD", "AUD", "NZD", "HKD", "SGD", "MXN", "ARS", "CLP", "COP"},
    "£": {"GBP"},
    "€": {"EUR"},
    "¥": {"JPY", "CNY"},
    "円": {"JPY"},
    "元": {"CNY"},
    "₴": {"UAH"},
    "₹": {"INR"},
    "₺": {"TRY"},
    "₽": {"RUB"},
    "₩": {"KRW"},
    "₪": {"ILS"},
    "a$": {"AUD"},
    "au$": {"AUD"},
    "c$": {"CAD"},
    "ca$": {"CAD"},
    "cad$": {"CAD"},
    "dollar": {"USD", "CAD", "AUD"},
    "dollars": {"USD", "CAD", "AUD"},
    "euro": {"EUR"},
    "euros": {"EUR"},
    "fr": {"CHF"},
    "sfr": {"CHF"},
    "ft": {"HUF"},
    "kr": {"SEK", "DKK", "NOK", "ISK"},
    "kč": {"CZK"},
    "lei": {"RON", "MDL"},
    "pounds": {"GBP"},
    "r$": {"BRL"},
    "tl": {"TRY"},
    "us$": {"USD"},
    "usd$": {"USD"},
    "yen": {"JPY"},
    "zł": {"PLN"},
    "zl": {"PLN"},
}


# Their point is no decimal point.
_SHORT_FORMS = {"fr", "sfr", "kr", "rs"}


class NotAnAmount(Exception):
    """The message is for the person who typed it."""


def currencies_of(text: str) -> set[str]:
    """Which currencies an amount can be in by what was typed with it; none if only a number was."""
    _number, currencies = _apart(cleaning.number(text)[:LONGEST])
    return currencies


def _apart(text: str) -> tuple[str, set[str]]:
    """The number, and the currency in front of it or behind it. Raise NotAnAmount when the words are none."""
    number = text.strip("".join({sign for sign in text if not (sign.isdecimal() or sign in ".,'-+")}))
    before, _number, after = text.partition(number) if number else (text, "", "")
    # A point may end the short form of a currency: "Fr. 25", "25 zł."
    words = [word.strip(" .").casefold() for word in (before, after) if word.strip(" .")]
    meant = [_SIGNS.get(word) or ({word.upper()} & set(ENGLISH.currencies)) for word in words]
    if not all(meant) or len(words) > 1:
        raise _only_digits()
    if re.match(r"\.\s", number) or before.strip().casefold() in _SHORT_FORMS:
        number = number.removeprefix(".")
    return number, set().union(*meant)


def parse_amount(text: str, *, decimals: int, zero_allowed: bool = False) -> Decimal:
    """Accept a decimal comma or point, spaces or apostrophes between thousands, and a currency with it.

    Raise NotAnAmount for anything else, above all for what could mean two things.
    """
    plain = cleaning.number(text)
    if len(plain) > LONGEST:
        raise _only_digits()
    number, _currencies = _apart(plain)
    compact = re.sub(r"[\s']", "", number)
    compact = re.sub(r"[.,:]-{0,2}$", "", compact)  # as shops write it: 25,-
    if compact[:1] == "-" and compact[1:2].isdigit():
        raise NotAnAmount(_("An amount must be more than zero."))
    if not re.fullmatch(r"[0-9.,]+", compact, re.ASCII) or not any(sign.isdecimal() for sign in compact):
        raise _only_digits()
    if compact.count(".") + compact.count(",") > 1:
        raise NotAnAmount(_("Write the amount without separators between thousands, for example 1250.00."))
    if re.fullmatch(r"[1-9][0-9]{0,2}[.,][0-9]{3}", compact):
        whole, part = re.split("[.,]", compact)
        raise NotAnAmount(
            _("This can be read in two ways. Please write %(thousands)s or %(decimal)s.")
            % {"thousands": f"{whole}{part}", "decimal": f"{whole}.{part}0"}
        )
    if len(compact) > 20:
        raise NotAnAmount(_("That is more than we can enter here. Is a decimal point missing?"))
    amount = Decimal(compact.replace(",", "."))
    if -int(amount.normalize().as_tuple().exponent) > decimals:
        raise NotAnAmount(_("We can keep at most %(decimals)s decimal places.") % {"decimals": decimals})
    if amount == 0 and not zero_allowed:
        raise NotAnAmount(_("An amount must be more than zero."))
    if amount >= 1_000_000:
        raise NotAnAmount(_("That is more than we can enter here. Is a decimal point missing?"))
    return amount.quantize(Decimal(1).scaleb(-decimals))


def _only_digits() -> NotAnAmount:
    return NotAnAmount(_("Write the amount in figures only, for example 0.085 or 0,085."))


def display(amount: Decimal | str, currency: str) -> str:
    """With as many decimals as it has, two at least: "EUR 0.085"."""
    amount = Decimal(amount).normalize()
    places = max(2, -int(amount.as_tuple().exponent))
    return f"{currency} {amount:,.{places}f}"
