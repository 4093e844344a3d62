"""The token endpoint: an ID token for a sign-in's code, an access token for the application itself."""

import hashlib
import secrets
import uuid

import jwt

from ..base64url import unpadded
from ..entra_errors import Refusal
from ..grants import CODE_SECONDS, AppToken, Authorization, Code, UserToken
from ..tenant import Tenant
from ..web import Request, Response, json_answer
from . import id_token
from .client_authentication import authenticated_client
from .error_responses import token_error


def operation(request: Request) -> str:
    """App tokens and sign-ins share an address; faults tell them apart."""
    return "app_token" if request.form.get("grant_type") == "client_credentials" else "token"


def token(tenant: Tenant, request: Request, tenant_id: str) -> Response:
    try:
        tenant.check_id(tenant_id)
        client_id = authenticated_client(tenant, request)
        grant_type = request.form.get("grant_type", "")
        if grant_type == "authorization_code":
            return _redeem_code(tenant, request, client_id)
        if grant_type == "client_credentials":
            return _app_token(tenant, request, client_id)
        raise Refusal(70003, "unsupported_grant_type", grant_type=grant_type)
    except Refusal as refusal:
        return token_error(refusal, now=tenant.state.now(), authority=request.origin)


def _redeem_code(tenant: Tenant, request: Request, client_id: str) -> Response:
    form = request.form
    if "code" not in form:
        raise Refusal(900144, "invalid_request", parameter="code")
    code = tenant.codes.get(form["code"])
    now = tenant.state.now()
    if code is None or code.authorization.client_id != client_id:
        raise Refusal(70000, "invalid_grant")
    if code.used:
        raise Refusal(54005, "invalid_grant")
    if now - code.issued_at > CODE_SECONDS:
        raise Refusal(70008, "invalid_grant")
    if form.get("redirect_uri") != code.authorization.redirect_uri:
        raise Refusal(50011, "invalid_grant", redirect_uri=form.get("redirect_uri", ""), client_id=client_id)
    _check_verifier(code.authorization, form.get("code_verifier", ""))
    code.used = True
    return _user_tokens(tenant, code, now=now)


def _check_verifier(authorization: Authorization, verifier: str) -> None:
    if not authorization.challenge:
        if verifier:
            raise Refusal(501481, "invalid_grant")
        return
    expected = verifier
    if authorization.challenge_method == "S256":
        expected = unpadded(hashlib.sha256(verifier.encode()).digest())
    if not verifier or not secrets.compare_digest(expected, authorization.challenge):
        raise Refusal(501481, "invalid_grant")


def _user_tokens(tenant: Tenant, code: Code, *, now: float) -> Response:
    user = tenant.state.users.get(code.oid)
    if user is None:
        raise Refusal(50034, "invalid_grant", account=code.account)
    authorization = code.authorization
    settings = tenant.state.settings
    configuration = tenant.configuration
    claims = id_token.claims_for(
        user,
        tenant.directory.person(code.account),
        account=code.account,
        issuer=f"{code.authority}/{configuration.tenant_id}/v2.0",
        tenant_id=configuration.tenant_id,
        client_id=authorization.client_id,
        nonce=authorization.nonce,
        sid=code.sid,
        scopes=authorization.scopes,
        auth_time=code.auth_time,
        now=now,
        lifetime=settings["id_token_seconds"],
        optional_claims=settings["optional_claims"],
    )
    access_token = secrets.token_urlsafe(64)
    tenant.user_tokens[access_token] = UserToken(claims, now + 3600)
    answer: dict = {
        "token_type": "Bearer",
        "scope": " ".join(sorted(authorization.scopes - {"offline_access"})),
        "expires_in": 3599,
        "ext_expires_in": 3599,
        "access_token": access_token,
    }
    tampering = tenant.faults.take_tampering(code.account)
    if "openid" in authorization.scopes:
        answer["id_token"] = id_token.sign(
            dict(claims),
            tenant.keys,
            tampering=tampering,
            now=now,
            secret=tenant.application.secrets[authorization.client_id],
        )
    if tampering is not None:
        if not tampering.id_token:
            answer.pop("id_token", None)
        answer |= tampering.response
    return json_answer(answer, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})


def _app_token(tenant: Tenant, request: Request, client_id: str) -> Response:
    scope = request.form.get("scope", "")
    if not scope.endswith("/.default"):
        raise Refusal(70011, "invalid_scope")
    now = tenant.state.now()
    lifetime = tenant.state.settings["app_token_seconds"]
    audience = scope.removesuffix("/.default")
    access_token = jwt.encode(
        {
            "aud": audience,
            "iss": f"https://sts.windows.net/{tenant.configuration.tenant_id}/",
            "iat": int(now) - id_token.ENTRA_BACKDATES_BY,
            "nbf": int(now) - id_token.ENTRA_BACKDATES_BY,
            "exp": int(now) + lifetime,
            "appid": client_id,
            "idtyp": "app",
            "roles": tenant.state.settings["permissions"],
            "tid": tenant.configuration.tenant_id,
            "uti": str(uuid.uuid4()),
            "ver": "1.0",
        },
        tenant.keys.signer.private,
        algorithm="RS256",
        headers={"kid": tenant.keys.signer.kid, "x5t": tenant.keys.signer.kid},
    )
    tenant.app_tokens[access_token] = AppToken(client_id, now + lifetime)
    return json_answer(
        {
            "token_type": "Bearer",
            "expires_in": lifetime,
            "ext_expires_in": lifetime,
            "access_token": access_token,
        },
        headers={"Cache-Control": "no-store", "Pragma": "no-cache"},
    )
