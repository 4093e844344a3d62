"""Postal codes as each country writes them, whatever spaces and dashes were typed."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from identity.typed import cleaning
from vendors.answers import countries

# "#" is a digit, "@" a letter, "*" either; everything else stands for itself.
_WRITTEN = {
    "AD": "AD###",
    "AR": "####|@####@@@",
    "AT": "####",
    "AU": "####",
    "BA": "#####",
    "BE": "####",
    "BG": "####",
    "BR": "#####-###",
    "CA": "@#@ #@#",
    "CH": "####",
    "CL": "#######",
    "CN": "######",
    "CO": "######",
    "CY": "####",
    "CZ": "### ##",
    "DE": "#####",
    "DK": "####",
    "DZ": "#####",
    "EE": "#####",
    "EG": "#####",
    "ES": "#####",
    "FI": "#####",
    "FO": "###",
    "FR": "#####",
    "GB": "@# #@@|@## #@@|@@# #@@|@@## #@@|@#@ #@@|@@#@ #@@",
    "GE": "####",
    "GG": "GY# #@@|GY## #@@",
    "GR": "### ##",
    "HR": "#####",
    "HU": "####",
    "ID": "#####",
    "IE": "@## ****|@#@ ****",
    "IL": "#######",
    "IM": "IM# #@@|IM## #@@",
    "IN": "######",
    "IS": "###",
    "IT": "#####",
    "JE": "JE# #@@|JE## #@@",
    "JP": "###-####",
    "KR": "#####",
    "LI": "####",
    "LT": "LT-#####",
    "LU": "####",
    "LV": "LV-####",
    "MA": "#####",
    "MC": "#####",
    "MD": "MD-####",
    "ME": "#####",
    "MK": "####",
    "MT": "@@@ ####",
    "MX": "#####",
    "MY": "#####",
    "NL": "#### @@",
    "NO": "####",
    "NZ": "####",
    "PH": "####",
    "PK": "#####",
    "PL": "##-###",
    "PT": "####-###",
    "RO": "######",
    "RS": "#####",
    "RU": "######",
    "SE": "### ##",
    "SG": "######",
    "SI": "####",
    "SK": "### ##",
    "SM": "#####",
    "TH": "#####",
    "TN": "####",
    "TR": "#####",
    "TW": "###|#####|######",
    "UA": "#####",
    "US": "#####|#####-####",
    "VN": "#####|######",
    "XK": "#####",
    "ZA": "####",
}

COUNTRIES = frozenset(_WRITTEN)


LONGEST = 40


def parse(text: str, *, country: str) -> str:
    """As the country writes it; what it does not write like that is kept as it was typed, for `doubt` to say so."""
    ways = [reading for way in cleaning.without_words_behind(text) for reading in cleaning.readings(way)]
    return next(filter(None, (_written(way, country) for way in ways)), "") or cleaning.without_label(text)


def doubt(code: str, *, country: str) -> str:
    """Why somebody should look at it once more."""
    if not code or country not in _WRITTEN or _written(code, country):
        return ""
    values = {"country": countries.name(country), "example": _example(country)}
    return _("The postcode doesn't look like those in %(country)s, for example %(example)s. Check it again.") % values


def _written(text: str, country: str) -> str:
    compact = re.sub(r"\W", "", cleaning.compact(text))
    for pattern in _WRITTEN[country].split("|") if country in _WRITTEN else ():
        for typed in _without_country(compact, country):
            if written := _fill(pattern, typed):
                return written
    return ""


def _without_country(compact: str, country: str) -> tuple[str, ...]:
    """People write D-10115, CZ-110 00, FIN-00100 and IE D02 X285 too."""
    has_letters = any(sign in _WRITTEN[country] for sign in "@*")
    front = rf"{country}|{country[0]}(?=[0-9])" if has_letters else "[A-Z]{1,3}(?=[0-9])"
    bare = re.sub(rf"^({front})", "", compact)
    return (compact,) if bare == compact else (compact, bare)


_DIGITS, _LETTERS = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PLACES = {"#": _DIGITS, "@": _LETTERS, "*": _DIGITS + _LETTERS}


def _fill(pattern: str, compact: str) -> str:
    """The typed digits and letters put into the pattern, or nothing if they do not fit."""
    if len(compact) > LONGEST:
        return ""
    own = "".join(sign for sign in pattern if sign not in _PLACES and sign not in " -")
    rest = list(compact.removeprefix(own) if own else compact)
    written = ""
    for sign in pattern:
        if sign not in _PLACES:
            written += sign
            continue
        if not rest or rest[0] not in _PLACES[sign]:
            return ""
        written += rest.pop(0)
    return "" if rest else written


def _example(country: str) -> str:
    signs = {"#": iter(_DIGITS[1:]), "@": iter(_LETTERS), "*": iter("F4E2")}
    pattern = _WRITTEN[country].partition("|")[0]
    return "".join(next(signs[sign]) if sign in signs else sign for sign in pattern)
