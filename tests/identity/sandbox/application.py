"""The application as the tests of the sandbox tenant play it, and what else they do to the tenant."""

import base64
import hashlib
import secrets
import smtplib
from email.message import EmailMessage
from urllib.parse import urlencode

import jwt
import requests

from tests.person import Page, Person
from tests.sandbox_fixture import Sandbox


class Application:
    """A client of the tenant that does what the protocol says and keeps what came back."""

    def __init__(self, sandbox: Sandbox, *, base_url: str):
        self.sandbox = sandbox
        self.callback = f"{base_url}/auth/complete/entra/"
        self.signed_out = f"{base_url}/sign-in/"
        self.welcome = f"{base_url}/welcome/signed-id/"
        self.keys_url = f"{sandbox.url}/{sandbox.tenant_id}/discovery/v2.0/keys"
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

    def published_keys(self) -> list[dict]:
        return self.http.get(self.keys_url, timeout=10).json()["keys"]

    def claims(self, answer: requests.Response) -> dict:
        """The claims of a good ID token, verified with the published keys."""
        token = answer.json()["id_token"]
        keys = {key["kid"]: key for key in self.published_keys()}
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
            self.app_token = app_token(self.sandbox).json()["access_token"]
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


def app_token(sandbox: Sandbox, **changes: str | None) -> requests.Response:
    """Ask for a token of the application's own, as for calls of Graph."""
    parameters = {
        "grant_type": "client_credentials",
        "client_id": sandbox.client_id,
        "client_secret": sandbox.client_secret,
        "scope": "https://graph.microsoft.com/.default",
    } | changes
    given = {name: value for name, value in parameters.items() if value is not None}
    return requests.post(sandbox.endpoint("token"), data=given, timeout=10)


def graph_error(answer: requests.Response) -> tuple[int, str]:
    data = answer.json()["error"]
    assert {"date", "request-id", "client-request-id"} == set(data["innerError"])
    return answer.status_code, data["code"]


def walk(person: Person, url: str, *, consent: bool = True, account: str = "") -> Page:
    person.go(url)
    return person.authenticate(consent=consent, account=account)


def send_mail(
    sandbox: Sandbox, *recipients: str, subject: str = "Hello", text: str = "See http://127.0.0.1:8000/help/."
) -> dict:
    message = EmailMessage()
    message["From"] = "Passport <passport@sandberg.example>"
    message["To"] = ", ".join(recipients)
    message["Subject"] = subject
    message["X-Reference"] = "r-1"
    message.set_content(text)
    with smtplib.SMTP("127.0.0.1", sandbox.smtp_port, timeout=10) as server:
        return server.send_message(message)
