"""Numbers that come from a browser, in an address or a form."""

from __future__ import annotations

LONGEST = 18  # figures, which a bigint column holds for certain; int() refuses more than 4,300


def is_whole_number(text: str) -> bool:
    """Whether int() and the database take it. str.isdigit() also says yes to "²", which neither of them does."""
    return text.isascii() and text.isdecimal() and len(text) <= LONGEST
