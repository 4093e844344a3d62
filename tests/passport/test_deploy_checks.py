"""What `manage.py check --deploy` sees of the machine, and what /readyz says of the folders."""

from __future__ import annotations

import datetime as dt
import os
import socket
import tempfile
from collections.abc import Callable

import pytest
from django.core.checks import CheckMessage, run_checks
from django.utils import timezone

from passport import files
from tests.passport.self_check.test_expiry import write_certificate

DAY = dt.timedelta(days=1)


def said(identifier: str) -> list[CheckMessage]:
    return [message for message in run_checks(include_deployment_checks=True) if message.id == identifier]


@pytest.fixture(autouse=True)
def no_mail_server(settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def test_folder_that_is_missing_or_no_folder(settings, tmp_path, client):
    settings.OWN_MEDIA_ROOT = tmp_path / "own"
    settings.MEDIA_ROOT = tmp_path / "volume"
    assert [message.msg for message in said("passport.E025")] == ["MEDIA_ROOT is missing."]

    settings.MEDIA_ROOT.write_text("")
    assert [message.msg for message in said("passport.E025")] == ["MEDIA_ROOT is not a folder."]

    settings.MEDIA_ROOT.unlink()
    settings.MEDIA_ROOT.mkdir()
    assert said("passport.E025") == []


def test_folder_that_passport_may_not_write_to(settings):
    with tempfile.TemporaryDirectory(dir="/tmp") as settings.MEDIA_ROOT:
        os.chmod(settings.MEDIA_ROOT, 0o555)

        assert by_an_ordinary_account(files.problem) == "MEDIA_ROOT is not writable."


def by_an_ordinary_account(function: Callable[[], str]) -> str:
    """Root may write everywhere."""
    if os.geteuid():
        return function()
    reading, writing = os.pipe()
    if child := os.fork():
        os.close(writing)
        with open(reading) as answer:
            said = answer.read()
        os.waitpid(child, 0)
        return said
    os.setresuid(54321, 54321, 54321)
    os.write(writing, function().encode())
    os._exit(0)


def test_passports_own_folder_is_created(settings, media_root):
    assert not media_root.exists()

    assert said("passport.E025") == []
    assert media_root.stat().st_mode & 0o777 == 0o700


@pytest.mark.django_db(transaction=True)
def test_not_ready_without_the_folder(settings, tmp_path, client):
    settings.MEDIA_ROOT = tmp_path / "volume"
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["reason"]) == (503, "MEDIA_ROOT is missing.")

    settings.MEDIA_ROOT.mkdir()
    assert client.get("/readyz").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_not_ready_before_collectstatic(settings, tmp_path, client):
    """Nothing could be shown, not even the page that says that something is wrong."""
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": files.WITH_MANIFEST}}
    settings.STATIC_ROOT = tmp_path
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["reason"]) == (503, "The static files are missing or not readable.")

    (tmp_path / "staticfiles.json").touch()
    assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize(("proxy", "https", "expected"), [(False, True, 1), (True, True, 0), (False, False, 0)])
def test_https_without_a_trusted_proxy(settings, proxy, https, expected):
    settings.TRUSTED_PROXY, settings.HTTPS = proxy, https

    assert len(said("passport.W010")) == expected


@pytest.mark.parametrize(("mode", "expected"), [(0o600, 0), (0o640, 0), (0o644, 1), (0o602, 1)])
def test_env_file_that_others_can_read(settings, tmp_path, mode, expected):
    settings.BASE_DIR = tmp_path
    (tmp_path / ".env").touch()
    (tmp_path / ".env").chmod(mode)

    assert len(said("passport.E026")) == expected


def test_mail_server_that_cannot_be_reached(settings):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        settings.EMAIL_PORT = gone.getsockname()[1]
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1"

    [message] = said("passport.W011")

    assert message.msg == "The mail server cannot be used (ConnectionRefusedError)."


def test_mail_server_that_answers(settings, sandbox):
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1"
    settings.EMAIL_PORT = sandbox.smtp_port

    assert said("passport.W011") == []


@pytest.mark.parametrize(
    ("days", "expected"),
    [(40, set()), (20, {"passport.W001"}), (0, {"passport.W001"}), (-1, {"passport.W001", "passport.E022"})],
)
def test_secret_that_has_expired_is_an_error(settings, days, expected):
    settings.ENTRA_CLIENT_SECRET_EXPIRES = (timezone.now() + days * DAY).date().isoformat()

    assert {each for each in ("passport.W001", "passport.E022") if said(each)} == expected


@pytest.mark.parametrize(
    ("days", "expected"), [(40, set()), (20, {"passport.W002"}), (-1, {"passport.W002", "passport.E023"})]
)
def test_certificate_that_has_expired_is_an_error(settings, tmp_path, days, expected):
    write_certificate(tmp_path / "client.pem", ends=timezone.now() + days * DAY)
    settings.ENTRA_CLIENT_CERTIFICATE = str(tmp_path / "client.pem")

    assert {each for each in ("passport.W002", "passport.E023") if said(each)} == expected


@pytest.mark.parametrize("url", ["hc-ping.com/secret-id", "ftp://hc-ping.com/secret-id", "https:///secret-id"])
def test_heartbeat_url_that_is_none_is_refused_without_being_shown(settings, url):
    settings.HEARTBEAT_URL = url

    [message] = said("passport.E024")

    assert "secret-id" not in str(message)
