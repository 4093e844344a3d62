"""What somebody may have meant who typed something that is almost on a list."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from identity.typed import cleaning

LONGEST = 60  # comparing takes the product of both lengths
AT_MOST = 3


def meant(text: str, known: Mapping[str, str]) -> list[str]:
    """The best values of `known`, whose keys are folded spellings; each value once."""
    typed = cleaning.folded(text)
    if not 3 <= len(typed) <= LONGEST:
        return []
    close = difflib.get_close_matches(typed, known, n=3 * AT_MOST, cutoff=0.75)
    return list(dict.fromkeys(known[spelling] for spelling in close))[:AT_MOST]
