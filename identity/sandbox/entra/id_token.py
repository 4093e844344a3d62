"""ID tokens as Entra makes them, and as it never would (for tests)."""

import hashlib
import json
import uuid
from typing import Any

import jwt

from .. import people
from ..base64url import unpadded
from ..faults import Tampering
from ..signing_keys import KeyRing, make_key
from .login_hint import opaque_hint

MICROSOFT_ACCOUNT_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"
ENTRA_BACKDATES_BY = 300


def claims_for(
    user: dict,
    person: dict,
    *,
    account: str,
    issuer: str,
    tenant_id: str,
    client_id: str,
    nonce: str,
    sid: str,
    scopes: set[str],
    auth_time: float,
    now: float,
    lifetime: int,
    optional_claims: list[str],
) -> dict[str, Any]:
    guest = user["userType"] == "Guest"
    issued_at = int(now) - ENTRA_BACKDATES_BY
    claims: dict[str, Any] = {
        "ver": "2.0",
        "iss": issuer,
        "aud": client_id,
        "tid": tenant_id,
        "sub": stable_id(client_id, tenant_id, user["id"]),
        "iat": issued_at,
        "nbf": issued_at,
        "exp": int(now) + lifetime,
        "uti": stable_id(str(uuid.uuid4()))[:22],
        "rh": "1." + stable_id("rh", user["id"]) + ".",
        "aio": stable_id(str(uuid.uuid4())) * 2,
    }
    if "profile" in scopes:
        claims |= {"oid": user["id"], "name": person["name"], "preferred_username": account}
    if nonce:
        claims["nonce"] = nonce
    if user.get("roles"):
        claims["roles"] = user["roles"]
    email = person["email_claim"] if person["email_claim"] is not None else account
    wanted = {
        "acct": 1 if guest else 0,
        "auth_time": int(auth_time),
        "email": email or None,
        "login_hint": opaque_hint(account),
        "sid": sid,
        "xms_edov": True if email else None,
    }
    claims |= {name: wanted[name] for name in optional_claims if wanted.get(name) is not None}
    if guest and email:
        claims["email"] = email
    if guest:
        claims["idp"] = {
            people.GOOGLE: "google.com",
            people.MICROSOFT: f"https://sts.windows.net/{MICROSOFT_ACCOUNT_TENANT}/",
            people.COMPANY: f"https://sts.windows.net/{people.home_tenant_id(account)}/",
            people.MAILED_CODE: "mail",
        }[person["provider"]]
    return claims


def sign(claims: dict[str, Any], keys: KeyRing, *, tampering: Tampering | None, now: float, secret: str) -> str:
    key = keys.signer
    header: dict[str, Any] = {"typ": "JWT", "alg": "RS256", "kid": key.kid}
    if tampering is None:
        return jwt.encode(claims, key.private, algorithm="RS256", headers=header)
    for name, value in tampering.claims.items():
        claims[name] = int(now) + value["now"] if isinstance(value, dict) and "now" in value else value
    for name in tampering.remove:
        claims.pop(name, None)
    header |= {"alg": tampering.algorithm} | tampering.header
    for name in tampering.remove_header:
        header.pop(name, None)
    signing_input = f"{_encoded(header, tampering.header_twice)}.{_encoded(claims, tampering.twice)}".encode()
    if tampering.algorithm == "none":
        signature = b""
    elif tampering.algorithm == "HS256":
        signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(
            signing_input, secret.encode()
        )
    else:
        private = make_key().private if tampering.signature == "other_key" else key.private
        signature = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256).sign(signing_input, private)
    if tampering.signature == "bad":
        signature = bytes([signature[0] ^ 1]) + signature[1:]
    return f"{signing_input.decode()}.{unpadded(signature)}"


def _encoded(value: dict[str, Any], twice: dict[str, Any]) -> str:
    text = json.dumps(value, separators=(",", ":"))
    if twice:
        text = f"{text[:-1]},{json.dumps(twice)[1:]}"
    return unpadded(text.encode())


def stable_id(*parts: str) -> str:
    """43 characters that are the same for the same parts, as Entra's `sub`."""
    return unpadded(hashlib.sha256("\0".join(parts).encode()).digest())
