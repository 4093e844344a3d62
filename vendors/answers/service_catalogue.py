"""What a vendor can offer: services and how each is priced, specialisms, tools, currencies, countries."""

from __future__ import annotations

import datetime as dt
import unicodedata
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from babel.core import get_global
from django.utils.translation import gettext_lazy as _

from vendors.answers.languages import ENGLISH

SERVICES = [
    ("translation", _("Translation")),
    ("revision", _("Revision by a second person (bilingual)")),
    ("proofreading", _("Proofreading (target text only)")),
    ("post_editing", _("Post-editing of machine translation")),
    ("transcreation", _("Transcreation")),
    ("subtitling", _("Subtitling")),
    ("interpreting", _("Interpreting")),
    ("sworn_translation", _("Sworn or certified translation")),
    ("terminology", _("Terminology work")),
    ("desktop_publishing", _("Desktop publishing")),
    ("quality_assessment", _("Linguistic quality assessment")),
]

UNITS = [
    ("source_word", _("per source word")),
    ("target_word", _("per target word")),
    ("character", _("per character")),
    ("line_55", _("per line of 55 characters")),
    ("page", _("per page")),
    ("minute", _("per minute of recording")),
    ("hour", _("per hour")),
    ("half_day", _("per half day")),
    ("day", _("per day")),
    ("project", _("per project")),
]

_TEXT_UNITS = ("source_word", "target_word", "character", "line_55", "page", "hour")
# The first one is what most people use and is offered first.
UNITS_OF_SERVICE = {
    "translation": _TEXT_UNITS,
    "revision": ("source_word", "target_word", "hour", "page", "line_55"),
    "proofreading": ("target_word", "hour", "page", "line_55"),
    "post_editing": ("source_word", "target_word", "hour", "line_55"),
    "transcreation": ("hour", "source_word", "project"),
    "subtitling": ("minute", "hour", "project"),
    "interpreting": ("hour", "half_day", "day"),
    "sworn_translation": ("page", "line_55", "source_word", "target_word", "project"),
    "terminology": ("hour", "project"),
    "desktop_publishing": ("page", "hour", "project"),
    "quality_assessment": ("hour", "source_word"),
}

SPECIALISMS = [
    ("agriculture", _("Agriculture and food")),
    ("arts", _("Art, culture and literature")),
    ("automotive", _("Automotive")),
    ("chemistry", _("Chemistry")),
    ("construction", _("Construction and architecture")),
    ("consumer", _("Consumer goods and retail")),
    ("education", _("Education and training")),
    ("energy", _("Energy and environment")),
    ("finance", _("Finance, banking and insurance")),
    ("games", _("Games")),
    ("government", _("Government and public sector")),
    ("human_resources", _("Human resources")),
    ("it", _("Information technology and software")),
    ("legal", _("Law and contracts")),
    ("life_sciences", _("Life sciences and pharmaceuticals")),
    ("marketing", _("Marketing and advertising")),
    ("mechanical", _("Mechanical engineering")),
    ("media", _("Media and journalism")),
    ("medical", _("Medicine and health")),
    ("medical_devices", _("Medical devices")),
    ("patents", _("Patents")),
    ("technical", _("Technology in general")),
    ("telecommunications", _("Electronics and telecommunications")),
    ("tourism", _("Tourism and hospitality")),
    ("transport", _("Transport and logistics")),
]

CAT_TOOLS = [
    ("across", "Across"),
    ("crowdin", "Crowdin"),
    ("dejavu", "Déjà Vu"),
    ("matecat", "Matecat"),
    ("memoq", "memoQ"),
    ("memsource", "Phrase TMS (Memsource)"),
    ("omegat", "OmegaT"),
    ("smartcat", "Smartcat"),
    ("smartling", "Smartling"),
    ("studio", "Trados Studio"),
    ("transit", "Transit"),
    ("wordbee", "Wordbee"),
    ("wordfast", "Wordfast"),
    ("xtm", "XTM"),
]

WORKING_DAYS = [
    ("mon", _("Monday")),
    ("tue", _("Tuesday")),
    ("wed", _("Wednesday")),
    ("thu", _("Thursday")),
    ("fri", _("Friday")),
    ("sat", _("Saturday")),
    ("sun", _("Sunday")),
]

CURRENCIES = ["EUR", "USD", "GBP", "CHF", "CZK", "DKK", "HUF", "NOK", "PLN", "RON", "SEK", "TRY", "CAD", "AUD", "JPY"]

# Territories of the data that nobody's postal address is in, and groups of countries.
_NO_COUNTRY = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ", "AQ", "BV", "HM", "AC", "CP", "CQ", "DG", "EA", "IC", "TA"}


def service_name(code: str) -> str:
    return str(dict(SERVICES).get(code, code))


def unit_name(code: str) -> str:
    return str(dict(UNITS).get(code, code))


def specialism_name(code: str) -> str:
    return str(dict(SPECIALISMS).get(code, code))


def cat_tool_name(code: str) -> str:
    return str(dict(CAT_TOOLS).get(code, code))


def working_day_name(code: str) -> str:
    return str(dict(WORKING_DAYS).get(code, code))


def currency_name(code: str) -> str:
    return f"{code} · {ENGLISH.currencies.get(code, code)}"


def country_name(code: str) -> str:
    return ENGLISH.territories.get(code, code).removesuffix(" SAR China")


_ALSO_CALLED = {
    "CZ": ("czech republic",),
    "GB": ("uk", "great britain", "england", "scotland", "wales", "northern ireland"),
    "NL": ("holland", "the netherlands"),
    "TR": ("turkey",),
    "US": ("usa", "united states of america"),
}


def country_code(text: str) -> str:
    """Of a name in English or a code; empty for what is no country."""
    return _codes_by_name().get(text.strip().casefold(), "")


@cache
def _codes_by_name() -> dict[str, str]:
    known = {name.casefold(): code for code, name in countries()}
    known |= {code.casefold(): code for code, _name in countries()}
    return known | {name: code for code, names in _ALSO_CALLED.items() for name in names}


@cache
def countries() -> list[tuple[str, str]]:
    """(ISO 3166-1 code, name), by name; with XK, which ISO lacks and people live in."""
    codes = [str(code) for code in ENGLISH.territories if len(str(code)) == 2 and code not in _NO_COUNTRY]
    return sorted(
        ((code, country_name(code)) for code in codes),
        key=lambda choice: unicodedata.normalize("NFKD", choice[1]).casefold(),
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
