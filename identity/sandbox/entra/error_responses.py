"""How a refusal is shown: as Microsoft's page, or as the token endpoint's JSON."""

import uuid
from typing import Any

from ..entra_errors import Refusal, description, stamp
from ..web import Response, json_answer, page


def error_page(
    refusal: Refusal, *, now: float, correlation: str, form_targets: tuple[str, ...] = (), **context: Any
) -> Response:
    """The page that keeps the person at Microsoft: the application hears nothing of it."""
    return page(
        "error.html",
        {
            "code": f"AADSTS{refusal.number}",
            "text": refusal.text(),
            "request_id": str(uuid.uuid4()),
            "correlation_id": correlation,
            "timestamp": stamp(now),
            **context,
        },
        form_targets=form_targets,
    )


def token_error(refusal: Refusal, *, now: float, authority: str) -> Response:
    trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
    error = refusal.error or "invalid_request"
    return json_answer(
        {
            "error": error,
            "error_description": description(refusal, now=now, trace=trace, correlation=correlation),
            "error_codes": [refusal.number],
            "timestamp": stamp(now),
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"{authority}/error?code={refusal.number}",
        },
        status=401 if error == "invalid_client" else 400,
        headers={"Cache-Control": "no-store"},
    )
