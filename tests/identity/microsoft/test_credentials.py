"""A certificate instead of a client secret: who we are is proven by a signature, and no secret leaves Passport."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from django.core.management import call_command

from identity.failures import reasons
from identity.microsoft import graph
from identity.models import Failure, Invitation, Session
from identity.sign_in.oidc import KEYS
from tests.passport_fixture import Passport
from tests.sandbox_fixture import Sandbox, running_sandbox

CHEN = "chen@agency.example"
ENDS = dt.datetime(2099, 5, 31, tzinfo=dt.UTC)


def make_certificate(path: Path, *, ends: dt.datetime = ENDS, password: bytes = b"") -> Path:
    """One PEM file with the certificate and its key, as ENTRA_CLIENT_CERTIFICATE wants it."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Passport")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(ends)
        .sign(key, hashes.SHA256())
    )
    encryption = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
    path.write_bytes(pem + certificate.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("certificate") / "passport.pem")


@pytest.fixture(scope="module")
def tenant(certificate) -> Iterator[Sandbox]:
    """A tenant where the app has this certificate and no secret."""
    with running_sandbox(ENTRA_CLIENT_CERTIFICATE=str(certificate), ENTRA_CLIENT_SECRET="") as running:
        yield running


@pytest.fixture
def with_certificate(passport, tenant, certificate, settings) -> Passport:
    settings.ENTRA_AUTHORITY = settings.GRAPH_URL = tenant.url
    settings.EMAIL_PORT = tenant.smtp_port
    settings.ENTRA_CLIENT_CERTIFICATE = str(certificate)
    settings.ENTRA_CLIENT_SECRET = settings.SOCIAL_AUTH_ENTRA_SECRET = settings.GRAPH_CLIENT_SECRET = ""
    tenant.reset()
    tenant.register(passport.url)
    KEYS.clear()
    graph.forget_token()
    yield Passport(passport.url, tenant)
    KEYS.clear()
    graph.forget_token()


def test_invited_and_signed_in_with_a_certificate(with_certificate):
    with_certificate.invited(CHEN)
    assert Invitation.objects.get().state == Invitation.State.SENT

    with_certificate.signed_in(CHEN)

    assert Session.objects.filter(user__isnull=False).exists()
    assert not Failure.objects.exists()


def test_certificate_that_the_tenant_does_not_know(with_certificate, settings, tmp_path):
    with_certificate.invited(CHEN)
    good = settings.ENTRA_CLIENT_CERTIFICATE
    settings.ENTRA_CLIENT_CERTIFICATE = str(make_certificate(tmp_path / "other.pem"))
    person = with_certificate.person(CHEN)
    person.go(f"{with_certificate.url}/sign-in/")
    person.submit("signin")
    person.authenticate()

    [failure] = Failure.objects.all()
    assert failure.reason == "client_secret_wrong"
    assert reasons.get(failure.reason).audience == reasons.OPERATIONS
    assert person.page.path == f"/sign-in/problem/{failure.reference}/"
    graph.forget_token()
    with pytest.raises(graph.CredentialRefused):
        graph.app_token()

    settings.ENTRA_CLIENT_CERTIFICATE = good
    with_certificate.signed_in(CHEN)


@pytest.mark.parametrize("broken", ["missing", "nonsense", "key with a password"])
def test_file_that_is_no_use(with_certificate, settings, tmp_path, broken):
    """Operations know, and the person sees our page and not an error of ours."""
    path = tmp_path / "broken.pem"
    if broken == "nonsense":
        path.write_text("-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n")
    elif broken == "key with a password":
        make_certificate(path, password=b"a password")
    with_certificate.invited(CHEN)
    settings.ENTRA_CLIENT_CERTIFICATE = str(path)
    person = with_certificate.person(CHEN)
    person.go(f"{with_certificate.url}/sign-in/")
    person.submit("signin")
    person.authenticate()

    [failure] = Failure.objects.all()
    assert failure.reason == "microsoft_misconfigured"
    assert person.page.path == f"/sign-in/problem/{failure.reference}/"
    graph.forget_token()
    with pytest.raises(graph.CredentialRefused):
        graph.app_token()
    assert "passport.E006" in check()


def check() -> str:
    said = StringIO()
    try:
        call_command("check", stdout=said, stderr=said)
    except BaseException as error:
        said.write(str(error))
    return said.getvalue()


def check_entra() -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("check_entra", stdout=out, stderr=StringIO())
    except SystemExit as stop:
        return int(stop.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_checks_say_which_credential_and_until_when(with_certificate, settings, tmp_path):
    code, said = check_entra()
    assert code == 0, said
    assert "certificate, valid until 2099-05-31" in said
    assert "passport.W002" not in check()

    soon = dt.datetime.now(dt.UTC) + dt.timedelta(days=10)
    settings.ENTRA_CLIENT_CERTIFICATE = str(make_certificate(tmp_path / "soon.pem", ends=soon))
    said = check()
    assert "passport.W002" in said
    assert f"{soon:%Y-%m-%d}" in said
    code, said = check_entra()
    assert code == 1
    assert f"MISSING Credential: certificate, valid until {soon:%Y-%m-%d} →" in said


@pytest.mark.django_db
def test_check_finds_a_key_that_belongs_to_another_certificate(settings, certificate, tmp_path):
    other = make_certificate(tmp_path / "other.pem").read_bytes()
    mixed = tmp_path / "mixed.pem"
    end = b"-----END PRIVATE KEY-----\n"
    mixed.write_bytes(certificate.read_bytes().partition(end)[0] + end + other.partition(end)[2])
    settings.ENTRA_CLIENT_CERTIFICATE = str(mixed)

    assert "passport.E006" in check()


def test_check_entra_names_a_file_that_cannot_be_read(with_certificate, settings, tmp_path):
    settings.ENTRA_CLIENT_CERTIFICATE = str(tmp_path / "missing.pem")

    code, said = check_entra()

    assert code == 1
    [line] = [line for line in said.splitlines() if line.startswith("MISSING Credential")]
    assert "ENTRA_CLIENT_CERTIFICATE" in line
