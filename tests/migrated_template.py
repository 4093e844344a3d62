"""An empty database with all tables, which PostgreSQL copies in a moment; migrating anew takes each worker of each run
longer than a hundred tests."""

from __future__ import annotations

import fcntl
import hashlib
from pathlib import Path

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "migrated_"


def migrated_template(directory: Path) -> str:
    """The name of the template for the migrations as they are, made if it is not there yet.

    `directory` belongs to the server; a lock in it lets one worker migrate while the others wait.
    """
    name = PREFIX + _fingerprint()
    with (directory / "template").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with connection._nodb_cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{PREFIX}%"])
            existing = {row[0] for row in cursor.fetchall()}
            if name in existing:
                return name
            for old in existing:
                cursor.execute(f'DROP DATABASE IF EXISTS "{old}"')
        unfinished = f"{name}_unfinished"
        _migrate(unfinished)
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{name}"')
    return name


def _migrate(name: str) -> None:
    test, real = connection.settings_dict["TEST"], connection.settings_dict["NAME"]
    named = test["NAME"]
    test["NAME"] = name
    try:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    finally:
        connection.close()
        test["NAME"] = named
        settings.DATABASES[connection.alias]["NAME"] = connection.settings_dict["NAME"] = real


def _fingerprint() -> str:
    """Of all that makes tables: our migrations, and by their versions those of the libraries."""
    digest = hashlib.sha256((ROOT / "requirements.txt").read_bytes())
    for path in sorted(ROOT.glob("*/migrations/*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]
