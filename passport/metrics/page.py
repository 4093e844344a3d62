"""/metrics: what Prometheus reads, in its text format. Numbers only: no person, no address, no path."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from prometheus_client import CollectorRegistry, generate_latest

from passport.metrics import request_counts
from passport.metrics.database import DatabaseNumbers

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def answer(request: HttpRequest) -> HttpResponse:
    """Asked by whoever holds METRICS_TOKEN. Without that setting there is no such page."""
    if not settings.METRICS_TOKEN:
        response = HttpResponse("Not found.\n", status=404, content_type="text/plain")
    elif not constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}"):
        response = HttpResponse("METRICS_TOKEN is needed.\n", status=401, content_type="text/plain")
        response["WWW-Authenticate"] = "Bearer"
    elif request.method not in ("GET", "HEAD"):
        response = HttpResponse(status=405, content_type="text/plain")
        response["Allow"] = "GET, HEAD"
    else:
        response = HttpResponse(numbers(), content_type=CONTENT_TYPE)
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def numbers() -> bytes:
    registry = CollectorRegistry()
    registry.register(DatabaseNumbers())
    return generate_latest(registry) + generate_latest(request_counts.registry())
