"""Does the live tenant match Passport's settings? One finding on each line, each bad one with a hint."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import jwt
import requests
from django.conf import settings

from identity.microsoft import authority, credentials, graph, http
from identity.models import SignInAttempt

SOON = dt.timedelta(days=30)
ENDPOINTS = {
    "authorization_endpoint": "oauth2/v2.0/authorize",
    "token_endpoint": "oauth2/v2.0/token",
    "jwks_uri": "discovery/v2.0/keys",
    "end_session_endpoint": "oauth2/v2.0/logout",
}
RIGHTS = {
    "User.Invite.All": "Without it, Passport cannot send invitations.",
    "User.Read.All": "Without it, Passport cannot tell which guests it created, so it removes none.",
    "AuditLog.Read.All": (
        "Without it, Passport only notices failures on Microsoft's pages when people do not come back."
    ),
}
INCLUDED_IN = {"User.Read.All": ("User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All")}
REMOVE = ("User.ReadWrite.All", "User.DeleteRestore.All")


@dataclass(frozen=True)
class Finding:
    what: str
    result: str
    is_good: bool = True
    is_needed: bool = True
    hint: str = ""

    def __str__(self) -> str:
        mark = "ok" if self.is_good else "MISSING" if self.is_needed else "note"
        hint = f" → {self.hint}" if self.hint and not self.is_good else ""
        return f"{mark:8}{self.what}: {self.result}{hint}"


def check() -> Iterator[Finding]:
    yield _credential()
    yield from _discovery()
    yield _keys()
    yield from _rights()
    yield _redirect_address()
    yield _auth_time()


def _credential() -> Finding:
    if settings.ENTRA_CLIENT_SECRET:
        expires = settings.ENTRA_CLIENT_SECRET_EXPIRES
        if not expires:
            return Finding(
                "Credential",
                "client secret, expiry date not known",
                is_good=False,
                is_needed=False,
                hint="Set ENTRA_CLIENT_SECRET_EXPIRES, and Passport will warn you in time.",
            )
        ends = dt.datetime.fromisoformat(expires).replace(tzinfo=dt.UTC)
        kind = "client secret"
    else:
        try:
            certificate = credentials.read_certificate(settings.ENTRA_CLIENT_CERTIFICATE)
            ends, kind = certificate.not_valid_after_utc, "certificate"
        except (OSError, ValueError) as error:
            return Finding(
                "Credential",
                f"certificate cannot be read ({type(error).__name__})",
                is_good=False,
                hint="ENTRA_CLIENT_CERTIFICATE must be a PEM file with the certificate and its private key.",
            )
    return Finding(
        "Credential",
        f"{kind}, valid until {ends:%Y-%m-%d}",
        is_good=ends - dt.datetime.now(dt.UTC) > SOON,
        hint="Make a new one in the app registration. When this one expires, no one can sign in.",
    )


def _get(url: str) -> tuple[dict[str, Any], str]:
    """The JSON at the address, and what went wrong if there is none."""
    try:
        answer = http.call("GET", url)
        if answer.status_code != 200:
            return {}, f"returned {answer.status_code}"
        body = answer.json()
    except requests.Timeout:
        return {}, "no response in time"
    except (requests.RequestException, ValueError) as error:
        return {}, f"no usable response ({type(error).__name__})"
    return (body, "") if isinstance(body, dict) else ({}, "no usable response")


def _discovery() -> Iterator[Finding]:
    document, problem = _get(authority.tenant_url("v2.0/.well-known/openid-configuration"))
    if problem:
        yield Finding(
            "Discovery",
            problem,
            is_good=False,
            hint="Check ENTRA_AUTHORITY and ENTRA_TENANT_ID, and that this machine can reach the authority.",
        )
        return
    issuer = authority.issuer()
    yield Finding(
        "Issuer",
        str(document.get("issuer")),
        is_good=document.get("issuer") == issuer,
        hint=f"Passport expects {issuer}: is ENTRA_TENANT_ID the tenant's GUID?",
    )
    for name, path in ENDPOINTS.items():
        expected = authority.tenant_url(path)
        yield Finding(
            name.replace("_", " ").capitalize(),
            str(document.get(name)),
            is_good=document.get(name) == expected,
            hint=f"Passport uses {expected}.",
        )


def _keys() -> Finding:
    document, problem = _get(authority.tenant_url("discovery/v2.0/keys"))
    keys = document.get("keys")
    usable = (
        [key for key in keys if isinstance(key, dict) and key.get("kty") == "RSA"] if isinstance(keys, list) else []
    )
    return Finding(
        "Signing keys",
        problem or f"{len(usable)} RSA keys",
        is_good=bool(usable),
        hint="Without keys, Passport cannot check tokens and no one can sign in.",
    )


def _rights() -> Iterator[Finding]:
    try:
        graph.forget_token()
        token = graph.app_token()
    except graph.GraphError as error:
        yield Finding(
            "App token",
            error.summary,
            is_good=False,
            hint="Check the client ID and the secret or certificate (its value, not its ID).",
        )
        return
    try:
        # Only to show them: the token is Graph's to judge, so nothing is verified here.
        granted = jwt.decode(token, options={"verify_signature": False}).get("roles") or []
    except jwt.PyJWTError:
        yield Finding(
            "App token",
            "issued, but it does not say which permissions it has",
            is_good=False,
            is_needed=False,
            hint="Check the app's permissions in the Entra admin center.",
        )
        return
    yield Finding("App token", "issued")
    for right, lost in RIGHTS.items():
        wider = [name for name in INCLUDED_IN.get(right, ()) if name in granted]
        included = f"included in {wider[0]}" if wider else "not granted"
        yield Finding(
            right,
            "granted" if right in granted else included,
            is_good=right in granted or bool(wider),
            is_needed=right == "User.Invite.All",
            hint=lost,
        )
    may_remove = [right for right in REMOVE if right in granted]
    yield Finding(
        " or ".join(REMOVE),
        f"{may_remove[0]} granted" if may_remove else "not granted",
        is_good=bool(may_remove),
        is_needed=False,
        hint="Without it, IT has to remove guests by hand. Passport opens a case for each.",
    )


def _redirect_address() -> Finding:
    """Ask for a silent sign-in: with a redirect URI that is not registered Entra keeps the error to itself."""
    redirect = f"{settings.BASE_URL}/auth/complete/entra/"
    parameters = {
        "client_id": settings.ENTRA_CLIENT_ID,
        "response_type": "code",
        "redirect_uri": redirect,
        "scope": "openid profile email",
        "prompt": "none",
        "state": secrets.token_urlsafe(16),
        "nonce": secrets.token_urlsafe(16),
    }
    try:
        answer = http.call("GET", f"{authority.tenant_url('oauth2/v2.0/authorize')}?{urlencode(parameters)}")
    except requests.RequestException as error:
        return Finding("Redirect URI", f"no response ({type(error).__name__})", is_good=False)
    is_known = answer.is_redirect and answer.headers["Location"].startswith(redirect)
    return Finding(
        "Redirect URI",
        redirect if is_known else f"{redirect} is not accepted",
        is_good=is_known,
        hint="Register it in the app registration under Authentication, platform Web.",
    )


def _auth_time() -> Finding:
    """What the last token said; before the first sign-in nobody can know."""
    last = SignInAttempt.objects.filter(says_when__isnull=False).order_by("-claimed_at").first()
    if last is None:
        result = "not known before the first sign-in"
    else:
        said = "in the last token" if last.says_when else "not in the last token"
        result = f"{said}, {last.started_at:%Y-%m-%d %H:%M} UTC"
    return Finding(
        "auth_time",
        result,
        is_good=last is None or bool(last.says_when),
        hint="Add the optional claim auth_time. Without it, vendors cannot request a new address or change payment "
        "details themselves.",
    )
