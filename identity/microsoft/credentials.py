"""The certificate by which Passport proves who it is where no client secret is set."""

from __future__ import annotations

import base64
import time
import uuid
from functools import lru_cache
from pathlib import Path
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from social_core.exceptions import AuthConfigurationError


def read_certificate(path: str) -> x509.Certificate:
    """Raise OSError or ValueError."""
    return x509.load_pem_x509_certificate(Path(path).read_bytes())


def client_assertion(client_id: str, certificate: str, audience: str) -> dict[str, str]:
    """Prove who we are with a certificate instead of a secret. `certificate` is a PEM file that has its key as well."""
    if not certificate:
        raise AuthConfigurationError(code="missing_setting", parameter="SECRET", stage="token_exchange")
    try:
        key, thumbprint = _key_and_thumbprint(certificate)
    except (OSError, ValueError, TypeError) as error:  # TypeError: the key has a password
        raise AuthConfigurationError(code="invalid_setting", parameter="CERTIFICATE", stage="token_exchange") from error
    now = int(time.time())
    assertion = jwt.encode(
        {
            "aud": audience,
            "iss": client_id,
            "sub": client_id,
            "jti": str(uuid.uuid4()),
            "nbf": now - 30,
            "iat": now,
            "exp": now + 300,
        },
        key,
        algorithm="PS256",
        headers={"x5t#S256": thumbprint},
    )
    return {
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion,
    }


@lru_cache(maxsize=2)
def _key_and_thumbprint(path: str) -> tuple[Any, str]:
    pem = Path(path).read_bytes()
    thumbprint = x509.load_pem_x509_certificate(pem).fingerprint(hashes.SHA256())
    return load_pem_private_key(pem, password=None), base64.urlsafe_b64encode(thumbprint).rstrip(b"=").decode()
