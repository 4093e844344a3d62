"""Headers of every page."""

from __future__ import annotations

from collections.abc import Callable

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.http import http_date

# What a page of Passport never needs, and what it may show must not get.
PERMISSIONS = "".join(
    f"{feature}=(), "
    for feature in (
        "accelerometer",
        "autoplay",
        "browsing-topics",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "hid",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "serial",
        "usb",
    )
).removesuffix(", ")

KEPT_BY_NO_CACHE = "max-age=0, no-cache, no-store, must-revalidate, private"  # as Django's never_cache() says it


class HeadersMiddleware:
    """Nothing is kept by a cache unless its view says so: the header of each page names whoever is signed in, also on
    pages that are the same for everybody otherwise, and on errors."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if "Cache-Control" not in response.headers and not request.path.startswith(settings.STATIC_URL):
            response.headers.setdefault("Expires", http_date())
            response.headers["Cache-Control"] = KEPT_BY_NO_CACHE
        return response


class PolicyMiddleware(CSPMiddleware):
    """django-csp's own, which would put the same policy together from its parts for every page.

    There are two: the usual one, and that of pages whose form leads to the tenant.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        super().__init__(get_response)
        self._policies: dict[str, str] = {}

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        parts = self.get_policy_parts(request, response)
        is_of_its_own = parts.config is not None or parts.update is not None or parts.nonce is not None
        if is_of_its_own or hasattr(response, "_csp_exempt"):
            return super().process_response(request, response)
        named = repr(parts.replace) if parts.replace else ""
        if named not in self._policies:
            self._policies[named] = build_policy(replace=parts.replace)
        response.headers.setdefault(HEADER, self._policies[named])
        return response
