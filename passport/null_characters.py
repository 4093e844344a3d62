"""Addresses with a NUL in them, which only programs send that look for a hole."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.urls import reverse


class NullCharactersMiddleware:
    """PostgreSQL's text holds no NUL: every look-up of one would break the page.

    Forms refuse it by themselves, and so does the page that Microsoft's answer leads to: whatever is in that, it ends
    on a page that helps.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_in_query = "%00" in request.META.get("QUERY_STRING", "") and request.path != reverse("identity:complete")
        if is_in_query or "\0" in request.path:
            raise SuspiciousOperation("The address contains a NUL.")
        return self.get_response(request)
