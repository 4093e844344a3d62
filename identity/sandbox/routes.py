"""Which address is answered by what, and as which operation it counts."""

from collections.abc import Callable
from functools import partial

from . import control, invitation_mail, mailbox_pages, static_files
from .entra import authorize, discovery, logout, sign_in, token_endpoint
from .entra_errors import Refusal
from .graph import audit_logs, batch, invitations, operation, userinfo, users
from .tenant import Tenant
from .web import Request, Response, page, plain, route

# Stopping the mail server waits for its thread, which may be waiting for the lock to deliver a mail.
WITHOUT_LOCK = {"control.smtp"}


def find_handler(request: Request) -> tuple[Callable[..., Response], dict[str, str]]:
    allowed = []
    for candidate in ROUTES:
        if match := candidate.pattern.match(request.path):
            if candidate.method == request.method or (candidate.method == "GET" and request.method == "HEAD"):
                request.operation = candidate.operation
                if candidate.operation == "token":
                    request.operation = token_endpoint.operation(request)
                return candidate.handler, match.groupdict()
            allowed.append(candidate.method)
    if allowed:
        return lambda *_, **__: Response(b"", 405, headers=[("Allow", ", ".join(sorted(set(allowed))))]), {}
    return lambda *_, **__: page("missing.html", status=404), {}


def dispatch(tenant: Tenant, request: Request) -> Response:
    handler, arguments = find_handler(request)
    if request.operation in WITHOUT_LOCK:
        return handler(tenant, request, **arguments)
    with tenant.state.lock:
        try:
            return handler(tenant, request, **arguments)
        except Refusal as refusal:
            return plain(f"AADSTS{refusal.number}: {refusal.text()}", status=400)


PAGES = [
    route("GET", "/", "front", mailbox_pages.front),
    route("GET", "/favicon.ico", "static", static_files.icon),
    route("GET", "/static/{name}", "static", static_files.static),
    route("GET", "/mail/", "mailbox", mailbox_pages.find),
    route("GET", "/mail/{address}/", "mailbox", mailbox_pages.mailbox),
    route("GET", "/mail/{address}/{number}/", "mailbox", mailbox_pages.mail),
    route("GET", "/unsubscribe", "unsubscribe", invitation_mail.unsubscribe),
    route("POST", "/unsubscribe", "unsubscribe", invitation_mail.unsubscribe),
]
ENTRA = [
    route("GET", "/redeem", "redeem", sign_in.follow_invitation),
    route("GET", "/{tenant_id}/v2.0/.well-known/openid-configuration", "discovery", discovery.discovery),
    route("GET", "/{tenant_id}/discovery/v2.0/keys", "keys", discovery.signing_keys),
    route("GET", "/{tenant_id}/oauth2/v2.0/authorize", "authorize", authorize.authorize),
    route("POST", "/{tenant_id}/oauth2/v2.0/authorize", "authorize", authorize.authorize),
    route("POST", "/{tenant_id}/oauth2/v2.0/token", "token", token_endpoint.token),
    route("GET", "/{tenant_id}/oauth2/v2.0/logout", "logout", logout.log_out),
    route("POST", "/{tenant_id}/oauth2/v2.0/logout", "logout", logout.log_out),
    route("GET", "/{tenant_id}/login", "login", sign_in.show),
    route("POST", "/{tenant_id}/login", "login", sign_in.answer),
]
GRAPH = [
    route("GET", "/oidc/userinfo", "userinfo", userinfo.userinfo),
    route(
        "POST",
        "/v1.0/invitations",
        "invitations",
        operation.handler(invitations.invite, *operation.INVITE, throttle="invitations"),
    ),
    route("GET", "/v1.0/users", "users.list", operation.handler(users.list_users, *operation.READ)),
    route("GET", "/v1.0/users/{key}", "users.get", operation.handler(users.get_user, *operation.READ)),
    route("PATCH", "/v1.0/users/{key}", "users.update", operation.handler(users.update_user, *operation.WRITE)),
    route("DELETE", "/v1.0/users/{key}", "users.delete", operation.handler(users.delete_user, *operation.DELETE)),
    route(
        "POST",
        "/v1.0/users/{key}/revokeSignInSessions",
        "users.revoke",
        operation.handler(users.revoke_sessions, *operation.WRITE),
    ),
    route(
        "GET",
        "/v1.0/directory/deletedItems/microsoft.graph.user",
        "deleted.list",
        operation.handler(users.list_deleted, *operation.READ),
    ),
    route(
        "GET",
        "/v1.0/directory/deletedItems/{key}",
        "deleted.get",
        operation.handler(users.get_deleted, *operation.READ),
    ),
    route(
        "DELETE",
        "/v1.0/directory/deletedItems/{key}",
        "deleted.purge",
        operation.handler(users.purge_deleted, *operation.DELETE),
    ),
    route(
        "POST",
        "/v1.0/directory/deletedItems/{key}/restore",
        "deleted.restore",
        operation.handler(users.restore_deleted, *operation.DELETE),
    ),
    route(
        "GET",
        "/v1.0/auditLogs/signIns",
        "sign_ins",
        operation.handler(audit_logs.list_sign_ins, *operation.AUDIT, throttle="reports"),
    ),
    route(
        "GET",
        "/v1.0/auditLogs/directoryAudits",
        "directory_audits",
        operation.handler(audit_logs.list_directory_audits, *operation.AUDIT, throttle="reports"),
    ),
    route("POST", "/v1.0/$batch", "batch", operation.handler(partial(batch.batch, dispatch=dispatch))),
    *[
        route(method, "/v1.0/{path:rest}", "graph", operation.handler(operation.unknown))
        for method in ("GET", "POST", "PATCH", "PUT", "DELETE")
    ],
]
# A call for an app token is told apart from a sign-in's only when it comes.
OPERATIONS = {known_route.operation for known_route in [*PAGES, *ENTRA, *GRAPH]} | {"app_token"}
CONTROL = [
    route("GET", "/control/", "control", control.handler(control.overview)),
    route("POST", "/control/reset", "control", control.handler(control.reset)),
    route("PATCH", "/control/settings", "control", control.handler(control.change_settings)),
    route("POST", "/control/register", "control", control.handler(control.register)),
    route("GET", "/control/faults", "control", control.handler(control.list_faults)),
    route("POST", "/control/faults", "control", control.handler(partial(control.add_fault, operations=OPERATIONS))),
    route("DELETE", "/control/faults", "control", control.handler(control.clear_faults)),
    route("POST", "/control/tokens", "control", control.handler(control.add_tampering)),
    route("POST", "/control/authorize", "control", control.handler(control.add_authorize_fault)),
    route("POST", "/control/keys/roll", "control", control.handler(control.roll_keys)),
    route("DELETE", "/control/app-tokens", "control", control.handler(control.expire_app_tokens)),
    route("DELETE", "/control/sessions", "control", control.handler(control.end_sessions)),
    route("GET", "/control/people", "control", control.handler(control.list_people)),
    route("POST", "/control/people", "control", control.handler(control.put_person)),
    route("GET", "/control/guests", "control", control.handler(control.list_guests)),
    route("POST", "/control/guests", "control", control.handler(control.add_guest)),
    route("PATCH", "/control/guests/{key}", "control", control.handler(control.change_guest)),
    route("DELETE", "/control/guests/{key}", "control", control.handler(control.delete_guest)),
    route("POST", "/control/guests/{key}/restore", "control", control.handler(control.restore_guest)),
    route("GET", "/control/requests", "control", control.handler(control.list_requests)),
    route("DELETE", "/control/requests", "control", control.handler(control.clear_requests)),
    route("GET", "/control/mails", "control", control.handler(control.list_mails)),
    route("DELETE", "/control/mails", "control", control.handler(control.clear_mails)),
    route("PATCH", "/control/smtp", "control.smtp", control.handler(control.change_smtp)),
    route("GET", "/control/sign-ins", "control", control.handler(control.list_sign_ins)),
    route("POST", "/control/sign-ins", "control", control.handler(control.add_sign_in)),
    route("DELETE", "/control/sign-ins", "control", control.handler(control.clear_sign_ins)),
]
ROUTES = [*PAGES, *ENTRA, *GRAPH, *CONTROL]
