"""Was a button pressed by a person? Scanners of mail open links, and some press the buttons they find behind them.

One rule for every button that can be reached from an email without being signed in: a press that no person made raises
nothing by itself. `tests/identity/sessions/test_presses.py` knows them all.
"""

from __future__ import annotations

from django.http import HttpRequest

_METADATA = ("Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-Fetch-Dest")
_NOT_WEBKIT = ("Chrome/", "Chromium/", "Firefox/")


def is_a_persons(request: HttpRequest) -> bool:
    """Browsers that send Fetch Metadata name the press of a person; a page that presses its own button has none.

    Others are believed: the token that CSRF protection asks for shows that the page was looked at with cookies.
    """
    if request.headers.get("Sec-Fetch-User") == "?1":
        return True
    if not any(name in request.headers for name in _METADATA):
        return True
    return _never_names_persons(request) and request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"


def _never_names_persons(request: HttpRequest) -> bool:
    """Safari, and every browser of an iPhone, sends the other headers but not that one (https://webkit.org/b/247697)."""
    agent = request.headers.get("User-Agent", "")
    is_chromium = "Sec-CH-UA" in request.headers  # whatever it calls itself
    return "AppleWebKit/" in agent and not is_chromium and not any(name in agent for name in _NOT_WEBKIT)
