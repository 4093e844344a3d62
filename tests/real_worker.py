"""`manage.py worker` as a process of its own, on the database of the test."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlencode

from django.db import connection

from tests.passport_fixture import Passport
from tests.processes import PROJECT


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
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def kill(worker: subprocess.Popen) -> None:
    """kill -9, and as if the half minute had passed after which a worker without heartbeat counts as dead."""
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
