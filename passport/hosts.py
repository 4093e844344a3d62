"""Which names Passport answers to."""

from __future__ import annotations

import logging
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.request import split_domain_port
from django.middleware.security import SecurityMiddleware
from django.shortcuts import redirect, render

from passport.loopback import is_loopback, is_loopback_name

logger = logging.getLogger("django.security.DisallowedHost")


class HostMiddleware:
    """Answer a Host that is not in ALLOWED_HOSTS, before Django refuses it as it refuses a broken request.

    Static files go to any Host, so that the page has its style sheet.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        # Redirecting to https reads the Host too, so Django's own middleware comes after this one.
        self.security = SecurityMiddleware(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            request.get_host()
        except DisallowedHost as error:
            if not request.path.startswith(settings.STATIC_URL):
                return self.security.process_response(request, answer(request, error))
        return self.get_response(request)


def answer(request: HttpRequest, error: DisallowedHost) -> HttpResponse:
    if request.method in ("GET", "HEAD") and is_other_name_of_this_machine(request):
        return redirect(f"{settings.BASE_URL}{request.get_full_path()}")
    logger.error("%s", error, extra={"status_code": 400, "request": request})
    # Nothing on the page comes from the request: whoever chose the Host must not choose what people read.
    return render(request, "unknown_host.html", {"base_url": settings.BASE_URL}, status=400)


def is_other_name_of_this_machine(request: HttpRequest) -> bool:
    """Another than the one BASE_URL uses, or a BASE_URL missing from ALLOWED_HOSTS would lead to itself for ever."""
    host, _port = split_domain_port(request.META.get("HTTP_HOST", ""))
    ours, _port = split_domain_port(urlsplit(settings.BASE_URL).netloc)
    return is_loopback(settings.BASE_URL) and host != ours and is_loopback_name(host)
