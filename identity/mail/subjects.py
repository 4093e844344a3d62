"""Subjects: short enough to be read in a list, and one line whatever stands in them."""

from __future__ import annotations

import unicodedata

LONGEST = 69  # characters
SHORTEST_REASON = 20
_JOINERS = "\u200d\ufe0e\ufe0f"


def one_line(subject: str) -> str:
    words = " ".join(subject.split())
    return cut("".join(character for character in words if character.isprintable() or character in _JOINERS), LONGEST)


def cut(text: str, length: int) -> str:
    """Never between a letter and its accents."""
    if len(text) <= length:
        return text
    end = max(length - 1, 0)
    while end > 0 and (_belongs_to_the_one_before(text[end]) or text[end - 1] in _JOINERS):
        end -= 1
    return text[:end].rstrip() + "…"


def _belongs_to_the_one_before(character: str) -> bool:
    return unicodedata.category(character) in ("Mn", "Me", "Mc") or character in _JOINERS


def about(reason: str, who: str, *, note: str = "", others: str = "") -> str:
    """Why comes first, then about whom; both are cut rather than one of them lost, and never what warns of it.

    `others` says how many more there are.
    """
    start, middle = "[Passport] ", f" {note}: " if note else ": "
    end = f" {others}" if others else ""
    room = LONGEST - len(start) - len(middle) - len(end)
    reason = reason.rstrip(".")
    who = cut(who, room - min(len(reason), SHORTEST_REASON))
    return f"{start}{cut(reason, room - len(who))}{middle}{who}{end}"
