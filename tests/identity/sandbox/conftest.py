import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.person import Person

from .application import Application


class Visited(ThreadingHTTPServer):
    """Where the application would be: answers everything and remembers who called."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.base_url = f"http://127.0.0.1:{self.server_port}"
        self.calls: list[str] = []


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.calls.append(self.path)
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b"<h1>The application</h1>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *args):
        pass


@pytest.fixture(scope="session")
def visited():
    server = Visited()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def _fresh_tenant(sandbox, visited):
    sandbox.reset()
    sandbox.register(visited.base_url)
    visited.calls.clear()


@pytest.fixture
def app(sandbox, visited):
    return Application(sandbox, base_url=visited.base_url)


@pytest.fixture
def person(sandbox):
    return lambda address: Person(address, sandbox)


@pytest.fixture
def ana(app, person) -> Person:
    """A vendor who has been invited."""
    app.invite("sandbox-ana@gmail.com")
    return person("sandbox-ana@gmail.com")


@pytest.fixture
def accepted_ana(ana) -> Person:
    """A vendor who has accepted the invitation, and is signed in at Google."""
    ana.accept_invitation()
    return ana
