"""`manage.py worker` as a process of its own, on the database of the test."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.db import connection

from tests.passport_fixture import Passport

ROOT = Path(__file__).resolve().parent.parent


@contextlib.contextmanager
def real_worker(passport: Passport) -> Iterator[subprocess.Popen]:
    database = connection.settings_dict
    where = {"host": database["HOST"], "port": database["PORT"], "password": database["PASSWORD"]}
    where = urlencode({name: value for name, value in where.items() if value})
    url = f"postgres://{database['USER']}@/{database['NAME']}?{where}"
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "passport.settings",
        "DATABASE_URL": url,
        "BASE_URL": passport.url,
        "ENTRA_AUTHORITY": passport.tenant.url,
        "GRAPH_URL": passport.tenant.url,
        "EMAIL_URL": f"smtp://127.0.0.1:{passport.tenant.smtp_port}",
    }
    process = subprocess.Popen(
        [sys.executable, "manage.py", "worker"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_for(what: Callable[[], Any], *, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def kill(worker: subprocess.Popen) -> None:
    """kill -9, and as if the half minute had passed after which a worker without heartbeat counts as dead."""
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
