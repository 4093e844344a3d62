import base64
import hashlib
import secrets
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa

from . import authorize, errors, tokens
from .errors import Refusal
from .faults import use_up
from .keys import unpadded
from .web import Request, Response, json_answer

if TYPE_CHECKING:
    from .server import Sandbox

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass
class AppToken:
    client_id: str
    expires_at: float


@dataclass
class UserToken:
    claims: dict
    expires_at: float


def operation(request: Request) -> str:
    """App tokens and sign-ins share an address; faults tell them apart."""
    return "app_token" if request.form.get("grant_type") == "client_credentials" else "token"


def token(sandbox: "Sandbox", request: Request, tenant: str) -> Response:
    try:
        sandbox.check_tenant(tenant)
        client_id = _authenticated_client(sandbox, request)
        grant_type = request.form.get("grant_type", "")
        if grant_type == "authorization_code":
            return _redeem_code(sandbox, request, client_id)
        if grant_type == "client_credentials":
            return _app_token(sandbox, request, client_id)
        raise Refusal(70003, "unsupported_grant_type", grant_type=grant_type)
    except Refusal as refusal:
        return errors.token_error(refusal, now=sandbox.state.now(), authority=request.origin)


def _authenticated_client(sandbox: "Sandbox", request: Request) -> str:
    form = request.form
    client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
    basic = request.headers.get("Authorization", "")
    if basic.startswith("Basic "):
        try:
            given = base64.b64decode(basic[6:]).decode().partition(":")
        except ValueError:
            raise Refusal(7000215, "invalid_client") from None
        client_id, secret = unquote(given[0]), unquote(given[2])
    assertion = form.get("client_assertion", "")
    if assertion and not client_id:
        client_id = _unverified_subject(assertion)
    names = {"client_id": client_id, "organisation": sandbox.configuration.organisation}
    if not client_id:
        raise Refusal(900144, parameter="client_id")
    expected = sandbox.secrets.get(client_id)
    if expected is None:
        raise Refusal(700016, "unauthorized_client", **names)
    if assertion:
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            raise Refusal(7000218, "invalid_client")
        _check_assertion(sandbox, request, assertion, client_id)
        return client_id
    if not secret:
        raise Refusal(7000218, "invalid_client")
    if not expected or not secrets.compare_digest(secret.encode(), expected.encode()):
        raise Refusal(7000215, "invalid_client", **names)
    if sandbox.state.settings["secret_expired"]:
        raise Refusal(7000222, "invalid_client", **names)
    return client_id


def _unverified_subject(assertion: str) -> str:
    try:
        return str(jwt.decode(assertion, options={"verify_signature": False}).get("sub", ""))
    except jwt.InvalidTokenError:
        raise Refusal(700027, "invalid_client") from None


def _check_assertion(sandbox: "Sandbox", request: Request, assertion: str, client_id: str) -> None:
    certificate = sandbox.client_certificate
    if certificate is None:
        raise Refusal(700027, "invalid_client")
    public_key = certificate.public_key()
    if not isinstance(public_key, rsa.RSAPublicKey):
        raise Refusal(700027, "invalid_client")
    try:
        header = jwt.get_unverified_header(assertion)
        claims = jwt.decode(
            assertion,
            public_key,
            algorithms=["PS256", "RS256"],
            audience=f"{request.origin}{request.path}",
            issuer=client_id,
            leeway=300,
            options={"require": ["exp", "iss", "sub", "aud", "jti", "nbf"]},
        )
    except jwt.ExpiredSignatureError:
        raise Refusal(700024, "invalid_client") from None
    except jwt.InvalidTokenError:
        raise Refusal(700027, "invalid_client") from None
    thumbprints = {
        "x5t#S256": unpadded(certificate.fingerprint(hashes.SHA256())),
        "x5t": unpadded(certificate.fingerprint(hashes.SHA1())),
    }
    if not any(header.get(name) == value for name, value in thumbprints.items()):
        raise Refusal(700027, "invalid_client")
    if claims["sub"] != client_id:
        raise Refusal(700027, "invalid_client")


def _redeem_code(sandbox: "Sandbox", request: Request, client_id: str) -> Response:
    form = request.form
    if "code" not in form:
        raise Refusal(900144, "invalid_request", parameter="code")
    code = sandbox.codes.get(form["code"])
    now = sandbox.state.now()
    if code is None or code.authorization.client_id != client_id:
        raise Refusal(70000, "invalid_grant")
    if code.used:
        raise Refusal(54005, "invalid_grant")
    if now - code.issued_at > authorize.CODE_SECONDS:
        raise Refusal(70008, "invalid_grant")
    if form.get("redirect_uri") != code.authorization.redirect_uri:
        raise Refusal(50011, "invalid_grant", redirect_uri=form.get("redirect_uri", ""), client_id=client_id)
    _check_verifier(code.authorization, form.get("code_verifier", ""))
    code.used = True
    return _user_tokens(sandbox, code, now=now)


def _check_verifier(authorization: authorize.Authorization, verifier: str) -> None:
    if not authorization.challenge:
        if verifier:
            raise Refusal(501481, "invalid_grant")
        return
    expected = verifier
    if authorization.challenge_method == "S256":
        expected = unpadded(hashlib.sha256(verifier.encode()).digest())
    if not verifier or not secrets.compare_digest(expected, authorization.challenge):
        raise Refusal(501481, "invalid_grant")


def _user_tokens(sandbox: "Sandbox", code: authorize.Code, *, now: float) -> Response:
    user = sandbox.state.users.get(code.oid)
    if user is None:
        raise Refusal(50034, "invalid_grant", account=code.account)
    authorization = code.authorization
    settings = sandbox.state.settings
    configuration = sandbox.configuration
    claims = tokens.claims_for(
        user,
        sandbox.directory.person(code.account),
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
    sandbox.user_tokens[access_token] = UserToken(claims, now + 3600)
    answer: dict = {
        "token_type": "Bearer",
        "scope": " ".join(sorted(authorization.scopes - {"offline_access"})),
        "expires_in": 3599,
        "ext_expires_in": 3599,
        "access_token": access_token,
    }
    tampering = _tampering(sandbox, code.account)
    if "openid" in authorization.scopes:
        answer["id_token"] = tokens.sign(
            dict(claims),
            sandbox.keys,
            tampering=tampering,
            now=now,
            secret=sandbox.secrets[authorization.client_id],
        )
    if tampering is not None:
        if not tampering.id_token:
            answer.pop("id_token", None)
        answer |= tampering.response
    return json_answer(answer, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})


def _tampering(sandbox: "Sandbox", account: str) -> tokens.Tampering | None:
    for tampering in sandbox.tampering:
        if tampering.match.lower() in account:
            use_up(sandbox.tampering, tampering)
            return tampering
    return None


def _app_token(sandbox: "Sandbox", request: Request, client_id: str) -> Response:
    scope = request.form.get("scope", "")
    if not scope.endswith("/.default"):
        raise Refusal(70011, "invalid_scope")
    now = sandbox.state.now()
    lifetime = sandbox.state.settings["app_token_seconds"]
    audience = scope.removesuffix("/.default")
    access_token = jwt.encode(
        {
            "aud": audience,
            "iss": f"https://sts.windows.net/{sandbox.configuration.tenant_id}/",
            "iat": int(now) - tokens.ENTRA_BACKDATES_BY,
            "nbf": int(now) - tokens.ENTRA_BACKDATES_BY,
            "exp": int(now) + lifetime,
            "appid": client_id,
            "idtyp": "app",
            "roles": sandbox.state.settings["permissions"],
            "tid": sandbox.configuration.tenant_id,
            "uti": str(uuid.uuid4()),
            "ver": "1.0",
        },
        sandbox.keys.signer.private,
        algorithm="RS256",
        headers={"kid": sandbox.keys.signer.kid, "x5t": sandbox.keys.signer.kid},
    )
    sandbox.app_tokens[access_token] = AppToken(client_id, now + lifetime)
    return json_answer(
        {
            "token_type": "Bearer",
            "expires_in": lifetime,
            "ext_expires_in": lifetime,
            "access_token": access_token,
        },
        headers={"Cache-Control": "no-store", "Pragma": "no-cache"},
    )


def read_certificate(path: str) -> x509.Certificate | None:
    if not path:
        return None
    with open(path, "rb") as file:
        return x509.load_pem_x509_certificate(file.read())


def userinfo(sandbox: "Sandbox", request: Request) -> Response:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    known = sandbox.user_tokens.get(given)
    if known is None or known.expires_at < sandbox.state.now():
        return errors.graph_error(401, "InvalidAuthenticationToken", "Access token is empty.", now=sandbox.state.now())
    names = ("sub", "name", "email", "preferred_username")
    return json_answer({name: known.claims[name] for name in names if name in known.claims})
