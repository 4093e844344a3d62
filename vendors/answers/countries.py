"""Countries, currencies and time zones, by the names they have in English."""

from __future__ import annotations

import datetime as dt
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from babel.core import get_global

from identity.typed import cleaning
from vendors.answers.languages import ENGLISH

CURRENCIES = ["EUR", "USD", "GBP", "CHF", "CZK", "DKK", "HUF", "NOK", "PLN", "RON", "SEK", "TRY", "CAD", "AUD", "JPY"]

# Territories of the data that nobody's postal address is in, and groups of countries.
_NO_COUNTRY = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ", "AQ", "BV", "HM", "AC", "CP", "CQ", "DG", "EA", "IC", "TA"}


def currency_name(code: str) -> str:
    return f"{code} · {ENGLISH.currencies.get(code, code)}"


def name(code: str) -> str:
    return ENGLISH.territories.get(code, code).removesuffix(" SAR China")


_ALSO_CALLED = {
    "CZ": ("czech republic",),
    "GB": ("uk", "great britain", "england", "scotland", "wales", "northern ireland"),
    "NL": ("holland", "the netherlands"),
    "TR": ("turkey",),
    "US": ("usa", "united states of america"),
}


def code(text: str) -> str:
    """Of a name in English or a code; empty for what is no country."""
    return _codes_by_name().get(cleaning.word(text), "")


@cache
def _codes_by_name() -> dict[str, str]:
    known = {cleaning.word(label): country for country, label in choices()}
    known |= {country.casefold(): country for country, _label in choices()}
    return known | {label: country for country, labels in _ALSO_CALLED.items() for label in labels}


@cache
def choices() -> list[tuple[str, str]]:
    """(ISO 3166-1 code, name), by name; with XK, which ISO lacks and people live in."""
    codes = [code for code in map(str, ENGLISH.territories) if len(code) == 2 and code not in _NO_COUNTRY]
    return sorted(
        ((territory, name(territory)) for territory in codes),
        key=lambda choice: cleaning.folded(choice[1]),
    )


@cache
def time_zones() -> list[tuple[str, list[tuple[str, str]]]]:
    """IANA names by region, for a select."""
    regions: dict[str, list[tuple[str, str]]] = {}
    for zone in sorted(available_timezones()):
        region, slash, place = zone.partition("/")
        if slash and region not in ("Etc", "SystemV", "posix", "right", "US", "Canada", "Brazil", "Chile", "Mexico"):
            regions.setdefault(region, []).append((zone, place.replace("_", " ").replace("/", ", ")))
    return list(regions.items())


@cache
def only_time_zone(country: str) -> str:
    """The zone of a country whose clocks all show the same, summer and winter; else empty."""
    zones = get_global("territory_zones").get(country, [])
    clocks = {
        tuple(dt.datetime(2025, month, 1, tzinfo=ZoneInfo(zone)).utcoffset() for month in (1, 7)) for zone in zones
    }
    return zones[0] if len(clocks) == 1 else ""
