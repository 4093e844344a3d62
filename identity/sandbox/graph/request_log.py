"""What was sent to Graph, kept so that tests can show what was not."""

from ..tenant import Tenant
from ..web import Request


def record(tenant: Tenant, request: Request) -> dict:
    body: object = None
    if request.body:
        try:
            body = request.json
        except ValueError:
            body = request.body.decode("utf-8", "replace")
    entry = {
        "at": tenant.state.now(),
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "body": body,
        "operation": request.operation,
        "status": None,
    }
    tenant.graph_requests.append(entry)
    return entry
