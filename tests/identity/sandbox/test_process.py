"""The process itself: what survives a restart, how it is started, who may talk to it."""

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import jwt
import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from tests.person import Person
from tests.sandbox_fixture import ROOT, running_sandbox

from .conftest import Application


def test_guests_mails_sessions_and_keys_survive_a_restart(tmp_path, visited):
    state = str(tmp_path)
    with running_sandbox(state_directory=state, BASE_URL=visited.base_url) as before:
        app = Application(before, base_url=visited.base_url)
        oid = app.invite("sandbox-ana@gmail.com").json()["invitedUser"]["id"]
        vendor = Person("sandbox-ana@gmail.com", before)
        vendor.accept_invitation()
        port = before.port
    with running_sandbox(state_directory=state, port=port, BASE_URL=visited.base_url) as after:
        app = Application(after, base_url=visited.base_url)

        assert after.guest("sandbox-ana@gmail.com")["id"] == oid
        assert len(after.mails("sandbox-ana@gmail.com")) == 1
        assert app.claims_of(vendor, prompt="none")["oid"] == oid

    keys = tmp_path / "signing-keys.pem"
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "tenant.json").stat().st_mode) == 0o600


def test_state_is_written_soon_enough_to_survive_a_kill(tmp_path, visited):
    with running_sandbox(state_directory=str(tmp_path), BASE_URL=visited.base_url) as before:
        Application(before, base_url=visited.base_url).invite("sandbox-ana@gmail.com")
        time.sleep(1)
        before.process.send_signal(signal.SIGKILL)
        before.process.wait()
    with running_sandbox(state_directory=str(tmp_path)) as after:
        assert after.guest("sandbox-ana@gmail.com")


def test_staff_keep_their_object_ids_over_a_reset(sandbox, app, person):
    before = app.claims_of(person("vera.vm@sandberg.example"))["oid"]
    sandbox.reset()
    sandbox.register(app.callback.removesuffix("/auth/complete/entra/"))

    assert app.claims_of(person("vera.vm@sandberg.example"))["oid"] == before


def test_missing_settings_are_named(tmp_path):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ENTRA_")}
    ended = subprocess.run(
        [sys.executable, "-m", "identity.sandbox", "--state", str(tmp_path)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert ended.returncode == 2
    assert "ENTRA_" in ended.stderr
    assert "make run" in ended.stderr


def test_taken_port_is_one_line(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ended = subprocess.run(
            [sys.executable, "-m", "identity.sandbox", "--port", str(taken.getsockname()[1]), "--state", str(tmp_path)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=30,
        )

    assert ended.returncode == 1
    assert ended.stderr.startswith("The sandbox tenant cannot start:")
    assert "Traceback" not in ended.stderr


def test_listens_on_loopback_only(sandbox):
    # A server that listens on every address answers here as well.
    for port in (sandbox.port, sandbox.smtp_port):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", port), timeout=2)


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


def app_token(certified, signed):
    return requests.post(
        certified.endpoint("token"),
        data={
            "grant_type": "client_credentials",
            "client_id": certified.client_id,
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": signed,
            "scope": "https://graph.microsoft.com/.default",
        },
        timeout=10,
    )


def test_certificate_signs_the_application_in(certified, certificate):
    assert app_token(certified, assertion(certified, certificate)).status_code == 200
    assert app_token(certified, assertion(certified, certificate, algorithm="RS256")).status_code == 200


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
    answer = app_token(certified, assertion(certified, certificate, **changes))

    assert (answer.status_code, answer.json()["error"], answer.json()["error_codes"]) == (
        401,
        "invalid_client",
        [number],
    )


def test_separate_graph_application():
    with running_sandbox(GRAPH_CLIENT_ID="graph-app", GRAPH_CLIENT_SECRET="graph-secret") as running:
        answer = requests.post(
            running.endpoint("token"),
            data={
                "grant_type": "client_credentials",
                "client_id": "graph-app",
                "client_secret": "graph-secret",
                "scope": f"{running.url}/.default",
            },
            timeout=10,
        )

        assert answer.status_code == 200
