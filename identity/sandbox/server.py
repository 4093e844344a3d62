"""The HTTP server: reads requests, has them answered, and breaks off or dawdles when a fault says so."""

import contextlib
import json
import logging
import signal
import socket
import struct
import sys
import threading
import time
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from .configuration import Configuration
from .faults import OperationFault
from .graph.request_log import record
from .routes import dispatch, find_handler
from .tenant import Tenant
from .web import Request, Response, plain

logger = logging.getLogger("sandbox")

LOOPBACK_NAMES = {"127.0.0.1", "localhost", "[::1]"}
BIGGEST_BODY = 10 * 1024 * 1024


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
            self._send(plain("The sandbox tenant itself failed. Its log says why.", status=500))

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
        tenant = self.server.tenant
        find_handler(request)
        controls = request.operation.startswith("control")
        entry = record(tenant, request) if request.path.startswith("/v1.0/") else None
        fault = None if controls else self._fault_for(request)
        if fault is None:
            response = dispatch(tenant, request)
            self._noted(request, response, entry)
            self._send(response)
        else:
            self._misbehave(request, fault, entry)

    def _fault_for(self, request: Request) -> OperationFault | None:
        content = f"{request.path}?{request.target}\n{request.body.decode(errors='replace')}"
        return self.server.tenant.faults.take_operation(request.operation, path=request.path, content=content)

    def _misbehave(self, request: Request, fault: OperationFault, entry: dict | None) -> None:
        if not fault.after:
            time.sleep(fault.delay)
        response = dispatch(self.server.tenant, request) if fault.reaches_handler else Response(status=500)
        if fault.status:
            response = _response_of(fault)
        else:
            response.headers += list(fault.headers.items())
        if fault.after:
            time.sleep(fault.delay)
        self._noted(request, response, entry)
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

    def _noted(self, request: Request, response: Response, entry: dict | None) -> None:
        if entry is not None:
            entry["status"] = response.status
        # Paths only: queries hold codes and redeem links.
        logger.debug("%s %s %s", request.method, request.path, response.status)

    def log_message(self, format: str, *args: object) -> None:
        logger.debug("%s", format % args)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, tenant: Tenant):
        self.tenant = tenant
        super().__init__(("127.0.0.1", tenant.configuration.port), Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


def _response_of(fault: OperationFault) -> Response:
    body = ""
    if fault.body is not None:
        body = fault.body if isinstance(fault.body, str) else json.dumps(fault.body)
    return Response(body.encode(), fault.status, fault.content_type, list(fault.headers.items()))


def run(configuration: Configuration) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    tenant = Tenant(configuration)
    server = Server(tenant)
    tenant.mail_server.start()

    def stop(*_: object) -> None:
        threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    mail_port = tenant.mail_server.port
    sys.stdout.write(f"Sandbox tenant: http://127.0.0.1:{server.server_port}/ (mail server: 127.0.0.1:{mail_port})\n")
    sys.stdout.flush()
    try:
        server.serve_forever(poll_interval=0.1)
    finally:
        tenant.mail_server.stop()
        tenant.state.close()
