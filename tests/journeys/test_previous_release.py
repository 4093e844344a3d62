"""“Migrate, then restart”: for a while the release before runs on the tables of this one, and all of it works."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.db import connection

from identity.models import EntraAccount
from tests.journeys import desk, wizard
from tests.journeys.test_killed_web import is_up
from tests.passport_fixture import Passport
from tests.processes import PROJECT
from tests.waiting import wait_for
from vendors.models import Vendor, VendorState

pytestmark = pytest.mark.processes

DORA, ANA = "dora@mail.example", "sandbox-ana@gmail.com"
# Below the heading of each release that is out.
COMMIT = re.compile(r"^Commit: `([0-9a-f]{7,40})`$", re.MULTILINE)


def release_before() -> str:
    """The newest one that is out; while none is, what is checked out."""
    named = COMMIT.search((PROJECT / "CHANGELOG.md").read_text())
    return named[1] if named else "HEAD"


def git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=PROJECT, check=True, capture_output=True).stdout


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    if shutil.which("git") is None or not (PROJECT / ".git").exists():
        pytest.skip("without a git repository there is no release before")
    archive, folder = tmp_path / "release.tar", tmp_path / "release"
    archive.write_bytes(git("archive", release_before()))
    with tarfile.open(archive) as files:
        files.extractall(folder, filter="data")
    return folder


@contextlib.contextmanager
def running(folder: Path, passport: Passport, media: Path) -> Iterator[Passport]:
    """Web and worker as in production, on the database of this test."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://localhost:{port}"
    database = connection.settings_dict
    where = {"host": database["HOST"], "port": database["PORT"], "password": database["PASSWORD"]}
    where = urlencode({name: value for name, value in where.items() if value})
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "passport.settings",
        "DATABASE_URL": f"postgres://{database['USER']}@/{database['NAME']}?{where}",
        "BASE_URL": url,
        "MEDIA_ROOT": str(media),
        "ENTRA_AUTHORITY": passport.tenant.url,
        "GRAPH_URL": passport.tenant.url,
        "EMAIL_URL": f"smtp://127.0.0.1:{passport.tenant.smtp_port}",
    }
    passport.tenant.register(url)

    def start(*arguments: str) -> subprocess.Popen:
        command = [sys.executable, *arguments]
        return subprocess.Popen(command, cwd=folder, env=environment, start_new_session=True)

    assert start("manage.py", "collectstatic", "--no-input", "--verbosity", "0").wait() == 0
    processes = [start("-m", "gunicorn", "passport.wsgi", "--bind", f"127.0.0.1:{port}"), start("manage.py", "worker")]
    try:
        wait_for(lambda: is_up(url))
        yield Passport(url, passport.tenant)
    finally:
        for process in processes:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def test_release_before_goes_the_whole_way_on_these_tables(passport, checkout, media_root):
    with running(checkout, passport, media_root) as before:
        vera = before.staff()
        desk.add_vendor(vera, name="Dora Dimitrova", address=DORA)
        before.tenant.wait_for_mail(DORA, kind="invitation", timeout=60)
        dora = before.person(DORA)
        dora.accept_invitation()
        dora.submit("signin")
        dora.authenticate()
        dora.submit("stay", button=("stay", "yes"))
        wizard.fill_in_all(dora)
        wizard.send(dora)
        vendor = Vendor.objects.get()
        desk.decide(vera, vendor, "approve")
        before.tenant.wait_for_mail(DORA, kind="approved", timeout=60)
        desk.change_email(vera, vendor, new=ANA, how_known="called", mode="planned")
        vera.submit(button="_confirm")
        before.tenant.wait_for_mail(ANA, kind="invitation", timeout=60)
        ana = before.person(ANA)
        ana.accept_invitation()
        ana.submit("signin")
        ana.authenticate()
        ana.submit("stay", button=("stay", "no"))

        assert ana.page.path == "/profile/", ana.page
        assert "Dora Dimitrova" in ana.page.text or "Łucja Nowak-Åberg" in ana.page.text
    vendor.refresh_from_db()
    assert (vendor.state, vendor.primary_email) == (VendorState.APPROVED, ANA)
    [live] = EntraAccount.objects.live().filter(user=vendor.user)
    assert live.address == ANA
