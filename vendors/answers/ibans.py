"""IBANs: what their check digits say, and what the register of countries says, which is never complete."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _
from stdnum import iban, numdb
from stdnum.exceptions import ValidationError as NotValid
from stdnum.iso7064 import mod_97_10

from identity.typed import cleaning
from vendors.answers import countries
from vendors.answers.odd_answers import Odd

LONGEST = 200
_REGISTER = numdb.get("iban")


class NotAnIban(Exception):
    """The message is for the person who typed it."""


class OddIban(NotAnIban, Odd):
    """The check digits are right, and the form is not that of the country."""


def parse(text: str) -> str:
    """Raise NotAnIban when it cannot be one, OddIban when it is not like those we know."""
    ways = [way for typed in _without_bank(text) for way in cleaning.without_words_behind(typed)]
    codes = [_compact(reading) for way in dict.fromkeys(ways) for reading in cleaning.readings(way)]
    readings = [reading for code in codes for reading in dict.fromkeys((code, code.removeprefix("IBAN")))]
    shaped = [number for number in readings if _has_the_shape(number)]
    if not shaped:
        raise NotAnIban(
            _(
                "An IBAN begins with two letters for its country and two digits, for example DE89 3704 0044 0532 "
                "0130 00. If your bank gave you an account number and a bank code instead, choose that payment "
                "method."
            )
        )
    right = [number for number in shaped if mod_97_10.is_valid(number[4:] + number[:4])]
    if not right:
        raise NotAnIban(
            _("This IBAN can't be right: its check digits don't match. Check it against your bank statement.")
        )
    number = right[0]
    country = number[:2]
    if not is_registered(country) and countries.code(country) == country:
        return number
    try:
        # Without each country's own rules: they refuse accounts that exist.
        return iban.validate(number, check_country=False)
    except NotValid as error:
        raise OddIban(
            _(
                "The check digits of this IBAN are right, but IBANs from %(country)s usually look different. "
                "Check it against your bank statement. If it's right, keep it as you typed it."
            )
            % {"country": countries.name(country)},
            as_typed=number,
        ) from error


def doubt(number: str) -> str:
    """Why somebody should look at an IBAN that was taken; nothing of the number but its country is in the words."""
    country = number[:2]
    if not is_registered(country):
        return _("The IBAN is from %(country)s, which isn't on our list of countries with IBANs.") % {
            "country": countries.name(country)
        }
    try:
        parse(number)
    except NotAnIban:
        return _("The IBAN doesn't look like those from %(country)s. It was kept as typed.") % {
            "country": countries.name(country)
        }
    return ""


def is_registered(country: str) -> bool:
    return bool(_REGISTER.info(country)[0][1])


def _without_bank(text: str) -> list[str]:
    """As it was typed, and without what people put behind it: the BIC, the bank, whose account it is."""
    plain = cleaning.code(text)[:LONGEST]
    end = re.search(r"(?<=[0-9A-Z])(?: ?[,;/|(]| (?:BIC|SWIFT)\b)", plain, re.IGNORECASE)
    has_words_behind = end and re.search(r"[^\W\d_]{3}", plain[end.start() :])
    return [plain, plain[: end.start()]] if end and has_words_behind else [plain]


def _compact(text: str) -> str:
    return re.sub(r"\W", "", cleaning.compact(text))


def _has_the_shape(number: str) -> bool:
    return bool(re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{8,30}", number, re.ASCII))
