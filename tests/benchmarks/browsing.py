"""The whole trip of somebody who signs in again, seen from the application: its pages, with the tenant in between."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode, urlsplit

import requests
from django.core.servers.basehttp import get_internal_wsgi_application
from django.test import RequestFactory
from requests.adapters import HTTPAdapter

PAGE = "/sign-in/"
START = "/auth/login/entra/"
COMPLETE = "/auth/complete/entra/"
STEPS = ["page", "start", "callback", "first page"]

BROWSER = {
    "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36",
    "HTTP_ACCEPT": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "HTTP_ACCEPT_LANGUAGE": "en-GB,en;q=0.9",
    "HTTP_SEC_FETCH_SITE": "same-origin",
    "HTTP_SEC_FETCH_MODE": "navigate",
    "HTTP_SEC_FETCH_DEST": "document",
    "HTTP_SEC_FETCH_USER": "?1",
}


class Site:
    """Django as a server calls it, in this thread: with all that belongs to a request, its end included."""

    def __init__(self, base_url: str) -> None:
        self.application = get_internal_wsgi_application()
        self.origin = base_url
        self.made = RequestFactory(HTTP_HOST=urlsplit(base_url).netloc, **BROWSER)
        self.cookies: dict[str, str] = {}
        self.spent: dict[str, float] = {}
        self.around: Callable[[str, Callable[[], Any]], Any] = lambda step, request: request()

    def get(self, step: str, path: str) -> tuple[int, dict[str, str], str]:
        return self._send(step, self.made.get(path))

    def post(self, step: str, path: str, data: dict[str, str]) -> tuple[int, dict[str, str], str]:
        form = "application/x-www-form-urlencoded"
        return self._send(step, self.made.post(path, urlencode(data), content_type=form, HTTP_ORIGIN=self.origin))

    def _send(self, step: str, request: Any) -> tuple[int, dict[str, str], str]:
        environ = request.environ | {"HTTP_COOKIE": "; ".join(f"{name}={it}" for name, it in self.cookies.items())}
        began = time.process_time()
        status, headers, body = self.around(step, lambda: self._call(environ))
        self.spent[step] = self.spent.get(step, 0.0) + time.process_time() - began
        for name, value in headers:
            if name == "Set-Cookie":
                self.cookies |= {key: morsel.value for key, morsel in SimpleCookie(value).items()}
        self.cookies = {name: value for name, value in self.cookies.items() if value}
        return status, dict(headers), body.decode()

    def _call(self, environ: dict[str, Any]) -> tuple[int, list[tuple[str, str]], bytes]:
        started: list[Any] = []
        response = self.application(environ, lambda status, headers, _error=None: started.append((status, headers)))
        body = b"".join(response)
        response.close()
        (status, headers), *_rest = started
        return int(status.split()[0]), headers, body


def sign_in(site: Site, browser: requests.Session) -> dict[str, float]:
    """CPU seconds that the application spent on each step.

    `browser` is one that the tenant knows already; the application has never seen it.
    """
    site.cookies, site.spent = {}, {}
    _status, _headers, page = site.get("page", PAGE)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    if token is None:
        raise RuntimeError("the sign-in page has no form")
    _status, headers, _body = site.post("start", START, {"csrfmiddlewaretoken": token[1], "next": "/"})
    answer = browser.get(headers["Location"], allow_redirects=False, timeout=10)
    back = urlsplit(answer.headers["Location"])
    if back.path != COMPLETE:
        raise RuntimeError(f"the tenant leads to {back.path} and not back")
    status, headers, _body = site.get("callback", f"{back.path}?{back.query}")
    if status != 302 or "problem" in headers["Location"]:
        raise RuntimeError(f"nobody is signed in: {status} {headers.get('Location')}")
    status, headers, body = site.get("first page", headers["Location"])
    if status != 200 or "Signed in as" not in body:
        raise RuntimeError(f"nobody is signed in: {status} {headers.get('Location')}")
    return site.spent


@contextmanager
def counted_calls() -> Iterator[list[str]]:
    """Paths that the application asks over HTTP."""
    calls: list[str] = []
    send = HTTPAdapter.send

    def counting(self: HTTPAdapter, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        calls.append(urlsplit(str(request.url)).path)
        return send(self, request, *args, **kwargs)

    with patch.object(HTTPAdapter, "send", counting):
        yield calls


def costs_of_a_sign_in(site: Site, browser: requests.Session) -> tuple[dict[str, list[str]], list[str]]:
    """The SQL statements of each step, and all calls to the provider."""
    from tests.benchmarks.rounds import statements  # noqa: PLC0415  needs Django's settings

    sql: dict[str, list[str]] = {}
    calls: list[str] = []

    def around(step: str, request: Callable[[], Any]) -> Any:
        answers: list[Any] = []
        with counted_calls() as made:
            sql[step] = statements(lambda: answers.append(request()))
        calls.extend(made)
        return answers[0]

    before, site.around = site.around, around
    try:
        sign_in(site, browser)
    finally:
        site.around = before
    return sql, calls
