"""The web process is killed in the middle of a step: all of it is there or nothing, and it can be done again."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import requests
from django.db import connection, transaction
from django.utils import timezone

from onboarding.models import Draft, Submission
from tests import processes
from tests.journeys import wizard
from tests.person import Person
from tests.waiting import somebody_waits_for_us, wait_for
from vendors.documents import storage as document_storage
from vendors.models import Document, VendorEvent, VendorState

DORA = "dora@mail.example"
SERVE = """
from gunicorn.app.wsgiapp import run
run()
"""


@contextlib.contextmanager
def real_web() -> Iterator[str]:
    """gunicorn as in production, on the database of this test."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = processes.start(SERVE, "passport.wsgi", "--bind", f"127.0.0.1:{port}", start_new_session=True)
    url = f"http://localhost:{port}"
    try:
        wait_for(lambda: is_up(url))
        yield url
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def is_up(url: str) -> bool:
    with contextlib.suppress(requests.ConnectionError, requests.Timeout):
        return requests.get(f"{url}/livez", timeout=10).ok
    return False


def killed_while_writing(table: str, act: Callable[[str], Any]) -> None:
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
        with real_web() as url:
            thread = threading.Thread(target=run, args=(url,))
            thread.start()
            wait_for(somebody_waits_for_us)
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

    killed_while_writing("vendors_vendorevent", upload)

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

    killed_while_writing("vendors_acceptance", send)

    vendor.refresh_from_db()
    assert vendor.state == VendorState.ONBOARDING
    assert not Submission.objects.exists()
    at(dora, passport.url)
    wizard.send(dora)
    assert dora.page.heading_id == "submitted", dora.page
    passport.work()
    assert len(passport.vm_mail(kind="vm-submitted")) == 1
    assert VendorEvent.objects.filter(vendor=vendor, kind="submitted").count() == 1


def stored(media_root: Path) -> list[Path]:
    return [path for path in media_root.rglob("*") if path.is_file()]


def at(person: Person, url: str) -> None:
    """The same browser, with its cookies, at another port of the same host."""
    person.go(f"{url}/onboarding/")
    assert person.page.status == 200, person.page
