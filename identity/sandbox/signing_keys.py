import base64
import datetime
import json
import os
from dataclasses import dataclass
from pathlib import Path

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from .base64url import unpadded


@dataclass(frozen=True)
class SigningKey:
    private: rsa.RSAPrivateKey
    certificate: x509.Certificate

    @property
    def kid(self) -> str:
        return unpadded(self.certificate.fingerprint(hashes.SHA1()))

    def public_jwk(self, *, host: str) -> dict:
        numbers = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.private.public_key()))
        der = self.certificate.public_bytes(serialization.Encoding.DER)
        return {
            "kty": "RSA",
            "use": "sig",
            "kid": self.kid,
            "x5t": self.kid,
            "n": numbers["n"],
            "e": numbers["e"],
            "x5c": [base64.b64encode(der).decode()],
            "cloud_instance_name": "microsoftonline.com",
            "issuer": f"{host}/{{tenantid}}/v2.0",
        }

    def pem(self) -> bytes:
        return self.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ) + self.certificate.public_bytes(serialization.Encoding.PEM)


class KeyRing:
    """The tenant's signing keys; the first one signs, the others are published as well."""

    def __init__(self, directory: Path):
        self._file = directory / "signing-keys.pem"
        if self._file.exists():
            self.keys = _read(self._file.read_bytes())
        else:
            self.keys = [make_key(), make_key()]
            self._write()

    @property
    def signer(self) -> SigningKey:
        return self.keys[0]

    def roll(self, *, keep_old: bool) -> None:
        self.keys = [make_key(), self.signer] if keep_old else [make_key(), make_key()]
        self._write()

    def _write(self) -> None:
        scratch = self._file.with_suffix(".new")
        with open(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(b"".join(key.pem() for key in self.keys))
        scratch.replace(self._file)


def make_key() -> SigningKey:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sandbox tenant signing key")])
    today = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=3650))
        .sign(private, hashes.SHA256())
    )
    return SigningKey(private, certificate)


def _read(pem: bytes) -> list[SigningKey]:
    end = b"-----END CERTIFICATE-----\n"
    return [_read_one(part + end) for part in pem.split(end) if part.strip()]


def _read_one(pem: bytes) -> SigningKey:
    private = serialization.load_pem_private_key(pem, None)
    if not isinstance(private, rsa.RSAPrivateKey):
        raise TypeError("the signing keys are not RSA keys")
    return SigningKey(private, x509.load_pem_x509_certificate(pem[pem.index(b"-----BEGIN CERTIFICATE") :]))
