"""Telephone numbers in any spelling, kept as E.164, with an extension behind it: +442079460018;ext=12."""

from __future__ import annotations

import re

import phonenumbers
from django.utils.translation import gettext as _

from identity.typed import cleaning
from vendors.answers.odd_answers import Odd

LONGEST = 60
EXTENSION = ";ext="

# A word behind the number and a few digits behind that: what an extension is called, in any language. Some vowel signs,
# as in "ต่อ", are no letters to Python.
_EXTENSION = re.compile(r"(?<=[0-9)])[\s,;([/-]*([A-Za-z\u00a1-\U0010ffff]{1,14})[.:=\s]*([0-9]{1,7})[)\]]?$")
# Between two numbers.
_AND = {"and", "or", "und", "oder", "et", "ou", "y", "o", "e", "i", "a", "lub", "och", "og", "eller", "en", "of", "и"}
# As every mobile of Mexico appears in WhatsApp, and as it was dialled at home, when a 1 came before it.
_OLD_MEXICAN_MOBILE = re.compile(r"^(?:\+|00)\s?52[\s().-]*1[\s().-]*(?=(?:\d[\s().-]*){10}(?!\d))")
_OLD_AT_HOME = re.compile(r"^(?:52[\s().-]*)?(?:1|01|04[45])[\s().-]+(?=(?:\d[\s().-]*){10}(?!\d))")
_CODE_IN_BRACKETS = re.compile(r"^\+?\((?:\+|00)\s*([1-9]\d{0,2})\)")
_REMARK = re.compile(r"\s*\([^()\d+]*\)")  # (WhatsApp)
_LINK = re.compile(r"^(?:tel|callto|sms):(?://)?|^(?:https?://)?wa\.me/(?=[1-9])", re.IGNORECASE)
# With letters on the keys, 1-800-FLOWERS. Behind a number that is complete, letters are a remark.
_ON_THE_KEYS = re.compile(r"\+?[\d\s().-]{1,9}[A-Z]{3,}")
_ZERO_AT_HOME = re.compile(r"^(?:\+|00)([\d\s]{1,6})\(0\)")
# What most of the world dials before a country's code, also on forms in countries that dial something else.
_ABROAD = re.compile(r"^[\s(]*00[\s().-]*(?=[1-9])")
# Any carrier's code of Brazil, as it is written there: (0xx11).
_ANY_CARRIER = re.compile(r"^(\(?)0[\s-]?xx[\s-]?(?=[1-9][0-9])", re.IGNORECASE)
_BETWEEN_NUMBERS = re.compile(rf"[,;/|]|\s(?:{'|'.join(sorted(_AND))})\s", re.IGNORECASE)
# A branch of a switchboard: +86 10 6552 9988-12.
_BRANCH = re.compile(r"(.*\d)\s?[/–-]\s?(\d{1,5})")


class NotAPhoneNumber(Exception):
    """The message is for the person who typed it."""


class OddPhoneNumber(NotAPhoneNumber, Odd):
    """Of a length, or beginning with an area code, that we do not know of its country."""


def parse(text: str, *, country: str) -> str:
    """Without a + it is taken for one of the country."""
    typed = cleaning.code(text)
    if len(typed) <= LONGEST:
        for reading in cleaning.readings(_LINK.sub(_plus, typed)):
            number = _read(reading, country)
            if number is None or not phonenumbers.is_possible_number(number):
                continue
            if not _is_valid(number):  # without its area code, or with a digit too few
                raise OddPhoneNumber(
                    _(
                        "This phone number doesn't look right for its country. Check it, and add the area code if "
                        "it's missing. If it's right, keep it as you typed it."
                    ),
                    as_typed=_kept(number),
                )
            return _kept(number)
        plain = cleaning.without_label(typed)
        digits = re.sub(r"\D", "", plain)
        if plain.startswith("+") and re.fullmatch(r"[1-9][0-9]{6,14}", digits) and _is_a_number(plain):
            raise OddPhoneNumber(
                _(
                    "This phone number is longer or shorter than usual for its country. Check it again. If it's "
                    "right, keep it as you typed it."
                ),
                as_typed=f"+{digits}",
            )
        if _is_more_than_one(typed, country):
            raise NotAPhoneNumber(_("Enter one phone number only."))
    raise NotAPhoneNumber(
        _("This doesn't look like a phone number. Start with + and your country code, for example +48 22 123 45 67.")
    )


def readable(number: str) -> str:
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def shown(number: str, as_typed: str = "") -> str:
    """As the vendor writes it, and behind it how it is dialled from abroad unless that is what they wrote."""
    if not as_typed:
        return readable(number)
    return as_typed if as_typed.startswith("+") else f"{as_typed} ({readable(number)})"


def is_odd(number: str) -> bool:
    try:
        parse(number, country="")
    except NotAPhoneNumber:
        return True
    return False


def _plus(link: re.Match[str]) -> str:
    return "+" if "wa.me" in link[0].lower() else ""


def _read(text: str, country: str) -> phonenumbers.PhoneNumber | None:
    text = _CODE_IN_BRACKETS.sub(r"+\1", _REMARK.sub("", text))
    text = _OLD_MEXICAN_MOBILE.sub("+52", text)
    if country == "MX":
        text = _OLD_AT_HOME.sub("", text)
    if country == "BR":
        text = _ANY_CARRIER.sub(r"\g<1>0", text)
    text, extension = _apart(text)
    number = _of_digits(text, country)
    branch = _BRANCH.fullmatch(text)
    if branch and not extension and not _is_valid(number):
        without = _of_digits(branch[1], country)
        if _is_valid(without):
            number, extension = without, branch[2]
    if number is not None and extension:
        number.extension = extension
    return number


def _is_more_than_one(text: str, country: str) -> bool:
    numbers = [_read(reading, country) for part in _BETWEEN_NUMBERS.split(text) for reading in cleaning.readings(part)]
    whole = filter(phonenumbers.is_possible_number, filter(None, numbers))
    return len({number.national_number for number in whole}) > 1


def _is_valid(number: phonenumbers.PhoneNumber | None) -> bool:
    return number is not None and phonenumbers.is_valid_number(number)


def _apart(text: str) -> tuple[str, str]:
    """The number and its extension. phonenumbers knows few words for it, and dials the letters of others."""
    named = _EXTENSION.search(text)
    if named and named[1].casefold() not in _AND:
        return text[: named.start()], named[2]
    return text if _ON_THE_KEYS.fullmatch(text) else re.sub(r"\D+$", "", text), ""


def _of_digits(text: str, country: str) -> phonenumbers.PhoneNumber | None:
    zero = _ZERO_AT_HOME.match(text)
    if zero and int(re.sub(r"\D", "", zero[1])) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
        # Dialled at home only; but in some countries, as in Italy and Côte d'Ivoire, it belongs to the number.
        ways = [_parsed(f"+{zero[1]} {digit}{text[zero.end() :]}", country) for digit in ("", "0")]
        numbers = [number for number in ways if number is not None]
        valid = filter(phonenumbers.is_valid_number, numbers)
        return next(valid, None) or next(filter(phonenumbers.is_possible_number, numbers), None)
    if any(sign.isalpha() for sign in text) and not _ON_THE_KEYS.fullmatch(text):
        return None
    number = _parsed(text, country)
    if _is_valid(number):
        return number
    others = [_parsed(_ABROAD.sub("+", text), country)] if _ABROAD.match(text) else []
    if number is not None and number.italian_leading_zero:
        # Dialled at home, and none of the number.
        others.append(_parsed(f"+{number.country_code} {number.national_number}", country))
    return next((other for other in others if _is_valid(other)), number)


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
