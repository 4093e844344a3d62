"""What people look at Passport with."""

from __future__ import annotations

import os
from itertools import product
from typing import Any

# Looks at each page once, but on every screen: `make audit`.
AUDIT = bool(os.environ.get("PASSPORT_AUDIT"))

PHONE, SMALL, TABLET = {"width": 390, "height": 844}, {"width": 320, "height": 568}, {"width": 768, "height": 1024}

PAPER = {"width": 718, "height": 1047}  # A4 between its margins

# Sizes bring out what does not fit, schemes what cannot be read: two screens show both.
SIZES: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 850}, "color_scheme": "light"},
    "telephone": {"viewport": PHONE, "color_scheme": "dark"},
}

EVERY_SCREEN = [
    {"viewport": viewport, "color_scheme": scheme}
    for viewport, scheme in product([*(size["viewport"] for size in SIZES.values()), TABLET], ["light", "dark"])
]
