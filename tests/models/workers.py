"""Two real workers on the database of the test, to be stopped and started: `manage.py worker`, twice.

They are forked by a process that has loaded Passport already, because loading it takes longer than an example may.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

from django.db import connection

from tests.passport_fixture import Passport
from tests.processes import PROJECT
from tests.waiting import wait_for

NURSERY = """
import os, sys, django
from django.core.management import call_command
django.setup()
from identity.jobs.worker import app
app.perform_import_paths()
print("ready", flush=True)
for line in sys.stdin:
    word, _, pid = line.strip().partition(" ")
    if word == "wait":
        print(os.waitpid(int(pid), 0)[1], flush=True)
        continue
    child = os.fork()
    if child:
        print(child, flush=True)
        continue
    code = 1
    try:
        sys.stdin.close()
        sys.stdout = sys.stderr = open(os.devnull, "w")
        call_command("worker")
        code = 0
    finally:
        os._exit(code)
"""

DUE = """
SELECT EXISTS (
    SELECT 1 FROM procrastinate_jobs
    WHERE status = 'doing' OR (status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now()))
)
"""


class Workers:
    """How many of them run; at most two."""

    def __init__(self, nursery: subprocess.Popen) -> None:
        self._nursery = nursery
        self._running: list[int] = []

    @property
    def number(self) -> int:
        return len(self._running)

    def start(self) -> None:
        before = _registered()
        self._running.append(int(self._ask("start")))
        wait_for(lambda: _registered() > before)

    def stop(self) -> None:
        """As an administrator does: what is under way is finished first."""
        pid = self._running.pop()
        os.kill(pid, signal.SIGTERM)
        assert self._ask(f"wait {pid}") == "0", "a worker that was asked to stop did not end well"

    def wait_until_idle(self) -> None:
        assert self._running
        wait_for(lambda: not _is_true(DUE))

    def kill_all(self) -> None:
        for pid in self._running:
            os.kill(pid, signal.SIGKILL)
        self._running.clear()

    def _ask(self, line: str) -> str:
        self._nursery.stdin.write(f"{line}\n")
        self._nursery.stdin.flush()
        return self._nursery.stdout.readline().strip()


def _is_true(sql: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def _registered() -> int:
    """The highest number that a worker has got. A worker waits for jobs from then on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM procrastinate_workers")
        return cursor.fetchone()[0]


def cut_every_connection() -> None:
    """But the one that asks."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@contextmanager
def workers(passport: Passport) -> Iterator[Workers]:
    database = connection.settings_dict
    where = {"host": database["HOST"], "port": database["PORT"], "password": database["PASSWORD"]}
    where = urlencode({name: value for name, value in where.items() if value})
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "passport.settings",
        "DATABASE_URL": f"postgres://{database['USER']}@/{database['NAME']}?{where}",
        "BASE_URL": passport.url,
        "ENTRA_AUTHORITY": passport.tenant.url,
        "GRAPH_URL": passport.tenant.url,
        "EMAIL_URL": f"smtp://127.0.0.1:{passport.tenant.smtp_port}",
    }
    nursery = subprocess.Popen(
        [sys.executable, "-c", NURSERY],
        cwd=PROJECT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert nursery.stdout.readline().strip() == "ready"
    both = Workers(nursery)
    try:
        yield both
    finally:
        both.kill_all()
        nursery.kill()
        nursery.wait()
