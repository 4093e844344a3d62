"""Which browser this is, in words that its owner knows it by: Firefox on Windows. Nothing else of it is kept."""

from __future__ import annotations

import re
from functools import lru_cache

from django.http import HttpRequest
from django.utils.translation import gettext as _

from identity import in_app_browsers

# In this order: most of them say that they are Chrome or Safari as well.
_BROWSERS = (
    ("Edge", r"\bEdg(?:e|A|iOS)?/"),
    ("Opera", r"\bOP(?:R|T|X)/"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Vivaldi", r"Vivaldi/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/|Chromium/"),
    ("Safari", r"Safari/"),
)
_SYSTEMS = (
    ("iPhone", r"iPhone|iPod"),
    ("iPad", r"iPad"),
    ("Android", r"Android"),
    ("Windows", r"Windows"),
    ("Mac", r"Macintosh"),
    ("ChromeOS", r"\bCrOS\b"),
    ("Linux", r"Linux|X11"),
)


def in_words(request: HttpRequest) -> str:
    """Empty when it says nothing of itself that we know."""
    agent = request.headers.get("User-Agent", "")[:1000]
    browser, system = _browser_and_system(agent)
    browser = in_app_browsers.app(request) or browser
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system


@lru_cache(maxsize=256)
def _browser_and_system(agent: str) -> tuple[str, str]:
    return _named(_BROWSERS, agent), _named(_SYSTEMS, agent)


def _named(names: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for name, pattern in names if re.search(pattern, agent)), "")
