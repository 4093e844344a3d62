"""An application that signs in with its certificate, and one that has Graph to itself."""

import os
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from tests.sandbox_fixture import running_sandbox

from ..application import app_token


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "passport")])
    now = datetime.now(UTC)
    public = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(private, hashes.SHA256())
    )
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + public.public_bytes(serialization.Encoding.PEM)
    file = tmp_path_factory.mktemp("certificate") / "client.pem"
    file.write_bytes(pem)
    return file, private, public


@pytest.fixture(scope="module")
def certified(certificate):
    with running_sandbox(ENTRA_CLIENT_CERTIFICATE=str(certificate[0]), ENTRA_CLIENT_SECRET="") as running:
        yield running


def assertion(certified, certificate, *, key=None, algorithm="PS256", thumbprint=None, **changes):
    _, private, public = certificate
    now = datetime.now(UTC)
    claims = {
        "aud": certified.endpoint("token"),
        "iss": certified.client_id,
        "sub": certified.client_id,
        "jti": os.urandom(8).hex(),
        "nbf": now,
        "exp": now + timedelta(minutes=5),
    } | changes
    digest = jwt.utils.base64url_encode(public.fingerprint(hashes.SHA256())).decode()
    return jwt.encode(claims, key or private, algorithm=algorithm, headers={"x5t#S256": thumbprint or digest})


def certified_token(certified, signed):
    return app_token(
        certified,
        client_secret=None,
        client_assertion_type="urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        client_assertion=signed,
    )


def test_certificate_signs_the_application_in(certified, certificate):
    assert certified_token(certified, assertion(certified, certificate)).status_code == 200
    assert certified_token(certified, assertion(certified, certificate, algorithm="RS256")).status_code == 200


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"aud": "https://elsewhere.example/token"}, 700027),
        ({"iss": "another"}, 700027),
        ({"exp": datetime(2020, 1, 1, tzinfo=UTC)}, 700024),
        ({"thumbprint": "unknown"}, 700027),
        ({"key": rsa.generate_private_key(public_exponent=65537, key_size=2048)}, 700027),
    ],
)
def test_wrong_assertions_are_refused(certified, certificate, changes, number):
    answer = certified_token(certified, assertion(certified, certificate, **changes))

    assert (answer.status_code, answer.json()["error"], answer.json()["error_codes"]) == (
        401,
        "invalid_client",
        [number],
    )


def test_separate_graph_application():
    with running_sandbox(GRAPH_CLIENT_ID="graph-app", GRAPH_CLIENT_SECRET="graph-secret") as running:
        answer = app_token(
            running, client_id="graph-app", client_secret="graph-secret", scope=f"{running.url}/.default"
        )

        assert answer.status_code == 200
