"""A database that another version has made is refused, not taken for one of ours."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

pytestmark = pytest.mark.django_db


def test_own_database_is_migrated(capsys):
    call_command("migrate", verbosity=1)

    assert "No migrations to apply" in capsys.readouterr().out


def test_migrations_of_another_version_are_refused():
    MigrationRecorder(connection).record_applied("vendors", "0001_initial_0_0_1")

    with pytest.raises(CommandError) as refusal:
        call_command("migrate", verbosity=0)

    folder = connection.settings_dict["DIRECTORY"].parent
    assert str(refusal.value) == (
        "This database was set up by another version of Passport (vendors.0001_initial_0_0_1). "
        f"To start again with an empty one, delete the folder {folder}."
    )


def test_database_elsewhere_is_refused_without_a_folder(monkeypatch):
    MigrationRecorder(connection).record_applied("identity", "0007_unknown")
    monkeypatch.delitem(connection.settings_dict, "DIRECTORY")

    with pytest.raises(CommandError, match=r"identity\.0007_unknown\)\. Set DATABASE_URL to an empty one\.$"):
        call_command("migrate", verbosity=0)


def test_unknown_migrations_of_libraries_are_theirs():
    MigrationRecorder(connection).record_applied("procrastinate", "9999_later")

    call_command("migrate", verbosity=0)
