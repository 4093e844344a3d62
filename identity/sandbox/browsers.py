"""Who is signed in where: the identity providers' sessions in each browser."""

import secrets
import uuid

from . import people
from .directory import Directory, Identity
from .web import Request, Response

COOKIE = "sandbox_browser"
SESSION_SECONDS = 90 * 24 * 3600
MAILED_CODE_SESSION_SECONDS = 24 * 3600


class Browsers:
    def __init__(self, directory: Directory):
        self.directory = directory
        self.state = directory.state

    def accounts(self, request: Request) -> list[dict]:
        """The accounts with a live session in the browser, the latest used first."""
        browser = self.state.browsers.get(request.cookies.get(COOKIE, ""), {})
        now = self.state.now()
        alive = [account for account in browser.values() if now < _expires(account)]
        return sorted(alive, key=lambda account: account["seen"], reverse=True)

    def account(self, request: Request, address: str) -> dict | None:
        identity = self.directory.identity(address)
        return next((one for one in self.accounts(request) if one["account"] == identity.account), None)

    def sign_in(self, request: Request, response: Response, identity: Identity, *, fresh: bool) -> dict:
        """Note that somebody is signed in, in this browser, with credentials typed just now if `fresh`."""
        self.directory.remember(identity.account)
        key = request.cookies.get(COOKIE, "")
        if key not in self.state.browsers:
            key = secrets.token_urlsafe(24)
            self.state.browsers[key] = {}
        response.headers.append(
            ("Set-Cookie", f"{COOKIE}={key}; Path=/; HttpOnly; SameSite=Lax; Max-Age={SESSION_SECONDS}")
        )
        now = self.state.now()
        browser = self.state.browsers[key]
        account = browser.get(str(identity))
        if account is None or now >= _expires(account):
            account = {
                "provider": identity.provider,
                "account": identity.account,
                "sid": str(uuid.uuid4()),
                "auth_time": now,
                "apps": [],
            }
            browser[str(identity)] = account
        if fresh:
            account["auth_time"] = now
        account["seen"] = now
        self.state.changed()
        return account

    def sign_out(self, request: Request, account: dict) -> None:
        browser = self.state.browsers.get(request.cookies.get(COOKIE, ""), {})
        browser.pop(str(Identity(account["provider"], account["account"])), None)
        self.state.changed()


def _expires(account: dict) -> float:
    if account["provider"] == people.MAILED_CODE:
        return account["auth_time"] + MAILED_CODE_SESSION_SECONDS
    return account["seen"] + SESSION_SECONDS
