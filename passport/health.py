"""/livez: the process answers. /readyz: the database answers, its tables are those of this code, files can be stored,
style sheets be read. /metrics: numbers.

It is ready as well while outgoing traffic is on hold, since people can sign in, and says so.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

from identity import outbound
from identity.failures import without_worker
from passport import files
from passport.metrics import page as metrics


class HealthMiddleware:
    """First of all, so that a probe may use any Host and is never redirected to https."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.migrated = False

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/livez":
            return JsonResponse({"status": "ok"})
        if request.path == "/readyz":
            response = self.ready()
            if response.status_code == 200:
                # Once the probe has its answer: an email may take a while.
                response._resource_closers.append(without_worker.send_overdue)  # type: ignore[attr-defined]
            return response
        if request.path == "/metrics":
            return metrics.answer(request)
        return self.get_response(request)

    def ready(self) -> HttpResponse:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            if not self.migrated:
                executor = MigrationExecutor(connection)
                # Looked at until it is true once: migrations never go away under a running process.
                self.migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
            held = str(outbound.reason()) if self.migrated else ""
        except Exception:  # whatever is wrong with the database, the answer is the same
            return JsonResponse({"status": "unavailable", "reason": "database"}, status=503)
        finally:
            connection.close_if_unusable_or_obsolete()
        if not self.migrated:
            return JsonResponse({"status": "unavailable", "reason": "migrations"}, status=503)
        if problem := files.problem() or files.static_problem():
            return JsonResponse({"status": "unavailable", "reason": problem}, status=503)
        return JsonResponse({"status": "ok"} | ({"outbound": "hold", "reason": held} if held else {}))
