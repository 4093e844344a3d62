"""Who is signed in where: the identity providers' sessions in each browser."""

import secrets
import uuid

from .. import people
from ..directory import Identity
from ..tenant import Tenant
from ..web import Request, Response

COOKIE = "sandbox_browser"
SESSION_SECONDS = 90 * 24 * 3600
MAILED_CODE_SESSION_SECONDS = 24 * 3600


def accounts(tenant: Tenant, request: Request) -> list[dict]:
    """The accounts with a live session in the browser, the latest used first."""
    browser = tenant.state.browsers.get(request.cookies.get(COOKIE, ""), {})
    now = tenant.state.now()
    alive = [account for account in browser.values() if now < _expires(account)]
    return sorted(alive, key=lambda account: account["seen"], reverse=True)


def account_with(tenant: Tenant, request: Request, address: str) -> dict | None:
    identity = tenant.directory.identity(address)
    return next((account for account in accounts(tenant, request) if account["account"] == identity.account), None)


def sign_in(tenant: Tenant, request: Request, response: Response, identity: Identity, *, fresh: bool) -> dict:
    """Note that somebody is signed in, in this browser, with credentials typed just now if `fresh`."""
    tenant.directory.remember(identity.account)
    key = request.cookies.get(COOKIE, "")
    if key not in tenant.state.browsers:
        key = secrets.token_urlsafe(24)
        tenant.state.browsers[key] = {}
    response.headers.append(
        ("Set-Cookie", f"{COOKIE}={key}; Path=/; HttpOnly; SameSite=Lax; Max-Age={SESSION_SECONDS}")
    )
    now = tenant.state.now()
    browser = tenant.state.browsers[key]
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
    tenant.state.changed()
    return account


def sign_out(tenant: Tenant, request: Request, account: dict) -> None:
    browser = tenant.state.browsers.get(request.cookies.get(COOKIE, ""), {})
    browser.pop(str(Identity(account["provider"], account["account"])), None)
    tenant.state.changed()


def _expires(account: dict) -> float:
    if account["provider"] == people.MAILED_CODE:
        return account["auth_time"] + MAILED_CODE_SESSION_SECONDS
    return account["seen"] + SESSION_SECONDS
