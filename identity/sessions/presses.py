"""Was a button pressed by a person? Scanners of mail open links, and some press the buttons they find behind them."""

from __future__ import annotations

from django.http import HttpRequest


def is_a_persons(request: HttpRequest) -> bool:
    """Browsers that send Fetch Metadata name the press of a person; a page that presses its own button has none.

    Others are believed: the token that CSRF protection asks for shows that the page was looked at with cookies.
    """
    sends_metadata = any(name in request.headers for name in ("Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-Fetch-Dest"))
    return request.headers.get("Sec-Fetch-User") == "?1" or not sends_metadata
