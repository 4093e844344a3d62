"""Countries, currencies and time zones, by the names they have in English."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.languages import get_official_languages
from babel.numbers import get_territory_currencies
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from identity.typed import cleaning
from vendors.answers.choices import FixedChoices
from vendors.answers.languages import ENGLISH

# Where most people live who translate for customers in Europe: first in lists, after what is known of somebody.
USUAL = ("DE", "ES", "FR", "GB", "IT", "PL", "US")

# Countries that sell their domain to anybody: it says nothing of where somebody is.
_FOR_ANYBODY = {"AI", "CC", "CO", "FM", "GG", "IO", "LA", "LY", "ME", "SH", "SU", "TK", "TO", "TV", "WS"}

# The usual ones, then by code.
CURRENCIES = ["EUR", "GBP", "USD", "AUD", "CAD", "CHF", "CZK", "DKK", "HUF", "JPY", "NOK", "PLN", "RON", "SEK", "TRY"]

# Territories of the data that nobody's postal address is in, and groups of countries.
_NO_COUNTRY = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ", "AQ", "BV", "HM", "AC", "CP", "CQ", "DG", "EA", "IC", "TA"}


# Of the places that share a clock, those whose name people know.
_BEST_KNOWN_PLACES = """
    America/Argentina/Buenos_Aires America/Anchorage America/Chicago America/Denver America/Edmonton America/Halifax
    America/Los_Angeles America/Manaus America/Mexico_City America/New_York America/Nuuk America/Phoenix America/Regina
    America/Rio_Branco America/Santiago America/Sao_Paulo America/St_Johns America/Toronto America/Vancouver
    America/Winnipeg Asia/Almaty Asia/Krasnoyarsk Asia/Shanghai Atlantic/Azores Atlantic/Canary Australia/Adelaide
    Australia/Brisbane Australia/Darwin Australia/Perth Australia/Sydney Europe/Lisbon Europe/Madrid Europe/Moscow
    Europe/Samara Pacific/Auckland Pacific/Honolulu
"""
_BEST_KNOWN = set(_BEST_KNOWN_PLACES.split())
_ZONES_WITHOUT_DATA = {"XK": ["Europe/Belgrade"]}


def currency_name(code: str) -> str:
    return f"{code} · {ENGLISH.currencies.get(code, code)}"


def name(code: str) -> str:
    return ENGLISH.territories.get(code, code).removesuffix(" SAR China")


_ALSO_CALLED = {
    "AE": ("uae",),
    "AT": ("oesterreich",),
    "BA": ("bosnia",),
    "BO": ("plurinational state of bolivia",),
    "BY": ("belorussia", "byelorussia"),
    "CD": ("democratic republic of the congo", "drc", "congo kinshasa"),
    "CG": ("republic of the congo", "congo brazzaville"),
    "CI": ("ivory coast",),
    "CN": ("prc", "people's republic of china", "mainland china"),
    "CV": ("cabo verde",),
    "CZ": ("czech republic",),
    "GB": ("uk", "great britain", "england", "scotland", "wales", "northern ireland"),
    "GR": ("hellas",),
    "HK": ("hong kong sar",),
    "IE": ("republic of ireland", "eire"),
    "IN": ("bharat",),
    "KP": ("dprk",),
    "KR": ("republic of korea",),
    "MK": ("macedonia", "fyrom"),
    "MM": ("burma",),
    "NL": ("holland", "the netherlands"),
    "PS": ("palestine", "state of palestine"),
    "RU": ("russian federation",),
    "SZ": ("swaziland",),
    "TL": ("east timor",),
    "TR": ("turkey",),
    "TW": ("republic of china", "roc"),
    "US": ("usa", "united states of america"),
    "VA": ("holy see", "vatican"),
    "VN": ("viet nam",),
}


def code(text: str) -> str:
    """Of a name in English or in the country itself, or of a code; empty for what is no country."""
    key = _key(text)
    return _codes_by_name().get(key) or _codes_by_own_name().get(key, "")


def _key(text: str) -> str:
    """In one spelling: U.S.A. is the USA, and Cote d'Ivoire is Côte d’Ivoire."""
    folded = cleaning.folded(cleaning.word(text)).replace("&", " and ")
    return "".join(letter for letter in folded if letter.isalnum())


@cache
def _codes_by_name() -> dict[str, str]:
    known = {_key(label): country for country, label in choices()}
    codes = {code for code, _label in choices()}
    aliases = get_global("territory_aliases").items()
    known |= {code.casefold(): new[0] for code, new in aliases if code.isalpha() and len(new) == 1 and new[0] in codes}
    known |= {country.casefold(): country for country in codes}
    return known | {_key(label): country for country, labels in _ALSO_CALLED.items() for label in labels}


@cache
def _codes_by_own_name() -> dict[str, str]:
    """Kept apart because it reads the data of many languages, once, and is rarely needed."""
    known: dict[str, str] = {}
    for country, _label in choices():
        for language in get_official_languages(country, de_facto=True):
            with suppress(UnknownLocaleError, ValueError):
                known.setdefault(_key(Locale.parse(language).territories.get(country, "")), country)
    known.pop("", None)
    return known


@cache
def choices() -> list[tuple[str, str]]:
    """(ISO 3166-1 code, name), by name; with XK, which ISO lacks and people live in."""
    codes = [code for code in map(str, ENGLISH.territories) if len(code) == 2 and code not in _NO_COUNTRY]
    return sorted(
        ((territory, name(territory)) for territory in codes),
        key=lambda choice: cleaning.folded(choice[1]),
    )


@lru_cache(maxsize=300)
def usual_first(*likely: str, nothing: str | Promise = "") -> FixedChoices:
    """For a select: the likely ones and the usual ones, then all others, each once; before them a choice of none."""
    names = dict(choices())
    first = [code for code in dict.fromkeys([*likely, *sorted(USUAL, key=name)]) if code in names]
    suggestions = [(code, names[code]) for code in first]
    others = [choice for choice in choices() if choice[0] not in first]
    grouped = [(gettext_lazy("Suggestions"), suggestions), (gettext_lazy("All other countries"), others)]
    return FixedChoices([("", nothing), *grouped] if nothing else grouped)


def names_usual_first(*likely: str) -> list[str]:
    """For a box with suggestions."""
    codes = dict.fromkeys([*filter(None, likely), *sorted(USUAL, key=name), *dict(choices())])
    return [name(code) for code in codes]


def of_address(email: str) -> str:
    """The country whose domain the address is under, where that tells."""
    code = {"UK": "GB"}.get(domain := email.rpartition(".")[2].upper(), domain)
    return code if code in dict(choices()) and code not in _FOR_ANYBODY else ""


@cache
def currencies_first(country: str) -> FixedChoices:
    """Those of the country first, then as always."""
    own = [code for code in get_territory_currencies(country) if code in CURRENCIES] if country else []
    return FixedChoices([(code, currency_name(code)) for code in dict.fromkeys([*own, *CURRENCIES])])


@cache
def time_zones() -> list[tuple[str, list[tuple[str, str]]]]:
    """IANA names by region, for a select."""
    regions: dict[str, list[tuple[str, str]]] = {}
    for zone in sorted(available_timezones()):
        region, slash, _place = zone.partition("/")
        if slash and region not in ("Etc", "SystemV", "posix", "right", "US", "Canada", "Brazil", "Chile", "Mexico"):
            regions.setdefault(region, []).append((zone, place(zone)))
    return [(region, sorted(zones, key=lambda zone: cleaning.folded(zone[1]))) for region, zones in regions.items()]


@cache
def only_time_zone(country: str) -> str:
    """The zone of a country whose clocks all show the same, summer and winter; else empty."""
    zones = likely_time_zones(country)
    return zones[0] if len(zones) == 1 else ""


@cache
def likely_time_zones(country: str) -> list[str]:
    """One for each clock that the country has, from west to east: of several places the best known."""
    zones = [str(zone) for zone in get_global("territory_zones").get(country, _ZONES_WITHOUT_DATA.get(country, []))]
    by_clock: dict[tuple[dt.timedelta, ...], str] = {}
    for zone in sorted(zones, key=lambda zone: zone not in _BEST_KNOWN):
        by_clock.setdefault(_clock(zone), zone)
    return [zone for _offsets, zone in sorted(by_clock.items())]


def _clock(zone: str) -> tuple[dt.timedelta, ...]:
    moments = (dt.datetime(2025, month, 1, tzinfo=ZoneInfo(zone)) for month in (1, 7))
    return tuple(moment.utcoffset() or dt.timedelta() for moment in moments)


def place(zone: str) -> str:
    """ "Indiana, Knox" """
    return zone.partition("/")[2].replace("_", " ").replace("/", ", ")
