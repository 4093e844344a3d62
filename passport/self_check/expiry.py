"""When the secret and the certificates expire: told with 60, 30, 14, 7 and 1 days left and once it has, each once."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

from cryptography import x509
from django.conf import settings
from django.utils import timezone

from identity.microsoft import credentials
from passport.self_check.findings import Finding, State

TOLD_AT = (1, 7, 14, 30, 60)  # days left
SECONDS_TO_CONNECT = 10
SECRET, CLIENT_CERTIFICATE, TLS = "client_secret_expires", "client_certificate_expires", "tls_certificate_expires"


def look() -> Iterator[Finding]:
    yield from _secret()
    yield from _client_certificate()
    yield from _tls_certificate()


def _secret() -> Iterator[Finding]:
    if not settings.ENTRA_CLIENT_SECRET:
        return
    try:
        day = dt.date.fromisoformat(settings.ENTRA_CLIENT_SECRET_EXPIRES)
    except ValueError:
        said = "ENTRA_CLIENT_SECRET_EXPIRES does not give a date, so Passport cannot warn you."
        yield Finding("client secret", said, State.UNKNOWN, SECRET)
        return
    yield _finding("client secret", SECRET, dt.datetime.combine(day, dt.time.max, dt.UTC))


def _client_certificate() -> Iterator[Finding]:
    if not settings.ENTRA_CLIENT_CERTIFICATE:
        return
    try:
        certificate = credentials.read_certificate(settings.ENTRA_CLIENT_CERTIFICATE)
    except (OSError, ValueError) as error:
        said = f"ENTRA_CLIENT_CERTIFICATE cannot be read ({type(error).__name__})."
        yield Finding("client certificate", said, State.PROBLEM, CLIENT_CERTIFICATE)
        return
    yield _finding("client certificate", CLIENT_CERTIFICATE, certificate.not_valid_after_utc)


def _tls_certificate() -> Iterator[Finding]:
    if not settings.HTTPS:
        return
    parts = urlsplit(settings.BASE_URL)
    try:
        certificate = certificate_of(parts.hostname or "", parts.port or 443)
    except (OSError, ValueError) as error:  # ssl's errors are OSErrors
        said = f"This machine cannot reach its own address to look at the certificate ({type(error).__name__})."
        yield Finding("TLS certificate", said, State.UNKNOWN, TLS)
        return
    yield _finding("TLS certificate", TLS, certificate.not_valid_after_utc)


def certificate_of(host: str, port: int) -> x509.Certificate:
    """The one that the server shows, also if it has expired: nothing is sent, so nothing has to be trusted."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection((host, port), timeout=SECONDS_TO_CONNECT) as connection,
        context.wrap_socket(connection, server_hostname=host) as encrypted,
    ):
        shown = encrypted.getpeercert(binary_form=True)
    if shown is None:
        raise ValueError("no certificate")
    return x509.load_der_x509_certificate(shown)


def _finding(what: str, reason: str, ends: dt.datetime) -> Finding:
    now = timezone.now()
    left = (ends.date() - now.date()).days
    day = f"{ends:%-d %B %Y}"
    if ends < now:
        return Finding(what, f"The {what} expired on {day}.", State.PROBLEM, reason, once=f"{ends:%Y-%m-%d} expired")
    when = {0: "today", 1: "tomorrow"}.get(left, f"in {left} days")
    said = f"The {what} expires on {day}, {when}."
    milestone = next((days for days in TOLD_AT if left <= days), None)
    if milestone is None:
        return Finding(what, said, State.WELL, reason)
    return Finding(what, said, State.PROBLEM, reason, once=f"{ends:%Y-%m-%d} {milestone}")
