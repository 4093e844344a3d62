"""`manage.py restore`: refuses what would do harm, holds what goes out, and erases again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pyrage
import pytest
from cryptography.fernet import Fernet
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from identity import outbound
from identity.jobs import heartbeat
from identity.models import Device, Installation, Session
from passport.backup import restore as restoring
from tests.elsewhere import Elsewhere, elsewhere
from tests.factories import create_vendor
from tests.passport.test_backup import back_up
from tests.s3_fixture import new_bucket
from vendors import lifecycle
from vendors.feed import epoch
from vendors.models import FeedEpoch, PaymentDetails, Vendor, VendorState
from vendors.privacy import erasure

pytestmark = [pytest.mark.django_db(transaction=True)]

WHY = "asked for it"


@pytest.fixture
def other(tmp_path, settings) -> Iterator[Elsewhere]:
    with elsewhere(tmp_path, settings) as somewhere:
        yield somewhere


@pytest.fixture
def listed(tmp_path, settings) -> Path:
    settings.ERASURES_FILE = str(tmp_path / "erasures")
    Path(settings.ERASURES_FILE).touch()
    return Path(settings.ERASURES_FILE)


def made(tmp_path: Path) -> Path:
    return Path(back_up(tmp_path / "backups")["path"])


def restore(*arguments: object) -> str:
    out = StringIO()
    call_command("restore", *map(str, arguments), stdout=out)
    return out.getvalue()


def refused(*arguments: object) -> str:
    with pytest.raises(CommandError) as refusal:
        restore(*arguments)
    assert refusal.value.returncode == 1
    return str(refusal.value)


def release() -> None:
    call_command("outbound", "release", "--reason", "drill", stdout=StringIO())


def erase(vendor: Vendor) -> None:
    lifecycle.erase(vendor, reason=WHY)
    erasure.finish(vendor)


def test_everything_is_there_and_on_hold(other, listed, tmp_path):
    vendor = create_vendor(state=VendorState.APPROVED, primary_email="dora@mail.example")
    PaymentDetails.objects.create(vendor=vendor, method="iban", masked="…", details={"iban": "DE1"})
    device = Device.objects.create(id_hash="d", account=vendor.user.accounts.get(), interactive_at=timezone.now())
    default_storage.save("documents/ab/one", ContentFile(b"abc"))
    feed_epoch = epoch.current_epoch()
    backup = made(tmp_path)

    with other.there():
        said = restore(backup)

        assert FeedEpoch.objects.get().database == ""
        assert epoch.current_epoch() != feed_epoch, "no cursor from before counts"

        assert "1 vendors, 1 files. Outgoing traffic is on hold." in said
        assert Vendor.objects.get().primary_email == "dora@mail.example"
        assert PaymentDetails.objects.get().details == {"iban": "DE1"}
        assert default_storage.open("documents/ab/one").read() == b"abc"
        assert "restored from the backup of" in outbound.reason()
        assert not Session.objects.exists()
        assert Device.objects.get(pk=device.pk).ended_at, "nobody is signed in who may have signed out since"
        assert create_vendor().pk > vendor.pk
        release()
        assert not outbound.is_held()
    assert not outbound.is_held(), "the first one is as it was"
    assert heartbeat.last("backup")


def test_encrypted_backup_needs_its_private_key(other, listed, tmp_path, settings):
    private, another = (pyrage.x25519.Identity.generate() for _ in range(2))
    settings.BACKUP_RECIPIENT = [str(private.to_public())]
    create_vendor()
    default_storage.save("documents/ab/one", ContentFile(b"abc" * 100_000))
    backup = made(tmp_path)
    right, wrong, empty = (tmp_path / name for name in ("right", "wrong", "empty"))
    right.write_text(f"# created: today\n{private}\n")
    wrong.write_text(str(another))
    empty.write_text("nonsense")

    with other.there():
        assert "--identity" in refused(backup)
        assert "cannot be decrypted with that key" in refused(backup, "--identity", wrong)
        assert "is not a file with an age private key" in refused(backup, "--identity", empty)
        assert restoring.target().tables == 0
        restore(backup, "--identity", right)

        assert Vendor.objects.count() == 1
        assert default_storage.size("documents/ab/one") == 300_000


def test_files_may_be_in_s3_before_and_in_another_bucket_afterwards(other, listed, tmp_path, s3, settings):
    default_storage.save("documents/ab/one", ContentFile(b"abc" * 1000))
    default_storage.save("documents/cd/two", ContentFile(b"def"))
    backup = made(tmp_path)
    bucket = new_bucket(s3.server, settings)

    with other.there():
        assert "2 files" in restore(backup)

        assert bucket.keys() == ["passport/documents/ab/one", "passport/documents/cd/two"]
        assert default_storage.open("documents/ab/one").read() == b"abc" * 1000


# What is refused


def test_damaged_backup_is_refused(other, listed, tmp_path):
    backup = made(tmp_path)
    files = backup / "files.tar"
    content = bytearray(files.read_bytes())
    content[5] ^= 1
    files.write_bytes(content)

    with other.there():
        assert "files.tar is missing or damaged" in refused(backup)
        (backup / "manifest.json").write_text("{")
        assert "is damaged" in refused(backup)
        (backup / "manifest.json").unlink()
        assert "is not a complete backup" in refused(backup)
        assert restoring.target().tables == 0


def test_folder_of_several_says_which_there_are(other, tmp_path):
    backup = made(tmp_path)

    with other.there():
        assert f"holds 1 backups. Choose one of them; the newest is {backup}." in refused(backup.parent)


def test_backup_of_a_newer_version_is_refused(other, listed, tmp_path):
    backup = made(tmp_path)
    changed = json.loads((backup / "manifest.json").read_text())
    changed["version"] = "9.9.9"
    changed["migrations"]["vendors"].append("0099_from_the_future")
    (backup / "manifest.json").write_text(json.dumps(changed))

    with other.there():
        assert "Install 9.9.9 first" in refused(backup)


def test_database_that_is_not_empty_must_be_named_and_confirmed(other, listed, tmp_path, monkeypatch):
    create_vendor(primary_email="dora@mail.example")
    backup = made(tmp_path)
    with other.there():
        restore(backup)
        Vendor.objects.update(primary_email="changed@mail.example")

        assert f"add --replace {other.name}" in refused(backup)
        assert "not empty" in refused(backup, "--replace", "another", "--yes")
        monkeypatch.setattr("builtins.input", lambda: "yes")
        assert refused(backup, "--replace", other.name) == "Nothing was changed."
        with monkeypatch.context() as broken:
            broken.setattr(restoring, "AFTERWARDS", "SELECT 1 / 0; COMMIT;")
            said = refused(backup, "--replace", other.name, "--yes")
            assert "the database is as it was: ERROR:  22012" in said
        assert Vendor.objects.get().primary_email == "changed@mail.example"

        monkeypatch.setattr("builtins.input", lambda: other.name)
        restore(backup, "--replace", other.name)
        assert Vendor.objects.get().primary_email == "dora@mail.example"
        assert Installation.objects.filter(restored_from__isnull=False).count() == 1


def test_refused_while_somebody_is_connected(other, tmp_path):
    backup = made(tmp_path)

    with other.there():
        second = connection.copy()
        second.ensure_connection()
        try:
            assert "1 other connections are using the database" in refused(backup)
        finally:
            second.close()


def test_missing_key_is_named_and_the_rest_is_done_once_it_is_back(other, listed, tmp_path, settings):
    vendor = create_vendor(state=VendorState.APPROVED)
    PaymentDetails.objects.create(vendor=vendor, method="iban", masked="…", details={"iban": "DE1"})
    backup = made(tmp_path)
    name = json.loads((backup / "manifest.json").read_text())["field_keys"][0]
    theirs = settings.FIELD_ENCRYPTION_KEYS
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

    with other.there():
        said = refused(backup)
        assert f"Missing from FIELD_ENCRYPTION_KEYS: {name}" in said
        assert outbound.is_held()
        with pytest.raises(CommandError, match="have not been erased again"):
            release()

        settings.FIELD_ENCRYPTION_KEYS += theirs
        restore("--replay-erasures")
        release()


# Erasing again


def test_erased_since_are_erased_again_and_those_not_in_it_are_named(other, listed, tmp_path):
    before, since, stays = (create_vendor(primary_email=f"{name}@mail.example") for name in ("a", "b", "c"))
    erase(before)
    backup = made(tmp_path)
    erase(since)
    newer = create_vendor()
    erase(newer)

    with other.there():
        said = restore(backup)

        assert f"Erased again: 1. Already erased in the backup: 1. Not in this backup, so skipped: {newer.pk}." in said
        states = dict(Vendor.objects.values_list("pk", "state"))
        assert states == {before.pk: "erased", since.pk: "erased", stays.pk: stays.state}
        assert "b@mail.example" not in Vendor.objects.get(pk=since.pk).primary_email
        event = Vendor.objects.get(pk=since.pk).events.get(kind="erased")
        assert (event.via, event.reason[:10]) == ("restore", "Erased on ")
        again = create_vendor()
        assert again.pk == newer.pk, "numbers are given out again"
        restore("--replay-erasures")
        again.refresh_from_db()
        assert again.state != "erased", "it is another vendor with the same number"
    assert len(listed.read_text().splitlines()) == 3


def test_nothing_goes_out_until_the_list_has_been_worked_through(other, listed, tmp_path, settings):
    vendor = create_vendor()
    erase(create_vendor())
    backup = made(tmp_path)
    erase(vendor)
    whole = listed.read_text()
    again = "run manage.py restore --replay-erasures"
    settings.ERASURES_FILE = ""

    with other.there():
        assert again in refused(backup)
        settings.ERASURES_FILE = str(listed)
        for content, says in [
            (None, "There is no file at ERASURES_FILE"),
            ("", "lists 0 erasures, but there were 1 when the backup was made"),
            (whole + "{", "Line 3 of ERASURES_FILE"),
        ]:
            if content is None:
                listed.unlink()
            else:
                listed.write_text(content)
            told = refused("--replay-erasures")
            assert says in told
            assert again in told
            with pytest.raises(CommandError, match=r"Run manage\.py restore --replay-erasures first"):
                release()
        assert outbound.is_held()

        listed.write_text(whole)
        assert "Erased again: 1." in restore("--replay-erasures")
        release()
        assert "not restored from a backup" in refused("--replay-erasures")


def test_job_that_was_under_way_does_not_keep_anyone_from_being_erased(other, listed, tmp_path):
    vendor = create_vendor()
    lifecycle.invite(vendor)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing'")
    backup = made(tmp_path)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'todo'")
    erase(vendor)

    with other.there():
        assert "Erased again: 1." in restore(backup)
