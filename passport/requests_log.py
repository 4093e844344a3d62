"""One line in the log for each request, and its count and duration for /metrics."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import SimpleLazyObject
from structlog import contextvars

from passport import logs
from passport.metrics import request_counts

log = logging.getLogger(logs.REQUESTS)

# Asked every few seconds by machines: a line for each would bury the others, so only trouble makes one.
PROBES = {"/livez": "livez", "/readyz": "readyz", "/metrics": "metrics"}
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
LONGEST_PATH = 300
PROXYS_ID = re.compile(r"[0-9A-Za-z-]{8,64}")


class RequestLogMiddleware:
    """First of all, so that every answer has its line, and every other line about a request its id."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        # Not cleared at the end: what the server itself says about the request afterwards belongs to it as well.
        contextvars.clear_contextvars()
        request_id = id_of(request)
        contextvars.bind_contextvars(request_id=request_id)
        response = self.get_response(request)
        if response.streaming:  # it is over when the last piece has been sent, or nobody wants the rest
            response._resource_closers.append(lambda: finish(request, response, request_id, began))  # type: ignore[attr-defined]
        else:
            finish(request, response, request_id, began)
        return response


def id_of(request: HttpRequest) -> str:
    """Behind a proxy the one of its own log, so that the two lines about a request can be put side by side."""
    given = request.headers.get("X-Request-ID", "") if settings.TRUSTED_PROXY else ""
    return given if PROXYS_ID.fullmatch(given) else secrets.token_hex(8)


def finish(request: HttpRequest, response: HttpResponseBase, request_id: str, began: float) -> None:
    seconds = time.perf_counter() - began
    status = response.status_code
    method = request.method if request.method in METHODS else "other"
    view = view_name(request)
    request_counts.add(view, method, status, seconds)
    if request.path in PROBES and status < 400:
        return
    level = logging.ERROR if status >= 500 else logging.INFO
    if not log.isEnabledFor(level):
        return
    # By hand: log.log() would look for the line of the source that wrote it, which none of our lines says.
    record = log.makeRecord(
        log.name,
        level,
        __file__,
        0,
        "request",
        (),
        None,
        extra={
            "request_id": request_id,
            "method": method,
            "path": request.path[:LONGEST_PATH],
            "view": view,
            "status": status,
            "duration_ms": round(seconds * 1000, 1),
            "user_id": user_number(request),
        },
    )
    log.handle(record)


def view_name(request: HttpRequest) -> str:
    """Which page it was. Never a part of the path, which strangers choose."""
    if match := request.resolver_match:
        return match.view_name
    if request.path in PROBES:
        return PROBES[request.path]
    return "static" if request.path.startswith("/static/") else "none"


def user_number(request: HttpRequest) -> int | None:
    """Of whoever was found to be signed in. To ask here would cost statements that the page did without."""
    user = getattr(request, "user", None)
    if isinstance(user, SimpleLazyObject):
        user = getattr(request, "_cached_user", None)
    return user.pk if user is not None else None
