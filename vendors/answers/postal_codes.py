"""Postal codes as each country writes them, whatever spaces and dashes were typed."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from identity.typed import cleaning
from vendors.answers import countries

# "#" is a figure, "@" a letter; everything else stands for itself.
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
    "GR": "### ##",
    "HR": "#####",
    "HU": "####",
    "ID": "#####",
    "IL": "#######",
    "IN": "######",
    "IS": "###",
    "IT": "#####",
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
    return next(filter(None, (_written(reading, country) for reading in cleaning.readings(text))), "") or (
        cleaning.without_label(text)
    )


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
    """People write D-10115 and CZ-110 00 too."""
    bare = re.sub(rf"^({country}|{country[0]})(?=[0-9])", "", compact)
    return (compact,) if bare == compact else (compact, bare)


def _fill(pattern: str, compact: str) -> str:
    """The typed figures and letters put into the pattern, or nothing if they do not fit."""
    if len(compact) > LONGEST:
        return ""
    own = "".join(sign for sign in pattern if sign not in "#@ -")
    rest = list(compact.removeprefix(own) if own else compact)
    written = ""
    for sign in pattern:
        if sign not in "#@":
            written += sign
            continue
        fits = "0123456789" if sign == "#" else "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        if not rest or rest[0] not in fits:
            return ""
        written += rest.pop(0)
    return "" if rest else written


def _example(country: str) -> str:
    figures, letters = iter("1234567890"), iter("ABCDEFG")
    pattern = _WRITTEN[country].partition("|")[0]
    return "".join(next(figures) if sign == "#" else next(letters) if sign == "@" else sign for sign in pattern)
