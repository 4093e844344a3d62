"""Which application asks for a token, shown by its secret or by an assertion signed with its certificate."""

import base64
import secrets
from urllib.parse import unquote

import jwt
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa

from ..base64url import unpadded
from ..entra_errors import Refusal
from ..tenant import Tenant
from ..web import Request

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def authenticated_client(tenant: Tenant, request: Request) -> str:
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
    names = {"client_id": client_id, "organisation": tenant.configuration.organisation}
    if not client_id:
        raise Refusal(900144, parameter="client_id")
    expected = tenant.application.secrets.get(client_id)
    if expected is None:
        raise Refusal(700016, "unauthorized_client", **names)
    if assertion:
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            raise Refusal(7000218, "invalid_client")
        _check_assertion(tenant, request, assertion, client_id)
        return client_id
    if not secret:
        raise Refusal(7000218, "invalid_client")
    if not expected or not secrets.compare_digest(secret.encode(), expected.encode()):
        raise Refusal(7000215, "invalid_client", **names)
    if tenant.state.settings["secret_expired"]:
        raise Refusal(7000222, "invalid_client", **names)
    return client_id


def _unverified_subject(assertion: str) -> str:
    try:
        return str(jwt.decode(assertion, options={"verify_signature": False}).get("sub", ""))
    except jwt.InvalidTokenError:
        raise Refusal(700027, "invalid_client") from None


def _check_assertion(tenant: Tenant, request: Request, assertion: str, client_id: str) -> None:
    certificate = tenant.application.client_certificate
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
