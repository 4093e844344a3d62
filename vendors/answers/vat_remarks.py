"""What people write behind a price about VAT: net, plus 19 % MwSt., IVA incluido."""

from __future__ import annotations

import re

_VAT = (
    r"(?:vat|tax(?:es)?|gst|mwst|ust|mehrwertsteuer|umsatzsteuer|tva|iva|btw|dph|pdv|áfa|moms|alv|kdv|ндс|пдв|φπα)\.?"
)
_PERCENT = r"(?:[0-9]{1,2}(?:[.,][0-9])?\s?%\s?)?"
_WORD_BEGINS, _WORD_ENDS = r"(?<![^\W\d_])", r"(?![^\W\d_])"

_NET = re.compile(
    rf"[\s,;(]*{_WORD_BEGINS}(?:"
    rf"(?:\+|plus|zzgl\.?|zuzüglich|más|mais|più)\s?{_PERCENT}{_VAT}"
    rf"|(?:ex|excl\.?|exclusive of|excluding|without|before|net of|ohne|exkl\.?|hors|sin|sem|bez)\s{_PERCENT}{_VAT}"
    rf"|hors taxes?|ht|nett?|netto|neto){_WORD_ENDS}\)?",
    re.IGNORECASE,
)
_GROSS = re.compile(
    rf"{_WORD_BEGINS}(?:"
    rf"(?:inc|incl\.?|inclusive of|including|with|inkl\.?|mit|con|com)\s{_PERCENT}{_VAT}"
    rf"|{_VAT}\s(?:included|incl\.?|inc|incluid[oa]|inclusa|incluído)"
    rf"|ttc|gross|brutto|bruto|brut|lordo){_WORD_ENDS}",
    re.IGNORECASE,
)


def without(text: str) -> str:
    """The price without the remark that it is net."""
    return _NET.sub(" ", text, count=1).strip()


def say_included(text: str) -> bool:
    return bool(_GROSS.search(text))
