"""When the secret and the certificates expire, with a real TLS server."""

from __future__ import annotations

import contextlib
import datetime as dt
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.utils import timezone

from passport.self_check import expiry
from passport.self_check.findings import Finding, State

DAY = dt.timedelta(days=1)


def in_days(days: int) -> dt.datetime:
    return dt.datetime.combine((timezone.now() + days * DAY).date(), dt.time.max, dt.UTC)


def write_certificate(path: Path, *, ends: dt.datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "passport.example.com")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(ends - 365 * DAY).not_valid_after(ends)
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM) + pem)


@contextlib.contextmanager
def tls_server(certificate: Path) -> Iterator[int]:
    """One that shows its certificate and says no more. Its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with contextlib.suppress(OSError):
                connection, _address = listening.accept()
                with context.wrap_socket(connection, server_side=True) as encrypted:
                    encrypted.recv(1)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.fixture(autouse=True)
def no_secret(settings) -> None:
    settings.ENTRA_CLIENT_SECRET = ""


@pytest.mark.parametrize(
    ("days", "state", "once"),
    [(61, State.WELL, ""), (60, State.PROBLEM, "60"), (31, State.PROBLEM, "60"), (30, State.PROBLEM, "30")]
    + [(15, State.PROBLEM, "30"), (14, State.PROBLEM, "14"), (7, State.PROBLEM, "7"), (2, State.PROBLEM, "7")]
    + [(1, State.PROBLEM, "1"), (0, State.PROBLEM, "1"), (-1, State.PROBLEM, "expired")],
)
def test_secret_is_told_of_at_each_number_of_days(settings, days, state, once):
    day = (timezone.now() + days * DAY).date()
    settings.ENTRA_CLIENT_SECRET, settings.ENTRA_CLIENT_SECRET_EXPIRES = "secret", day.isoformat()

    [finding] = expiry.look()

    assert (finding.state, finding.reason) == (state, "client_secret_expires")
    assert finding.once == (f"{day} {once}" if once else "")
    assert f"{day:%-d %B %Y}" in finding.said


@pytest.mark.parametrize(("value", "state"), [("", State.UNKNOWN), ("soon", State.UNKNOWN)])
def test_secret_without_a_date_is_not_known(settings, value, state):
    settings.ENTRA_CLIENT_SECRET, settings.ENTRA_CLIENT_SECRET_EXPIRES = "secret", value

    assert [finding.state for finding in expiry.look()] == [state]


def test_client_certificate(settings, tmp_path):
    settings.ENTRA_CLIENT_CERTIFICATE = str(tmp_path / "client.pem")
    [unreadable] = expiry.look()
    assert (unreadable.state, unreadable.once) == (State.PROBLEM, "")

    write_certificate(tmp_path / "client.pem", ends=in_days(7))

    [finding] = expiry.look()
    assert (finding.state, finding.reason) == (State.PROBLEM, "client_certificate_expires")
    assert "in 7 days." in finding.said


@pytest.mark.parametrize(
    ("days", "state", "said"),
    [(90, State.WELL, "in 90 days."), (1, State.PROBLEM, ", tomorrow."), (-3, State.PROBLEM, "expired on")],
)
def test_certificate_that_the_address_shows_even_if_no_one_would_trust_it(settings, tmp_path, days, state, said):
    write_certificate(tmp_path / "tls.pem", ends=in_days(days))

    with tls_server(tmp_path / "tls.pem") as port:
        finding = look_at(settings, f"https://127.0.0.1:{port}")

    assert (finding.state, finding.reason) == (state, "tls_certificate_expires")
    assert said in finding.said


def test_address_that_cannot_be_reached_from_here_is_not_known(settings):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]

    assert look_at(settings, f"https://127.0.0.1:{port}").state == State.UNKNOWN


def look_at(settings, base_url: str) -> Finding:
    settings.BASE_URL, settings.HTTPS = base_url, True
    [finding] = expiry.look()
    return finding
