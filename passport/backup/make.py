"""Making a backup: the database first and then the files, so that no row of it is without its file."""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import IO, Any

import psycopg
from django.db import connection as ours
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from identity import encrypted, outbound
from identity.jobs import heartbeat
from passport.backup import files, manifest, programs, sealed
from passport.backup.manifest import Manifest
from passport.backup.programs import Programs
from passport.backup.sealed import Part
from passport.version import VERSION
from vendors import erasure_list
from vendors.documents import storage as documents

UNFINISHED = ".unfinished"
# Whoever has a session's key is that person, so no backup holds one. After a restore, everyone signs in again.
WITHOUT_ROWS = ("identity_session", "django_session")
DUMP = ["--format=custom", "--no-owner", "--no-privileges"]
DUMP += [f"--exclude-table-data=public.{table}" for table in WITHOUT_ROWS]


class AnotherIsRunning(Exception):
    pass


class Failed(Exception):
    """What was written is not good, and is gone."""


Step = Callable[[int], None]


def make(directory: Path, *, keys: Collection[str], step: Step = lambda size: None) -> tuple[Path, Manifest]:
    """Raise AnotherIsRunning, NoKey, NoPrograms, Failed or OSError; then nothing is left."""
    sealed.recipients(keys)
    version = programs.server_major()
    tools = programs.find(at_least=version)
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(directory):
        _remove_unfinished(directory)
        made_at = _free_time(directory)
        folder = directory / manifest.name_of(made_at)
        unfinished = directory / f".{folder.name}{UNFINISHED}"
        unfinished.mkdir(mode=0o700)
        try:
            made = _write(unfinished, made_at, version=version, tools=tools, keys=keys, step=step)
            _verify(unfinished, made.parts)
            manifest.write(made, unfinished)
            _sync(unfinished)
            unfinished.rename(folder)
            _sync(directory)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
    heartbeat.beat("backup")
    return folder, made


def remove_old(directory: Path, *, keep: dt.timedelta, now: dt.datetime) -> list[Path]:
    """Never the newest, however old it is."""
    removed = []
    for folder in manifest.complete(directory)[:-1]:
        made_at = manifest.time_in(folder.name)
        if made_at is not None and made_at < now - keep:
            # Out of sight first: half of a backup must not look like one.
            hidden = folder.rename(directory / f".{folder.name}{UNFINISHED}")
            shutil.rmtree(hidden)
            removed.append(folder)
    return removed


def _write(
    folder: Path, made_at: dt.datetime, *, version: int, tools: Programs, keys: Collection[str], step: Step
) -> Manifest:
    suffix = ".age" if keys else ""
    with _snapshot() as (snapshot, rows):
        made = Manifest(
            made_at=made_at.isoformat(),
            version=VERSION,
            installation=_installation(),
            migrations=_migrations(),
            postgresql=version,
            written_by=tools.major,
            field_keys=encrypted.key_names(),
            encrypted_for=list(keys),
            erasures=erasure_list.count(),
            rows=rows,
        )
        with sealed.writing(folder / f"database.dump{suffix}", keys=keys) as (sink, part):
            tables = _dump(tools, sink, snapshot=snapshot, step=step)
        made.parts.append(part)
    if tables != len(rows):
        raise Failed(f"The dump has {tables} tables, but the database has {len(rows)}.")
    expected = documents.count_documents()
    with sealed.writing(folder / f"files.tar{suffix}", keys=keys) as (sink, part):
        packed = files.pack(sink, step=step)
    made.parts.append(part)
    made.files, made.file_bytes = packed.files, packed.size
    made.documents_without_file = max(0, expected - packed.of_documents)
    return made


@contextlib.contextmanager
def _snapshot() -> Iterator[tuple[str, dict[str, int]]]:
    """The database as it is at one moment, for pg_dump as well; and how many rows each table has then."""
    with psycopg.connect(programs.address(with_password=True)) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert row is not None
        yield row[0], count_rows(connection)


def count_rows(connection: psycopg.Connection) -> dict[str, int]:
    names = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY 1"
    ).fetchall()
    counts = {}
    for (name,) in names:
        question = sql.SQL("SELECT count(*) FROM public.{}").format(sql.Identifier(name))
        row = connection.execute(question).fetchone()
        counts[name] = 0 if name in WITHOUT_ROWS or row is None else row[0]
    return counts


def _dump(tools: Programs, sink: Any, *, snapshot: str, step: Step) -> int:
    """How many tables are in it: pg_restore lists the contents of what goes by. Raise Failed."""
    with tempfile.TemporaryFile() as complaints, tempfile.TemporaryFile() as listed:
        dump = tools.run("pg_dump", *DUMP, f"--snapshot={snapshot}", stdout=subprocess.PIPE, stderr=complaints)
        listing = tools.run("pg_restore", "--list", stdin=subprocess.PIPE, stdout=listed, stderr=subprocess.DEVNULL)
        try:
            _copy(dump.stdout, sink, listing.stdin, step=step)
            code, list_code = dump.wait(), listing.wait()
        finally:
            for process in (dump, listing):
                process.kill()
                process.wait()
        if code:
            raise Failed(f"pg_dump failed: {_last_line(complaints)}")
        if list_code:
            raise Failed("pg_restore cannot read what pg_dump wrote.")
        listed.seek(0)
        return sum(b" TABLE public " in line for line in listed)


def _copy(source: IO[bytes] | None, sink: Any, listing: IO[bytes] | None, *, step: Step) -> None:
    """pg_restore has enough once it has seen the table of contents."""
    assert source is not None
    assert listing is not None
    listens = True
    while data := source.read(sealed.AT_A_TIME):
        sink.write(data)
        step(len(data))
        if listens:
            try:
                listing.write(data)
            except BrokenPipeError:
                listens = False
    with contextlib.suppress(BrokenPipeError):
        listing.close()


def _last_line(file: IO[bytes]) -> str:
    file.seek(0)
    lines = file.read().decode(errors="replace").strip().splitlines()
    return lines[-1].strip() if lines else "it gave no reason"


def _verify(folder: Path, parts: list[Part]) -> None:
    for part in parts:
        if (folder / part.name).stat().st_size != part.size or sealed.digest(folder / part.name) != part.sha256:
            raise Failed(f"{part.name} on the disk differs from what was written. Check the disk.")


def _installation() -> dict[str, str]:
    whose = outbound.owner() or outbound.here()
    return {"host": whose.host, "tenant_id": whose.tenant_id, "installation_id": whose.installation_id}


def _migrations() -> dict[str, list[str]]:
    applied: dict[str, list[str]] = {}
    for app, name in sorted(MigrationLoader(ours).applied_migrations):
        applied.setdefault(app, []).append(name)
    return applied


@contextlib.contextmanager
def _alone(directory: Path) -> Iterator[None]:
    with open(os.open(directory / ".lock", os.O_WRONLY | os.O_CREAT, 0o600), "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AnotherIsRunning(f"Another backup to {directory} is already running.") from error
        yield


def _remove_unfinished(directory: Path) -> None:
    """What a killed run left. Nobody is at it: we are alone."""
    for path in directory.glob(f".passport-*{UNFINISHED}"):
        shutil.rmtree(path)


def _free_time(directory: Path) -> dt.datetime:
    """Names go by the second."""
    while True:
        now = dt.datetime.now(dt.UTC).replace(microsecond=0)
        if not (directory / manifest.name_of(now)).exists():
            return now
        time.sleep(0.1)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
