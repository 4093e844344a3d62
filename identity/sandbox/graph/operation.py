"""What all operations of Graph have in common: token, permission, throttle and error envelope."""

import uuid
from typing import Any

from ..tenant import Tenant
from ..web import Request, Response
from .errors import GraphRefusal, graph_error

READ = ("User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All")
WRITE = ("User.ReadWrite.All", "Directory.ReadWrite.All")
INVITE = ("User.Invite.All", "User.ReadWrite.All", "Directory.ReadWrite.All")
AUDIT = ("AuditLog.Read.All",)
DELETE = (*WRITE, "User.DeleteRestore.All")


def handler(function, *permissions: str, throttle: str = ""):
    """Wrap an operation in what all of Graph has in common: token, permission, throttle, error envelope."""

    def handle(tenant: Tenant, request: Request, **path: str) -> Response:
        try:
            _check_token(tenant, request)
            if throttle:
                _check_throttle(tenant, throttle)
            if permissions and not set(permissions) & set(tenant.state.settings["permissions"]):
                raise GraphRefusal(
                    403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."
                )
            response = function(tenant, request, **path)
            response.headers.append(("request-id", str(uuid.uuid4())))
            return response
        except GraphRefusal as refusal:
            return graph_error(
                refusal.status, refusal.code, str(refusal), now=tenant.state.now(), headers=refusal.headers
            )

    return handle


def _check_token(tenant: Tenant, request: Request) -> None:
    given = request.headers.get("Authorization", "")
    token = tenant.app_tokens.get(given.removeprefix("Bearer ")) if given.startswith("Bearer ") else None
    if token is None:
        message = "CompactToken parsing failed with error code: 80049217" if given else "Access token is empty."
        raise GraphRefusal(401, "InvalidAuthenticationToken", message)
    if token.expires_at <= tenant.state.now():
        raise GraphRefusal(401, "InvalidAuthenticationToken", "Lifetime validation failed, the token is expired.")


def _check_throttle(tenant: Tenant, kind: str) -> None:
    settings = tenant.state.settings
    limits = {
        "invitations": (settings["invitations_per_window"], settings["window_seconds"]),
        "reports": (settings["reports_per_10_seconds"], 10),
    }
    wait = tenant.throttles[kind].seconds_to_wait(*limits[kind])
    if wait:
        raise GraphRefusal(429, "TooManyRequests", "Please retry again later.", {"Retry-After": f"{wait:.3f}"})


def json_object(request: Request) -> dict[str, Any]:
    try:
        data = request.json
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise GraphRefusal(400, "BadRequest", "Unable to read JSON request payload.")
    return data


def unknown(tenant: Tenant, request: Request, path: str) -> Response:
    raise GraphRefusal(400, "BadRequest", f"Resource not found for the segment '{path.split('/')[0]}'.")
