"""`manage.py backup`: whole or not at all, private, without keys, and old ones go."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import resource
import signal
import stat
import subprocess
from io import StringIO
from pathlib import Path

import pyrage
import pytest
from django.conf import settings as django_settings
from django.core.checks import run_checks
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from identity.jobs import heartbeat
from passport.backup import make, manifest, programs
from passport.version import VERSION
from tests.factories import create_vendor
from tests.processes import start_command
from tests.waiting import wait_for
from vendors.models import Document

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def directory(tmp_path) -> Path:
    return tmp_path / "backups"


def back_up(directory: Path, *arguments: str) -> dict:
    out = StringIO()
    call_command("backup", str(directory), "--json", *arguments, stdout=out)
    return json.loads(out.getvalue())


def store(name: str, content: bytes) -> None:
    default_storage.save(name, ContentFile(content))


def create_document(**fields) -> Document:
    document = Document(vendor=create_vendor(), kind="cv", slot="cv", name="My CV.pdf", size=3, **fields)
    document.file.name = f"documents/{document.pk.hex[:2]}/{document.pk.hex}"
    document.save()
    return document


def test_backup_is_private_and_says_what_is_in_it(directory):
    create_vendor(primary_email="dora@mail.example", name="Dora")
    document = create_document()
    store(document.file.name, b"abc")
    create_document()  # its file is lost

    answer = back_up(directory)

    folder = Path(answer["path"])
    assert [path.name for path in manifest.complete(directory)] == [folder.name]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = {path.name: path for path in folder.iterdir()}
    assert sorted(files) == ["database.dump", "files.tar", "manifest.json"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files.values()} == {0o600}
    made = json.loads(files["manifest.json"].read_text())
    assert made == answer["manifest"]
    assert (made["version"], made["files"], made["file_bytes"], made["documents_without_file"]) == (VERSION, 1, 3, 1)
    assert made["installation"]["tenant_id"] == django_settings.ENTRA_TENANT_ID
    assert made["migrations"]["vendors"]
    assert made["rows"]["vendors_vendor"] == 3
    for part in made["parts"]:
        assert part["sha256"] == hashlib.sha256(files[part["name"]].read_bytes()).hexdigest()
    assert "dora" not in files["manifest.json"].read_text().lower()
    assert heartbeat.last("backup")


def test_no_key_and_no_session_is_in_it(directory, client, vera, tmp_path):
    client.force_login(vera)
    key = client.session.session_key
    everything = b"".join(path.read_bytes() for path in Path(back_up(directory)["path"]).iterdir())
    dump = next(directory.glob("*/database.dump"))
    script = subprocess.run([pg_bin() / "pg_restore", "--file=-", dump], capture_output=True, check=True).stdout

    assert b"identity_session" in script
    for secret in (key, django_settings.SECRET_KEY, *django_settings.FIELD_ENCRYPTION_KEYS):
        assert secret.encode() not in everything + script


def pg_bin() -> Path:
    return programs.find(at_least=programs.server_major()).folder


def test_encrypted_for_a_public_key_only_its_private_key_opens_it(directory, settings, tmp_path):
    private = pyrage.x25519.Identity.generate()
    settings.BACKUP_RECIPIENT = [str(private.to_public())]
    create_vendor(name="Dora Unmistakable")
    store("documents/ab/one", b"curriculum of Dora" * 1000)

    folder = Path(back_up(directory)["path"])

    assert sorted(path.name for path in folder.iterdir()) == ["database.dump.age", "files.tar.age", "manifest.json"]
    for name, words in (("database.dump.age", b"PGDMP"), ("files.tar.age", b"curriculum of Dora")):
        kept = (folder / name).read_bytes()
        assert words not in kept
        assert words in pyrage.decrypt(kept, [private])


def test_wrong_public_key_is_refused_before_anything_is_written(directory, settings):
    settings.BACKUP_RECIPIENT = ["age1nonsense"]

    with pytest.raises(CommandError, match="BACKUP_RECIPIENT must be"):
        back_up(directory)
    assert not directory.exists()


@pytest.mark.processes
def test_interrupted_leaves_nothing_that_looks_like_a_backup(tmp_path, media_root):
    pipe = media_root / "documents" / "ab" / "slow"  # whoever reads it waits
    pipe.parent.mkdir(parents=True)
    os.mkfifo(pipe)
    asked, killed = tmp_path / "asked", tmp_path / "killed"

    runs = {directory: start_command("backup", directory, stderr=subprocess.DEVNULL) for directory in (asked, killed)}
    try:
        for directory, run in runs.items():
            wait_for(lambda at=directory, run=run: list(at.glob(".passport-*/files.tar")) or run.poll() is not None)
        runs[asked].send_signal(signal.SIGTERM)
        runs[asked].wait(timeout=60)
    finally:
        for run in runs.values():
            run.kill()
    assert 0 not in [run.wait(timeout=60) for run in runs.values()]

    assert manifest.complete(asked) == manifest.complete(killed) == []
    assert [bool(list(directory.glob(".passport-*"))) for directory in (asked, killed)] == [False, True]
    assert heartbeat.last("backup") is None
    pipe.unlink()
    back_up(killed)
    assert list(killed.glob(".passport-*")) == []
    assert len(manifest.complete(killed)) == 1


def test_second_run_at_the_same_time_is_refused(directory):
    directory.mkdir()
    with make._alone(directory), pytest.raises(CommandError, match="already running"):
        back_up(directory)


def old_backup(directory: Path, days: int) -> Path:
    made_at = dt.datetime.now(dt.UTC) - dt.timedelta(days=days)
    folder = directory / manifest.name_of(made_at)
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text("{}")
    return folder


def test_old_ones_go_and_nothing_else(directory):
    oldest, old, young = (old_backup(directory, days) for days in (400, 36, 34))
    (directory / "passport-notes").mkdir()
    unfinished = directory / manifest.name_of(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    unfinished.mkdir()

    answer = back_up(directory)

    assert answer["removed"] == [str(oldest), str(old)]
    left = {path.name for path in directory.iterdir() if path.name != ".lock"}
    assert left == {young.name, "passport-notes", unfinished.name, Path(answer["path"]).name}


def test_newest_stays_however_old_it_is(directory):
    old_backup(directory, 500)
    newest = old_backup(directory, 400)

    make.remove_old(directory, keep=dt.timedelta(days=35), now=dt.datetime.now(dt.UTC))

    assert manifest.complete(directory) == [newest]


def test_machine_without_the_programs_says_what_to_install(directory, monkeypatch, tmp_path):
    monkeypatch.setenv("PG_BIN", str(tmp_path))

    with pytest.raises(CommandError, match=r"not have pg_dump, .* Install the package postgresql-client-\d+"):
        back_up(directory)


def test_full_disk_leaves_nothing(directory):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    try:
        with pytest.raises(CommandError, match="The backup cannot be written: File too large"):
            back_up(directory)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert [path.name for path in directory.iterdir()] == [".lock"]


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"BACKUP_RECIPIENT": ["AGE-SECRET-KEY-1"]}, "passport.E027"),
        ({"ERASURES_FILE": "erasures"}, "passport.E028"),
        ({"ERASURES_FILE": "/srv/media/erasures", "MEDIA_ROOT": Path("/srv/media")}, "passport.E028"),
        ({"ERASURES_FILE": "/no/such/folder/erasures"}, "passport.W012"),
        ({"ERASURES_FILE": "/tmp/erasures"}, None),
    ],
)
def test_check_finds_wrong_settings(settings, changed, complaint):
    for name, value in changed.items():
        setattr(settings, name, value)

    assert [found.id for found in run_checks() if found.id[-4:] in ("E027", "E028", "W012")] == (
        [complaint] if complaint else []
    )
