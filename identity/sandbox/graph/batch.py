"""Several requests to Graph in one."""

import json
from collections.abc import Callable

from ..tenant import Tenant
from ..web import Request, Response, json_answer
from .errors import GraphRefusal, graph_error
from .operation import json_object


def batch(tenant: Tenant, request: Request, *, dispatch: Callable[[Tenant, Request], Response]) -> Response:
    parts = json_object(request).get("requests")
    if not isinstance(parts, list) or len(parts) > 20:
        raise GraphRefusal(400, "BadRequest", "Number of batch request steps exceeds the maximum value of 20.")
    statuses: dict[str, int] = {}
    answers = []
    for part in parts:
        if any(statuses.get(key, 500) >= 400 for key in part.get("dependsOn", [])):
            response = graph_error(424, "FailedDependency", "Failed dependency", now=tenant.state.now())
        else:
            response = dispatch(tenant, _batch_part(request, part))
        statuses[part["id"]] = response.status
        answers.append(
            {
                "id": part["id"],
                "status": response.status,
                "headers": {"Content-Type": response.content_type, **dict(response.headers)},
                "body": json.loads(response.body) if response.body else None,
            }
        )
    return json_answer({"responses": answers})


def _batch_part(request: Request, part: dict) -> Request:
    return Request(
        method=part["method"].upper(),
        target="/v1.0/" + part["url"].lstrip("/"),
        headers={"Host": request.host, "Authorization": request.headers.get("Authorization", "")},
        body=json.dumps(part["body"]).encode() if "body" in part else b"",
    )
