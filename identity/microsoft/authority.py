"""The tenant's own addresses. They are part of Entra's contract, so its discovery document is not read for them."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings


def tenant_url(path: str) -> str:
    return f"{settings.ENTRA_AUTHORITY}/{settings.ENTRA_TENANT_ID}/{path}"


def issuer() -> str:
    return tenant_url("v2.0")


def token_url() -> str:
    return tenant_url("oauth2/v2.0/token")


def end_session_url(*, logout_hint: str = "") -> str:
    parameters = {"post_logout_redirect_uri": f"{settings.BASE_URL}/sign-in/"}
    if logout_hint:
        parameters["logout_hint"] = logout_hint
    return f"{tenant_url('oauth2/v2.0/logout')}?{urlencode(parameters)}"
