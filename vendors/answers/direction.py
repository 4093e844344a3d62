"""Characters that turn text round on the screen: they make one name look like another, or an address next to it."""

from __future__ import annotations

import re

# Arabic letter mark; left-to-right and right-to-left marks; embeddings and overrides; isolates.
_CONTROLS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def without_controls(text: str) -> str:
    return _CONTROLS.sub("", text)
