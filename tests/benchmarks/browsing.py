"""A returning sign-in seen from the application: POST start and GET callback, with the tenant in between."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import requests
from django.test import Client
from requests.adapters import HTTPAdapter

START = "/auth/login/entra/"
COMPLETE = "/auth/complete/entra/"


CLIENT = Client()  # one for all: each loads the middleware anew, which would be measured too


def sign_in(browser: requests.Session, host: str, *, around: Callable[[Callable[[], Any]], Any] | None = None) -> float:
    """CPU seconds that the application spent on it.

    `browser` is one that the tenant knows already; the application has never seen it.
    """
    CLIENT.cookies.clear()
    spent = 0.0

    def measured(request: Callable[[], Any]) -> Any:
        nonlocal spent
        began = time.process_time()
        response = around(request) if around else request()
        spent += time.process_time() - began
        return response

    response = measured(lambda: CLIENT.post(START, {"next": "/"}, headers={"host": host}))
    answer = browser.get(response["Location"], allow_redirects=False, timeout=10)
    back = urlsplit(answer.headers["Location"])
    if back.path != COMPLETE:
        raise RuntimeError(f"the tenant leads to {back.path} and not back")
    response = measured(lambda: CLIENT.get(f"{back.path}?{back.query}", headers={"host": host}))
    if response.status_code != 302 or "_auth_user_id" not in CLIENT.session:
        raise RuntimeError(f"nobody is signed in: {response.status_code} {response.headers.get('Location')}")
    return spent


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


def costs_of_a_sign_in(browser: requests.Session, host: str) -> tuple[list[str], list[str]]:
    """Its SQL statements and its calls to the provider."""
    from tests.benchmarks.rounds import statements  # noqa: PLC0415  needs Django's settings

    sql: list[str] = []
    calls: list[str] = []

    def around(request: Callable[[], Any]) -> Any:
        answers: list[Any] = []
        with counted_calls() as made:
            sql.extend(statements(lambda: answers.append(request())))
        calls.extend(made)
        return answers[0]

    sign_in(browser, host, around=around)
    return sql, calls
