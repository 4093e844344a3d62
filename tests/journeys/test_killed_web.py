"""The web process is killed in the middle of a step: all of it is there or nothing, and it can be done again."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import requests
from django.db import connection, transaction
from django.utils import timezone

from onboarding.models import Draft, Submission
from tests.journeys import wizard
from tests.person import Person
from vendors.documents import storage as document_storage
from vendors.models import Document, VendorEvent, VendorState

ROOT = Path(__file__).resolve().parents[2]
DORA = "dora@mail.example"
SERVE = """
import sys
from tests import settings
settings.DATABASES["default"]["NAME"] = sys.argv.pop(1)
settings.MEDIA_ROOT = sys.argv.pop(1)
from gunicorn.app.wsgiapp import run
run()
"""


@contextlib.contextmanager
def real_web(media_root: Path) -> Iterator[str]:
    """gunicorn as in production, on the database of this test."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    arguments = [connection.settings_dict["NAME"], str(media_root), "passport.wsgi", "--bind", f"127.0.0.1:{port}"]
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, *arguments],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
        start_new_session=True,
    )
    url = f"http://localhost:{port}"
    try:
        wait_for(lambda: is_up(url), seconds=60)
        yield url
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def is_up(url: str) -> bool:
    with contextlib.suppress(requests.ConnectionError, requests.Timeout):
        return requests.get(f"{url}/livez", timeout=10).ok
    return False


def wait_for(what: Callable[[], Any], *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def is_waiting_for(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted AND relation = %s::regclass", [table])
        return cursor.fetchone() is not None


def killed_while_writing(table: str, media_root: Path, act: Callable[[str], Any]) -> None:
    """Let somebody act, hold them up at this table, and kill the web process while it waits."""
    broken: list[BaseException] = []

    def run(url: str) -> None:
        try:
            act(url)
        except requests.ConnectionError as error:
            broken.append(error)

    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
        with real_web(media_root) as url:
            thread = threading.Thread(target=run, args=(url,))
            thread.start()
            wait_for(lambda: is_waiting_for(table))
        thread.join()
    assert broken, "the process answered before it was killed"


def test_nothing_is_lost_and_nothing_done_by_half(passport, media_root: Path):
    vendor = passport.invited(DORA)
    dora = passport.signed_in(DORA)
    for step in ["about", "contact"]:
        wizard.fill_in(dora, step)
    before = Draft.objects.values("answers", "revisions").get()

    def upload(url: str) -> None:
        at(dora, url)
        wizard.fill_in(dora, "qualifications")

    killed_while_writing("vendors_vendorevent", media_root, upload)

    assert Draft.objects.values("answers", "revisions").get() == before
    assert not Document.objects.exists()
    assert len(stored(media_root)) == 1, "the file was written before the process was killed"
    assert document_storage.sweep(now=timezone.now() + dt.timedelta(days=2)) == 1
    assert stored(media_root) == []
    at(dora, passport.url)
    wizard.fill_in_all(dora)

    def send(url: str) -> None:
        at(dora, url)
        wizard.send(dora)

    killed_while_writing("vendors_acceptance", media_root, send)

    vendor.refresh_from_db()
    assert vendor.state == VendorState.ONBOARDING
    assert not Submission.objects.exists()
    at(dora, passport.url)
    wizard.send(dora)
    assert "Thank you. Now it is our turn" in dora.page.headings, dora.page
    passport.work()
    assert len(passport.vm_mail("is waiting for review")) == 1
    assert VendorEvent.objects.filter(vendor=vendor, kind="submitted").count() == 1


def stored(media_root: Path) -> list[Path]:
    return [path for path in media_root.rglob("*") if path.is_file()]


def at(person: Person, url: str) -> None:
    """The same browser, with its cookies, at another port of the same host."""
    person.go(f"{url}/onboarding/")
    assert person.page.status == 200, person.page
