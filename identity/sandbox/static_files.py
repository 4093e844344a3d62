import mimetypes

from .tenant import Tenant
from .web import HERE, Request, Response, page


def static(tenant: Tenant, request: Request, name: str) -> Response:
    file = HERE / "static" / name
    if "/" in name or not file.is_file():
        return page("missing.html", status=404)
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Response(file.read_bytes(), content_type=kind, headers=[("Cache-Control", "max-age=60")])


def icon(tenant: Tenant, request: Request) -> Response:
    return static(tenant, request, "icon.svg")
