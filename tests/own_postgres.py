"""A PostgreSQL of the test's own, to be stopped and started by its own tools while Passport's processes use it."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg

from passport.postgres import PORT, USER, server
from tests.passport_fixture import Passport
from tests.processes import PROJECT


class OwnPostgres:
    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.sockets = Path("/tmp") / f"passport-test-{os.getpid()}"  # the path of a socket is limited to 107 bytes
        self.sockets.mkdir(mode=0o700)
        self.account = server._account(directory)
        server._create(directory / "data", account=self.account)

    @property
    def url(self) -> str:
        return f"postgres://{USER}@/{USER}?{urlencode({'host': self.sockets, 'port': PORT})}"

    def control(self, *arguments: str) -> None:
        """pg_ctl start, stop or restart."""
        options = f"-c listen_addresses='' -p {PORT} -k {self.sockets}"
        log = self.directory / "server.log"
        command = ["pg_ctl", *arguments, "--wait", f"--pgdata={self.directory / 'data'}"]
        if arguments[0] != "stop":
            command += [f"--options={options}", f"--log={log}"]
        subprocess.run(
            [*self.account, server.binary(command[0]), *command[1:]], check=True, stdout=subprocess.DEVNULL, cwd="/"
        )

    def ask(self, sql: str, *parameters: Any) -> list[tuple]:
        with psycopg.connect(host=str(self.sockets), port=PORT, user=USER, dbname=USER, autocommit=True) as connection:
            answer = connection.execute(sql, parameters or None)
            return answer.fetchall() if answer.description else []

    def cut_every_connection(self) -> int:
        return len(
            self.ask(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )

    def close(self) -> None:
        with contextlib.suppress(subprocess.CalledProcessError):
            self.control("stop", "--mode=immediate")
        shutil.rmtree(self.sockets)


@contextlib.contextmanager
def own_postgres(directory: Path) -> Iterator[OwnPostgres]:
    running = OwnPostgres(directory)
    try:
        running.control("start")
        yield running
    finally:
        running.close()


def start_command(postgres: OwnPostgres, passport: Passport, *arguments: object, **options: Any) -> subprocess.Popen:
    """A management command on that server, with the sandbox tenant of the test."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "passport.settings",
        "DATABASE_URL": postgres.url,
        "BASE_URL": passport.url,
        "ENTRA_AUTHORITY": passport.tenant.url,
        "GRAPH_URL": passport.tenant.url,
        "EMAIL_URL": f"smtp://127.0.0.1:{passport.tenant.smtp_port}",
    }
    return subprocess.Popen(
        [sys.executable, "manage.py", *map(str, arguments)], cwd=PROJECT, env=environment, text=True, **options
    )
