"""Telephone numbers in any spelling, kept as E.164, with an extension behind it: +442079460018;ext=12."""

from __future__ import annotations

import re

import phonenumbers
from django.utils.translation import gettext as _

from identity.typed import cleaning
from vendors.answers.odd import Odd

LONGEST = 60
EXTENSION = ";ext="

# What phonenumbers does not take for the beginning of an extension.
_EXTENSION_WORDS = re.compile(
    r"[\s,;(]*\b(?:durchwahl|dw|poste|wew|wewn|ramal|anexo|toestel|tst|interno|linka|belső|mellék|dahili|内線|内线|转)"
    r"\b[.:\s]*(?=[0-9])",
    re.IGNORECASE,
)
# As every mobile of Mexico appears in WhatsApp, from the time when a 1 was dialled before it.
_OLD_MEXICAN_MOBILE = re.compile(r"^\+52[\s().-]*1[\s().-]*(?=(?:\d[\s().-]*){10}(?!\d))")
_CODE_IN_BRACKETS = re.compile(r"^\+?\((?:\+|00)\s*([1-9]\d{0,2})\)")
_REMARK = re.compile(r"\s*\([^()\d]*\)$")  # (WhatsApp)
_ZERO_AT_HOME = re.compile(r"^\+([\d\s]{1,6})\(0\)")


class NotAPhoneNumber(Exception):
    """The message is for the person who typed it."""


class OddPhoneNumber(NotAPhoneNumber, Odd):
    """International, of a length that we do not know of its country."""


def parse(text: str, *, country: str) -> str:
    """Without a + it is taken for one of the country."""
    typed = cleaning.code(text)
    if len(typed) <= LONGEST:
        for reading in cleaning.readings(typed.removeprefix("tel:")):
            number = _read(reading, country)
            if number is not None and phonenumbers.is_possible_number(number):
                return _kept(number)
        plain = cleaning.without_label(typed)
        digits = re.sub(r"\D", "", plain)
        if plain.startswith("+") and re.fullmatch(r"[1-9][0-9]{6,14}", digits) and _is_a_number(plain):
            raise OddPhoneNumber(
                _(
                    "This telephone number is longer or shorter than those we know of its country. Compare it once "
                    "more. If it is right, keep it as you typed it."
                ),
                as_typed=f"+{digits}",
            )
    raise NotAPhoneNumber(
        _("This does not look like a telephone number. Begin with + and your country's code: +48 22 123 45 67.")
    )


def readable(number: str) -> str:
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def is_odd(number: str) -> bool:
    try:
        parse(number, country="")
    except NotAPhoneNumber:
        return True
    return False


def _read(text: str, country: str) -> phonenumbers.PhoneNumber | None:
    text = _EXTENSION_WORDS.sub(" ext ", _REMARK.sub("", text))
    text = _CODE_IN_BRACKETS.sub(r"+\1", text)
    text = _OLD_MEXICAN_MOBILE.sub("+52", text)
    zero = _ZERO_AT_HOME.match(text)
    if zero and int(re.sub(r"\D", "", zero[1])) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
        # Dialled at home only; but in some countries, as in Côte d'Ivoire, a zero belongs to the number.
        number = _parsed(f"+{zero[1]} {text[zero.end() :]}", country)
        if number is not None and phonenumbers.is_possible_number(number):
            return number
    return _parsed(text, country)


def _parsed(text: str, country: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(text, country or None)
    except phonenumbers.NumberParseException:
        return None


def _kept(number: phonenumbers.PhoneNumber) -> str:
    extension = f"{EXTENSION}{number.extension}" if number.extension else ""
    number.extension = None
    return f"{phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)}{extension}"


def _is_a_number(text: str) -> bool:
    return not any(sign.isalpha() for sign in text)
