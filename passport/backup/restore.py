"""Bringing a backup back: the database in one transaction together with the hold, then the files.

Until the transaction is committed, the database is as it was. From that moment on it knows that it was restored, so
nothing goes out by mistake, whenever this is killed.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psycopg
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from identity import encrypted, outbound
from passport.backup import files, programs, sealed
from passport.backup.make import count_rows
from passport.backup.manifest import Manifest
from passport.backup.programs import Programs
from vendors.answers import key_rotation

EMPTY_IT = """
SET client_min_messages = warning;
DROP SCHEMA public CASCADE;
CREATE SCHEMA public;
"""
# Nobody stays signed in who has signed out since; what a worker was doing is done again; and nothing goes out.
# Cursors of the feed are of a time that this database does not know (vendors/feed/epoch.py).
AFTERWARDS = """
SET LOCAL search_path = public;
UPDATE identity_device SET ended_at = now() WHERE ended_at IS NULL;
DELETE FROM procrastinate_workers;
UPDATE procrastinate_jobs SET status = 'aborted' WHERE status = 'aborting';
UPDATE procrastinate_jobs job SET status = 'todo' WHERE status = 'doing'
    AND (queueing_lock IS NULL OR NOT EXISTS (
        SELECT FROM procrastinate_jobs other WHERE other.queueing_lock = job.queueing_lock AND other.id <> job.id
            AND (other.status = 'todo' OR other.status = 'doing' AND other.id < job.id)));
UPDATE procrastinate_jobs SET status = 'aborted' WHERE status = 'doing';
UPDATE vendors_feedepoch SET database = '';
INSERT INTO identity_installation
    (host, tenant_id, installation_id, claimed_at, claimed_by, reason, restored_from, erasures_expected)
SELECT host, tenant_id, installation_id, GREATEST(claimed_at, now()), {by}, 'restored', {made_at}::timestamptz,
       {erasures}::integer
FROM (SELECT host, tenant_id, installation_id, claimed_at, id FROM identity_installation
      UNION ALL SELECT {host}, {tenant_id}, {installation_id}, '-infinity', 0) whose
ORDER BY claimed_at DESC, id DESC LIMIT 1;
COMMIT;
"""
CHANGED_AFTERWARDS = {"identity_installation", "procrastinate_workers", "procrastinate_events"}


class Refused(Exception):
    """Nothing has been changed."""


class Failed(Exception):
    pass


class KeyMissing(Exception):
    """The rows are there, and nobody can read some of them."""


@dataclass(frozen=True)
class Target:
    """The database that the settings name, as it is now."""

    name: str
    tables: int
    vendors: int
    others: int  # connections


def target() -> Target:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_database(),"
            " (SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')),"
            " to_regclass('public.vendors_vendor') IS NOT NULL,"
            " (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            "  AND pid <> pg_backend_pid() AND backend_type = 'client backend')"
        )
        name, tables, has_vendors, others = cursor.fetchone()
        vendors = 0
        if has_vendors:
            cursor.execute("SELECT count(*) FROM public.vendors_vendor")
            vendors = cursor.fetchone()[0]
    return Target(name, tables, vendors, others)


def check(folder: Path, backup: Manifest, *, private: Collection[Any]) -> Programs:
    """That it is whole and can be restored here. Raise Refused, NotABackup, NoPrograms or CannotDecrypt."""
    if backup.encrypted_for and not private:
        raise Refused("This backup is encrypted. Give the file that holds the private key: --identity FILE.")
    for kind in ("database", "files"):
        part = backup.part(kind)
        path = folder / part.name
        if not path.is_file() or path.stat().st_size != part.size or sealed.digest(path) != part.sha256:
            raise Refused(f"{part.name} is missing or damaged, so this backup cannot be restored. Use another one.")
    _check_version(backup)
    version = programs.server_major()
    if version < backup.postgresql:
        raise Refused(
            f"The backup is from PostgreSQL {backup.postgresql}, but this is {version}. Use {backup.postgresql} or "
            "newer."
        )
    tools = programs.find(at_least=backup.written_by)
    with sealed.reading(folder / backup.part("database").name, private=private) as source:
        listing = tools.run("pg_restore", "--list", stdin=source, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        code = listing.wait()
    if code:
        raise Refused("pg_restore cannot read the dump in this backup. Use another one.")
    return tools


def _check_version(backup: Manifest) -> None:
    known = MigrationLoader(None).disk_migrations
    unknown = [
        f"{app}.{name}" for app, names in backup.migrations.items() for name in names if (app, name) not in known
    ]
    if unknown:
        raise Refused(
            f"The backup is from Passport {backup.version}, with tables that this version does not know "
            f"({unknown[0]}). Install {backup.version} first."
        )


def load_database(
    folder: Path, backup: Manifest, *, tools: Programs, private: Collection[Any], by: str, replace: bool
) -> None:
    """All of it or nothing. Raise Failed."""
    connection.close()
    with tempfile.TemporaryFile() as complaints, tempfile.TemporaryFile() as further:
        # Without details: they would repeat what is in the rows.
        options = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--set=VERBOSITY=sqlstate"]
        psql = tools.run("psql", *options, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=complaints)
        assert psql.stdin is not None
        try:
            with sealed.reading(folder / backup.part("database").name, private=private) as source:
                psql.stdin.write(f"BEGIN;{EMPTY_IT if replace else ''}".encode())
                psql.stdin.flush()
                restore = tools.run("pg_restore", *_OPTIONS, stdin=source, stdout=psql.stdin, stderr=further)
                failed = restore.wait()
            if not failed:
                psql.stdin.write(_afterwards(backup, by=by).encode())
            psql.stdin.close()
        except BrokenPipeError:  # it says why
            failed = 1
        except BaseException:
            psql.kill()
            raise
        finally:
            code = psql.wait()
        if code or failed:
            reason = _first_line(complaints) or _first_line(further) or "it gave no reason"
            raise Failed(f"PostgreSQL refused the backup, and the database is as it was: {reason}")


_OPTIONS = ["--file=-", "--no-owner", "--no-privileges"]


def _afterwards(backup: Manifest, *, by: str) -> str:
    here = outbound.here()
    values = {
        "by": by[:100],
        "made_at": backup.made_at,
        "erasures": backup.erasures,
        "host": here.host,
        "tenant_id": here.tenant_id,
        "installation_id": here.installation_id,
    }
    literals = {name: sql.Literal(value) for name, value in values.items()}
    return sql.SQL(AFTERWARDS).format(**literals).as_string(None)


def _first_line(file: IO[bytes]) -> str:
    file.seek(0)
    return next(iter(file.read().decode(errors="replace").strip().splitlines()), "").strip()


def check_counts(backup: Manifest) -> None:
    """Raise Failed."""
    with psycopg.connect(programs.address(with_password=True)) as raw:
        rows = count_rows(raw)
    for table, count in backup.rows.items():
        if table not in CHANGED_AFTERWARDS and rows.get(table) != count:
            raise Failed(f"The restored table {table} has {rows.get(table, 0)} rows, but the backup has {count}.")


def load_files(
    folder: Path, backup: Manifest, *, private: Collection[Any], step: Callable[[int], None] = lambda size: None
) -> int:
    """Raise Failed or NotABackup."""
    with sealed.reading(folder / backup.part("files").name, private=private) as source:
        count = files.unpack(source, step=step)
    if count != backup.files:
        raise Failed(f"{count} files were restored, but the backup has {backup.files}.")
    return count


def migrate() -> None:
    """If the backup is of an earlier version than this one."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, skip_checks=True, interactive=False)


def analyse() -> None:
    """Without it, PostgreSQL plans as if the tables were empty."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def check_keys(backup: Manifest | None = None) -> None:
    """Raise KeyMissing, naming the keys that the backup's installation had and this one does not."""
    unreadable = {str(column): key_rotation.survey(column).unreadable for column in key_rotation.columns()}
    columns = {name: count for name, count in unreadable.items() if count}
    if not columns:
        return
    missing = [name for name in (backup.field_keys if backup else []) if name not in encrypted.key_names()]
    which = f"Missing from FIELD_ENCRYPTION_KEYS: {', '.join(missing)}" if missing else "A key is missing"
    raise KeyMissing(
        f"{which} (keys are identified by the first eight digits of their SHA-256). {sum(columns.values())} encrypted "
        f"values cannot be read, for example in {next(iter(columns))}. Put the key back at the end of the list, then "
        "run manage.py restore --replay-erasures."
    )
