"""“Migrate, then restart”: while web and worker still run the release before, the new tables must suit it as well.

A migration that does not is refused here, unless it says which release has stopped needing what it takes away:

    class Migration(migrations.Migration):
        suits_running_release = "1.2.0 no longer reads the column."
"""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import connection, migrations, models
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django_migration_linter.sql_analyser import PostgresqlAnalyser, analyse_sql_statements

from manage import OURS

pytestmark = pytest.mark.django_db(transaction=True)

NEW_RULE = re.compile(r"ALTER TABLE .* ADD CONSTRAINT .* (CHECK|EXCLUDE)")
NAMES_RELEASE = re.compile(r"\b\d+\.\d+\.\d+\b")


def problems(migration: migrations.Migration, before: ProjectState) -> list[str]:
    """What the release before cannot live with; by operation, as one column's default says nothing of another's."""
    found: list[str] = []
    if NAMES_RELEASE.search(getattr(migration, "suits_running_release", "")):
        return found
    state, made = before.clone(), set()
    for operation in migration.operations:
        after = state.clone()
        operation.state_forwards(migration.app_label, after)
        if isinstance(operation, migrations.CreateModel):
            made.add(f'"{migration.app_label}_{operation.name_lower}"')
        elif isinstance(operation, migrations.RunPython):
            found.append(f"{operation.describe()}: say why the running release can live with it")
        else:
            with connection.schema_editor(collect_sql=True, atomic=False) as editor:
                operation.database_forwards(migration.app_label, editor, state, after)
            statements = [sql for sql in editor.collected_sql if not any(table in sql for table in made)]
            errors, _ignored, _warnings = analyse_sql_statements(PostgresqlAnalyser, statements)
            found += [f"{operation.describe()}: {error.message}" for error in errors]
            found += [f"{operation.describe()}: a new rule" for sql in statements if NEW_RULE.search(sql)]
        state = after
    return found


def test_running_release_can_live_with_every_migration():
    loader = MigrationLoader(connection)
    ours = [key for key in loader.disk_migrations if key[0] in OURS]

    assert {label for label, _name in ours} == OURS - {"passport"}
    for key in ours:
        migration = loader.disk_migrations[key]
        if not migration.initial:
            assert problems(migration, loader.project_state(key, at_end=False)) == [], key


def indexes_and_statistics() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE schemaname = 'public'")
        indexes = {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT stxname FROM pg_statistic_ext")
        return indexes | {name for (name,) in cursor.fetchall()}


def test_migrations_can_be_taken_back_to_the_first_release():
    last = MigrationLoader(connection).graph.leaf_nodes()
    first = [(label, "0001_initial_1_0_0") for label in sorted(OURS - {"passport"})]
    now = indexes_and_statistics()

    MigrationExecutor(connection).migrate(first)
    assert "vendor_without_payment" in indexes_and_statistics()
    MigrationExecutor(connection).migrate(last)

    assert indexes_and_statistics() == now


class Sample(migrations.Migration):
    def __init__(self, *operations: object) -> None:
        super().__init__("sample", "vendors")
        self.operations = list(operations)


@pytest.fixture
def now() -> ProjectState:
    return ProjectState.from_apps(apps)


REFUSED = {
    "a column that must be filled in": migrations.AddField(
        "vendortag", "colour", models.CharField(max_length=10, default="red")
    ),
    "one that must be filled in from now on": migrations.AlterField("vendor", "confirmed_at", models.DateTimeField()),
    "another name for a column": migrations.RenameField("vendor", "name", "title"),
    "another name for a table": migrations.RenameModel("VendorTag", "Label"),
    "a column less": migrations.RemoveField("vendor", "confirmed_at"),
    "a table less": migrations.DeleteModel("VendorTag"),
    "another type": migrations.AlterField("vendor", "name", models.IntegerField()),
    "no two alike": migrations.AddConstraint("vendortag", models.UniqueConstraint(fields=["tag"], name="tag_once")),
    "a new rule": migrations.AddConstraint(
        "vendortag", models.CheckConstraint(condition=models.Q(tag__gt=""), name="tag_given")
    ),
    "what nobody can read from the outside": migrations.RunPython(migrations.RunPython.noop),
}
SUITABLE = {
    "a column that may be empty": migrations.AddField("vendor", "colour", models.CharField(max_length=9, null=True)),
    "a column that the database fills in": migrations.AddField(
        "vendor", "colour", models.CharField(max_length=9, db_default="red")
    ),
    "a column that need not be filled in any more": migrations.AlterField(
        "vendor", "state_changed_at", models.DateTimeField(null=True)
    ),
    "a table more": migrations.CreateModel("Colour", [("id", models.BigAutoField(primary_key=True))]),
    "an index": AddIndexConcurrently("vendor", models.Index(fields=["language"], name="vendor_by_language")),
    "another help text": migrations.AlterField("vendor", "name", models.CharField(max_length=200, help_text="x")),
}


@pytest.mark.parametrize("what", REFUSED)
def test_migration_is_refused(now, what):
    assert problems(Sample(REFUSED[what]), now) != []


@pytest.mark.parametrize("what", SUITABLE)
def test_migration_is_suitable(now, what):
    assert problems(Sample(SUITABLE[what]), now) == []


def test_default_of_one_column_says_nothing_of_another(now):
    safe = migrations.AddField("vendor", "colour", models.CharField(max_length=9, db_default="red"))
    unsafe = migrations.AddField("vendor", "shade", models.CharField(max_length=9, default="red"))

    assert len(problems(Sample(safe, unsafe), now)) == 1


def test_whoever_knows_why_says_which_release(now):
    migration = Sample(REFUSED["a column less"])

    migration.suits_running_release = "nobody reads it"
    assert problems(migration, now) != []
    migration.suits_running_release = "1.2.0 no longer reads it"
    assert problems(migration, now) == []
