"""An address as an envelope has it, in the order of its country. What Passport does not know is written as in most of
Europe: the postal code, the town, and the region on a line of its own.
"""

from __future__ import annotations

from vendors.answers import countries, regions

_CODE_IN_FRONT = ("{code} {town}", "{region}")
_CODE_BEHIND = ("{town} {code}", "{region}")
_CODE_BELOW = ("{town}", "{region}", "{code}")
_ASIA = ("{town}, {region} {code}",)

_LINES = {
    "US": ("{town}, {short_region} {code}",),
    "AU": ("{town} {short_region} {code}",),
    "BR": ("{town}-{short_region}", "{code}"),
    "CA": ("{town} {short_region} {code}",),
    "IT": ("{code} {town} {short_region}",),
    "MX": ("{code} {town}, {region}",),
    **dict.fromkeys(("CN", "JP", "KR", "TW"), _ASIA),
    **dict.fromkeys(("BD", "IL", "IN", "JO", "LB", "NP", "NZ", "PK", "PW", "SA", "SG", "TH"), _CODE_BEHIND),
    **dict.fromkeys(("BY", "GB", "GG", "GI", "IE", "IM", "JE", "KE", "KZ", "LK", "RU", "UA", "ZA"), _CODE_BELOW),
}


def lines(*, street: str, postal_code: str, town: str, region: str, country: str) -> list[str]:
    """The lines that have something on them, the country's name last."""
    parts = {
        "code": postal_code,
        "town": town,
        "region": regions.name(region),
        "short_region": regions.short_name(region),
    }
    written = [line.format(**parts) for line in _LINES.get(country, _CODE_IN_FRONT)]
    return [line for line in (*street.split("\n"), *map(_tidied, written), countries.name(country)) if line]


def _tidied(line: str) -> str:
    """Without the signs between parts that are not there."""
    return " ".join(line.split()).strip(" ,-").replace(" ,", ",")
