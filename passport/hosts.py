"""Which names Passport answers to."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.request import split_domain_port
from django.middleware.security import SecurityMiddleware
from django.shortcuts import redirect, render
from whitenoise.middleware import WhiteNoiseMiddleware

from passport.loopback import is_loopback, is_loopback_name

LONGEST_NAME = 255  # characters
logger = logging.getLogger("django.security.DisallowedHost")


class HostMiddleware:
    """Answer a Host that is not in ALLOWED_HOSTS, before Django refuses it as it refuses a broken request.

    Static files go to any Host, so that the page has its style sheet. Nothing else of Passport sees such a request: who
    asks for the Host further on, as the redirect to https does, would have Django write a traceback into the log.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.security = SecurityMiddleware(answer)

    @cached_property
    def static_files(self) -> WhiteNoiseMiddleware:
        return WhiteNoiseMiddleware(answer)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            request.get_host()
        except DisallowedHost:
            is_static = request.path.startswith(settings.STATIC_URL)
            response: Any = self.static_files(request) if is_static else answer(request)
            return self.security.process_response(request, response)
        return self.get_response(request)


def answer(request: HttpRequest) -> HttpResponse:
    if request.method in ("GET", "HEAD") and is_other_name_of_this_machine(request):
        return redirect(f"{settings.BASE_URL}{request.get_full_path()}")
    # Scanners try names all day long, so this is no error of ours. One line, and not Django's second one.
    host = request.META.get("HTTP_HOST", "")[:LONGEST_NAME]
    logger.warning("Unknown Host: %r. If it is Passport's, add it to ALLOWED_HOSTS.", host, extra={"status_code": 400})
    # Nothing on the page comes from the request: whoever chose the Host must not choose what people read.
    response = render(request, "unknown_host.html", {"base_url": settings.BASE_URL}, status=400)
    response._has_been_logged = True  # type: ignore[attr-defined]  # as Django marks what it has logged
    return response


def is_other_name_of_this_machine(request: HttpRequest) -> bool:
    """Another than the one BASE_URL uses, or a BASE_URL missing from ALLOWED_HOSTS would lead to itself for ever."""
    host, _port = split_domain_port(request.META.get("HTTP_HOST", ""))
    ours, _port = split_domain_port(urlsplit(settings.BASE_URL).netloc)
    return is_loopback(settings.BASE_URL) and host != ours and is_loopback_name(host)
