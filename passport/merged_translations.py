"""The texts of Django and its apps in one dictionary, since every page looks up hundreds of them.

Django looks through seven, one for each app that has texts, and then through the fallback of each, which has none: the
language is English already.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import trans_real

COUNTS = range(201)  # of which each language has its forms; English tells one from all others


def merge() -> None:
    """Of the one language that there is; once the apps are known."""
    texts: Any = trans_real.translation(settings.LANGUAGE_CODE)
    catalogue = texts._catalog
    if any(plural(count) != texts.plural(count) for plural in catalogue._plurals for count in COUNTS):
        return  # each form belongs to the rule beside it
    merged: dict[Any, str] = {}
    for each in reversed(catalogue._catalogs):
        merged.update(each)
    catalogue._catalogs, catalogue._plurals = [merged], [texts.plural]
    while texts._fallback is not None and not set(texts._fallback._catalog) - {""}:
        texts._fallback = texts._fallback._fallback
