"""OpenID Connect's userinfo, which Microsoft serves from Graph's host."""

from ..tenant import Tenant
from ..web import Request, Response, json_answer
from .errors import graph_error


def userinfo(tenant: Tenant, request: Request) -> Response:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    known = tenant.user_tokens.get(given)
    if known is None or known.expires_at < tenant.state.now():
        return graph_error(401, "InvalidAuthenticationToken", "Access token is empty.", now=tenant.state.now())
    names = ("sub", "name", "email", "preferred_username")
    return json_answer({name: known.claims[name] for name in names if name in known.claims})
