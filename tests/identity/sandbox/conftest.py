import base64
import hashlib
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlencode

import jwt
import pytest
import requests

from tests.person import Page, Person
from tests.sandbox_fixture import Sandbox


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


class Application:
    """A client of the tenant that does what the protocol says and keeps what came back."""

    def __init__(self, sandbox: Sandbox, *, base_url: str):
        self.sandbox = sandbox
        self.callback = f"{base_url}/auth/complete/entra/"
        self.welcome = f"{base_url}/welcome/signed-id/"
        self.http = requests.Session()
        self.verifier = secrets.token_urlsafe(48)
        self.state = secrets.token_urlsafe(16)
        self.nonce = secrets.token_urlsafe(16)
        self.app_token = ""

    def authorize_url(self, **changes: str | None) -> str:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        parameters = {
            "client_id": self.sandbox.client_id,
            "response_type": "code",
            "redirect_uri": self.callback,
            "scope": "openid profile email",
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        } | changes
        given = {name: value for name, value in parameters.items() if value is not None}
        return f"{self.sandbox.endpoint('authorize')}?{urlencode(given)}"

    def token(self, code: str, **changes: str | None) -> requests.Response:
        parameters = {
            "grant_type": "authorization_code",
            "client_id": self.sandbox.client_id,
            "client_secret": self.sandbox.client_secret,
            "code": code,
            "redirect_uri": self.callback,
            "code_verifier": self.verifier,
        } | changes
        given = {name: value for name, value in parameters.items() if value is not None}
        return self.http.post(self.sandbox.endpoint("token"), data=given, timeout=20)

    def claims(self, answer: requests.Response) -> dict:
        """The claims of a good ID token, verified with the published keys."""
        token = answer.json()["id_token"]
        url = f"{self.sandbox.url}/{self.sandbox.tenant_id}/discovery/v2.0/keys"
        keys = {key["kid"]: key for key in self.http.get(url, timeout=10).json()["keys"]}
        kid = jwt.get_unverified_header(token)["kid"]
        return jwt.decode(
            token,
            jwt.PyJWK(keys[kid], algorithm="RS256"),
            audience=self.sandbox.client_id,
            issuer=self.sandbox.issuer,
            algorithms=["RS256"],
        )

    def sign_in(self, person: Person, **changes: str | None) -> Page:
        return walk(person, self.authorize_url(**changes))

    def claims_of(self, person: Person, **changes: str | None) -> dict:
        page = self.sign_in(person, **changes)
        assert "code" in page.query, page
        return self.claims(self.token(page.query["code"]))

    def graph(self, method: str, path: str, body: dict | None = None, **params: str) -> requests.Response:
        if not self.app_token:
            answer = self.http.post(
                self.sandbox.endpoint("token"),
                data={
                    "grant_type": "client_credentials",
                    "client_id": self.sandbox.client_id,
                    "client_secret": self.sandbox.client_secret,
                    "scope": "https://graph.microsoft.com/.default",
                },
                timeout=10,
            )
            self.app_token = answer.json()["access_token"]
        url = path if path.startswith("http") else f"{self.sandbox.url}/v1.0{path}"
        headers = {"Authorization": f"Bearer {self.app_token}"}
        return self.http.request(method, url, json=body, params=params, headers=headers, timeout=20)

    def invite(self, address: str, **changes: object) -> requests.Response:
        body = {
            "invitedUserEmailAddress": address,
            "inviteRedirectUrl": self.welcome,
            "sendInvitationMessage": True,
            "invitedUserMessageInfo": {"messageLanguage": "en-GB"},
        } | changes
        return self.graph("POST", "/invitations", body)


def walk(person: Person, url: str, *, consent: bool = True, account: str = "") -> Page:
    person.go(url)
    return person.authenticate(consent=consent, account=account)
