"""How many requests there were and how long they took, by page. Of this process, or of all those of one gunicorn."""

from __future__ import annotations

from django.conf import settings
from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, values
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.values import MultiProcessValue

from passport.metrics import slots

SECONDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

if slots.directory():
    values.ValueClass = MultiProcessValue(process_identifier=slots.mine)
disable_created_metrics()

_own = CollectorRegistry()
REQUESTS = Counter(
    "passport_requests", "Requests answered, by page, method and status.", ["view", "method", "status"], registry=_own
)
DURATIONS = Histogram(
    "passport_request_duration_seconds",
    "How long requests took, by page, until the last byte was handed to the server.",
    ["view"],
    buckets=SECONDS,
    registry=_own,
)


def add(view: str, method: str, status: int, seconds: float) -> None:
    if settings.METRICS_TOKEN:  # otherwise no one can ask
        REQUESTS.labels(view, method, str(status)).inc()
        DURATIONS.labels(view).observe(seconds)


def registry() -> CollectorRegistry:
    if not slots.directory():
        return _own
    all_processes = CollectorRegistry()
    MultiProcessCollector(all_processes, path=slots.directory())
    return all_processes
