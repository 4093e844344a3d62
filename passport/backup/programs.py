"""PostgreSQL's own programs, from wherever this machine has them, and how they reach our database."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection
from psycopg.conninfo import make_conninfo

from passport.postgres import server

DEBIAN = Path("/usr/lib/postgresql")
NEEDED = ("pg_dump", "pg_restore", "psql")


class NoPrograms(Exception):
    """Nothing here can read or write that version."""

    def __init__(self, major: int) -> None:
        super().__init__(
            f"This machine does not have pg_dump, pg_restore and psql from PostgreSQL {major} or newer. Install "
            f"the package postgresql-client-{major}, or set PG_BIN to the folder that has them."
        )


@dataclass(frozen=True)
class Programs:
    folder: Path
    major: int

    def run(self, name: str, *arguments: str, **options: Any) -> subprocess.Popen:
        """Told where the database is. The password is not on the command line, where others could read it."""
        database = [] if name == "pg_restore" else [f"--dbname={address()}", "--no-password"]
        return subprocess.Popen([str(self.folder / name), *arguments, *database], env=_environment(), **options)


def find(*, at_least: int) -> Programs:
    """Of what there is, the oldest that will do: newer ones write what an older server does not understand."""
    found: dict[int, Path] = {}
    for folder in _folders():
        major = _major(folder)
        if major is not None and major >= at_least:
            found.setdefault(major, folder)
    if not found:
        raise NoPrograms(at_least)
    return Programs(found[min(found)], min(found))


def server_major() -> int:
    connection.ensure_connection()
    return int(connection.pg_version) // 10_000  # type: ignore[attr-defined]  # of PostgreSQL's wrapper


def address(*, with_password: bool = False) -> str:
    known = {option.keyword.decode() for option in psycopg.pq.Conninfo.get_defaults()}
    given = {name: value for name, value in connection.get_connection_params().items() if name in known}
    if not with_password:
        given.pop("password", None)
    return make_conninfo(**given)


def _environment() -> dict[str, str]:
    password = str(connection.settings_dict["PASSWORD"] or "")
    return os.environ | {"LC_ALL": "C"} | ({"PGPASSWORD": password} if password else {})


def _folders() -> Iterator[Path]:
    if chosen := os.environ.get("PG_BIN"):
        yield Path(chosen)
        return
    program = shutil.which("pg_dump")
    # What Debian puts there chooses another one by the port, and not by the version.
    if program and not Path(program).resolve().is_relative_to("/usr/share/postgresql-common"):
        yield Path(program).parent
    yield from sorted(DEBIAN.glob("*/bin"))
    try:
        yield Path(server.binary("pg_dump")).parent
    except psycopg.OperationalError:  # only where DATABASE_URL may be `embedded`
        return


def _major(folder: Path) -> int | None:
    if not all((folder / name).exists() for name in NEEDED):
        return None
    answer = subprocess.run([str(folder / "pg_dump"), "--version"], capture_output=True, text=True).stdout
    version = re.search(r"\(PostgreSQL\) (\d+)", answer)
    return int(version[1]) if version else None
