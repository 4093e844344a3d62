"""The process: routes, the HTTP server, and everything the tenant consists of."""

import contextlib
import logging
import mimetypes
import signal
import socket
import struct
import sys
import threading
import time
import traceback
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from . import (
    authorize,
    control,
    graph,
    invitation_mail,
    mailbox_pages,
    people,
    sign_in,
    token_endpoint,
)
from .authorize import Authorization, AuthorizeFault, Code
from .browsers import Browsers
from .configuration import STAFF_DOMAIN, Configuration, origin_of
from .directory import Directory, Identity
from .errors import Refusal
from .faults import Fault, Switchboard
from .keys import KeyRing
from .mail import Mailboxes, MailServer
from .sign_in import Login, SignIns
from .state import State
from .tokens import Tampering
from .web import HERE, Request, Response, Route, page, plain, route

logger = logging.getLogger("sandbox")

LOOPBACK_NAMES = {"127.0.0.1", "localhost", "[::1]"}
BIGGEST_BODY = 10 * 1024 * 1024
# Stopping the mail server waits for its thread, which may be waiting for the lock to deliver a mail.
WITHOUT_LOCK = {"control.smtp"}
INVITATION_PORTAL = "4660504c-45b3-4674-a709-71951a6b0763"


class Sandbox:
    def __init__(self, configuration: Configuration):
        self.configuration = configuration
        self.state = State(configuration.state_directory)
        self.directory = Directory(configuration, self.state)
        self.directory.add_members()
        self.keys = KeyRing(configuration.state_directory)
        self.mailboxes = Mailboxes(self.state)
        self.mail_server = MailServer(self.mailboxes, port=configuration.smtp_port)
        self.browsers = Browsers(self.directory)
        self.switchboard = Switchboard()
        self.client_certificate = token_endpoint.read_certificate(configuration.client_certificate)
        self.secrets = {configuration.client_id: configuration.client_secret}
        if configuration.graph_client_id not in ("", configuration.client_id):
            self.secrets[configuration.graph_client_id] = configuration.graph_client_secret
        self.register(configuration.base_url)
        self._forget()

    def _forget(self) -> None:
        self.tampering: list[Tampering] = []
        self.authorize_faults: list[AuthorizeFault] = []
        self.codes: dict[str, Code] = {}
        self.app_tokens: dict[str, token_endpoint.AppToken] = {}
        self.user_tokens: dict[str, token_endpoint.UserToken] = {}
        self.recorded: list[dict] = []
        self.throttles = {"invitations": graph.Throttle(), "reports": graph.Throttle()}
        self.sign_ins = SignIns(self)

    def reset(self) -> None:
        self.state.clear()
        self.directory.addresses_changed()
        self.directory.add_members()
        self.switchboard.clear()
        self.mail_server.switches.faults.clear()
        self.mail_server.set_down(False)
        self._forget()

    def register(self, base_url: str) -> None:
        self.redirect_uris = [f"{base_url}/auth/complete/entra/", f"{base_url}/sign-in/"]
        self.logout_url = f"{base_url}/auth/front-channel-logout/"

    @property
    def application_origins(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(origin_of(uri) for uri in self.redirect_uris))

    @property
    def operations(self) -> set[str]:
        return {one.operation for one in ROUTES} | {"app_token"}

    def check_tenant(self, tenant: str) -> None:
        if tenant.lower() in ("common", "organizations", "consumers"):
            raise Refusal(50194, client_id=self.configuration.client_id)
        if tenant.lower() != self.configuration.tenant_id:
            raise Refusal(90002, tenant_id=tenant)

    def is_own_domain(self, address: str) -> bool:
        return people.domain_of(address) in (STAFF_DOMAIN, self.configuration.initial_domain)

    def domain_allowed(self, address: str) -> bool:
        domain, settings = people.domain_of(address), self.state.settings
        if settings["allowed_domains"] and domain not in settings["allowed_domains"]:
            return False
        return domain not in settings["denied_domains"]

    def names(self, identity: Identity) -> dict[str, str]:
        """What the texts of errors name."""
        provider = {
            people.MICROSOFT: "live.com",
            people.GOOGLE: "google.com",
            people.MAILED_CODE: "mail",
        }.get(identity.provider, f"https://sts.windows.net/{people.home_tenant_id(identity.account)}/")
        return {
            "account": identity.account,
            "provider": provider,
            "organisation": self.configuration.organisation,
            "client_id": self.configuration.client_id,
            "tenant_id": self.configuration.tenant_id,
        }

    def log_sign_in(
        self,
        authorization: Authorization | None,
        *,
        account: str,
        user: dict | None,
        number: int,
        login: Login | None = None,
    ) -> None:
        correlation = authorization.correlation if authorization else login.correlation if login else ""
        identity = self.directory.identity(account) if account else Identity("", "")
        names = self.names(identity)
        self.directory.log_sign_in(
            # Redeeming an invitation by its link is Microsoft's own application, not ours.
            client_id=authorization.client_id if authorization else INVITATION_PORTAL,
            account=account,
            user=user or (self.directory.signing_in(identity) if account else None),
            number=number,
            reason=Refusal(number, **names).text() if number else "",
            correlation=correlation,
        )

    def record(self, request: Request) -> dict:
        """Keep what was sent to Graph, so that tests can show what was not."""
        body: object = None
        if request.body:
            try:
                body = request.json
            except ValueError:
                body = request.body.decode("utf-8", "replace")
        record = {
            "at": self.state.now(),
            "method": request.method,
            "path": request.path,
            "query": request.query,
            "body": body,
            "operation": request.operation,
            "status": None,
        }
        self.recorded.append(record)
        return record

    def find(self, request: Request) -> tuple[Callable[..., Response], dict[str, str]]:
        allowed = []
        for one in ROUTES:
            if match := one.pattern.match(request.path):
                if one.method == request.method or (one.method == "GET" and request.method == "HEAD"):
                    request.operation = one.operation
                    if one.operation == "token":
                        request.operation = token_endpoint.operation(request)
                    return one.handler, match.groupdict()
                allowed.append(one.method)
        if allowed:
            return lambda *_, **__: Response(b"", 405, headers=[("Allow", ", ".join(sorted(set(allowed))))]), {}
        return lambda *_, **__: page("missing.html", status=404), {}

    def dispatch(self, request: Request) -> Response:
        handler, arguments = self.find(request)
        if request.operation in WITHOUT_LOCK:
            return handler(self, request, **arguments)
        with self.state.lock:
            try:
                return handler(self, request, **arguments)
            except Refusal as refusal:
                return plain(f"AADSTS{refusal.number}: {refusal.text()}", status=400)


def static(sandbox: Sandbox, request: Request, name: str) -> Response:
    file = HERE / "static" / name
    if "/" in name or not file.is_file():
        return page("missing.html", status=404)
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Response(file.read_bytes(), content_type=kind, headers=[("Cache-Control", "max-age=60")])


def icon(sandbox: Sandbox, request: Request) -> Response:
    return static(sandbox, request, "icon.svg")


ROUTES: list[Route] = [
    route("GET", "/", "front", mailbox_pages.front),
    route("GET", "/favicon.ico", "static", icon),
    route("GET", "/static/{name}", "static", static),
    route("GET", "/mail/", "mailbox", mailbox_pages.find),
    route("GET", "/mail/{address}/", "mailbox", mailbox_pages.mailbox),
    route("GET", "/mail/{address}/{number}/", "mailbox", mailbox_pages.mail),
    route("GET", "/redeem", "redeem", sign_in.redeem),
    route("GET", "/unsubscribe", "unsubscribe", invitation_mail.unsubscribe),
    route("POST", "/unsubscribe", "unsubscribe", invitation_mail.unsubscribe),
    route("GET", "/oidc/userinfo", "userinfo", token_endpoint.userinfo),
    route("GET", "/{tenant}/v2.0/.well-known/openid-configuration", "discovery", authorize.discovery),
    route("GET", "/{tenant}/discovery/v2.0/keys", "keys", authorize.signing_keys),
    route("GET", "/{tenant}/oauth2/v2.0/authorize", "authorize", authorize.authorize),
    route("POST", "/{tenant}/oauth2/v2.0/authorize", "authorize", authorize.authorize),
    route("POST", "/{tenant}/oauth2/v2.0/token", "token", token_endpoint.token),
    route("GET", "/{tenant}/oauth2/v2.0/logout", "logout", authorize.log_out),
    route("POST", "/{tenant}/oauth2/v2.0/logout", "logout", authorize.log_out),
    route(
        "GET",
        "/{tenant}/login",
        "login",
        lambda sandbox, request, tenant: sandbox.sign_ins.show(request, tenant),
    ),
    route(
        "POST",
        "/{tenant}/login",
        "login",
        lambda sandbox, request, tenant: sandbox.sign_ins.answer(request, tenant),
    ),
    route(
        "POST",
        "/v1.0/invitations",
        "invitations",
        graph.handler(graph.invite, *graph.INVITE, throttle="invitations"),
    ),
    route("GET", "/v1.0/users", "users.list", graph.handler(graph.list_users, *graph.READ)),
    route("GET", "/v1.0/users/{key}", "users.get", graph.handler(graph.get_user, *graph.READ)),
    route("PATCH", "/v1.0/users/{key}", "users.update", graph.handler(graph.update_user, *graph.WRITE)),
    route("DELETE", "/v1.0/users/{key}", "users.delete", graph.handler(graph.delete_user, *graph.DELETE)),
    route(
        "POST",
        "/v1.0/users/{key}/revokeSignInSessions",
        "users.revoke",
        graph.handler(graph.revoke_sessions, *graph.WRITE),
    ),
    route(
        "GET",
        "/v1.0/directory/deletedItems/microsoft.graph.user",
        "deleted.list",
        graph.handler(graph.list_deleted, *graph.READ),
    ),
    route(
        "GET",
        "/v1.0/directory/deletedItems/{key}",
        "deleted.get",
        graph.handler(graph.get_deleted, *graph.READ),
    ),
    route(
        "DELETE",
        "/v1.0/directory/deletedItems/{key}",
        "deleted.purge",
        graph.handler(graph.purge_deleted, *graph.DELETE),
    ),
    route(
        "POST",
        "/v1.0/directory/deletedItems/{key}/restore",
        "deleted.restore",
        graph.handler(graph.restore_deleted, *graph.DELETE),
    ),
    route(
        "GET",
        "/v1.0/auditLogs/signIns",
        "sign_ins",
        graph.handler(graph.list_sign_ins, *graph.AUDIT, throttle="reports"),
    ),
    route(
        "GET",
        "/v1.0/auditLogs/directoryAudits",
        "directory_audits",
        graph.handler(graph.list_directory_audits, *graph.AUDIT, throttle="reports"),
    ),
    route("POST", "/v1.0/$batch", "batch", graph.handler(graph.batch)),
    *[
        route(method, "/v1.0/{path:rest}", "graph", graph.handler(graph.unknown))
        for method in ("GET", "POST", "PATCH", "PUT", "DELETE")
    ],
    route("GET", "/control/", "control", control.handler(control.overview)),
    route("POST", "/control/reset", "control", control.handler(control.reset)),
    route("PATCH", "/control/settings", "control", control.handler(control.change_settings)),
    route("POST", "/control/register", "control", control.handler(control.register)),
    route("GET", "/control/faults", "control", control.handler(control.list_faults)),
    route("POST", "/control/faults", "control", control.handler(control.add_fault)),
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
]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 120
    server: "Server"

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def do_any(self) -> None:
        request = self._read()
        if request is None:
            return
        try:
            self._answer(request)
        except ConnectionError:
            self.close_connection = True
        except Exception:
            logger.error("%s %s\n%s", request.method, request.path, traceback.format_exc())
            self._send(plain("The sandbox tenant itself failed; its log says why.", status=500))

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = do_any

    def _read(self) -> Request | None:
        """The request, unless it is too big or meant for a name that is not this machine's (a page
        elsewhere that resolves its own name to 127.0.0.1 must not reach the switches)."""
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > BIGGEST_BODY:
            self._send(plain("Too big.", status=413), close=True)
            return None
        body = self.rfile.read(int(length))
        if urlsplit(f"//{self.headers.get('Host', '')}").hostname not in {name.strip("[]") for name in LOOPBACK_NAMES}:
            self._send(plain("Only loopback names are served here.", status=421))
            return None
        return Request(self.command, self.path, self.headers, body, client=self.client_address[0])

    def _answer(self, request: Request) -> None:
        sandbox = self.server.sandbox
        sandbox.find(request)
        controls = request.operation.startswith("control")
        record = sandbox.record(request) if request.path.startswith("/v1.0/") else None
        fault = None if controls else sandbox.switchboard.take(request)
        if fault is None:
            response = sandbox.dispatch(request)
            self._noted(request, response, record)
            self._send(response)
        else:
            self._misbehave(request, fault, record)

    def _misbehave(self, request: Request, fault: Fault, record: dict | None) -> None:
        if not fault.after:
            time.sleep(fault.delay)
        response = self.server.sandbox.dispatch(request) if fault.reaches_handler else Response(status=500)
        if fault.status:
            response = fault.response()
        else:
            response.headers += list(fault.headers.items())
        if fault.after:
            time.sleep(fault.delay)
        self._noted(request, response, record)
        if fault.connection in ("close", "reset"):
            self._break(reset=fault.connection == "reset")
        elif fault.connection == "half":
            head = response.head(length=len(response.body), close=True)
            self.wfile.write(head + response.body[: len(response.body) // 2])
            self._break(reset=False)
        elif fault.connection == "dribble":
            self.wfile.write(response.head(length=len(response.body), close=True))
            for byte in response.body:
                self.wfile.write(bytes([byte]))
                time.sleep(1)
            self.close_connection = True
        else:
            self._send(response)

    def _break(self, *, reset: bool) -> None:
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        with contextlib.suppress(OSError):
            if not reset:
                self.connection.shutdown(socket.SHUT_RDWR)
            self.connection.close()

    def _send(self, response: Response, *, close: bool = False) -> None:
        head = response.head(length=len(response.body), close=close or self.close_connection)
        # One write: head and body in two would wait for each other's acknowledgement.
        self.wfile.write(head if self.command == "HEAD" else head + response.body)
        if close:
            self.close_connection = True

    def _noted(self, request: Request, response: Response, record: dict | None) -> None:
        if record is not None:
            record["status"] = response.status
        # Paths only: queries hold codes and redeem links.
        logger.debug("%s %s %s", request.method, request.path, response.status)

    def log_message(self, format: str, *args: object) -> None:
        logger.debug("%s", format % args)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, sandbox: Sandbox):
        self.sandbox = sandbox
        super().__init__(("127.0.0.1", sandbox.configuration.port), Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


def run(configuration: Configuration) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    sandbox = Sandbox(configuration)
    server = Server(sandbox)
    sandbox.mail_server.start()

    def stop(*_: object) -> None:
        threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    mail_port = sandbox.mail_server.port
    sys.stdout.write(f"Sandbox tenant: http://127.0.0.1:{server.server_port}/ (mail: 127.0.0.1:{mail_port})\n")
    sys.stdout.flush()
    try:
        server.serve_forever(poll_interval=0.1)
    finally:
        sandbox.mail_server.stop()
        sandbox.state.close()
