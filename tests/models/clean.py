"""What models do to the database as a whole: empty it between two examples, and let time pass."""

from __future__ import annotations

import datetime as dt

from django.apps import apps
from django.db import connection, models, transaction

# Workers are registered here and go on from one example to the next.
KEPT = {"procrastinate_workers", "django_migrations"}


def filled_tables() -> set[str]:
    with connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
        cursor.execute(" UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM \"{name}\")" for name in names))
        return {name for (name,) in cursor.fetchall()}


def empty(*, but: set[str]) -> None:
    """Cheaper than emptying all tables: most of them are empty."""
    tables = filled_tables() - but - KEPT
    if tables:
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(sorted(tables))} CASCADE")


def let_pass(time: dt.timedelta) -> None:
    """All that is written down is older by so much, as if the clocks had gone on.

    Clocks cannot be moved: Passport, its workers, PostgreSQL and the tenant have one each.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # no triggers: nothing happens
        for model in apps.get_models():
            if model._meta.db_table.startswith("procrastinate_") or not model._meta.managed:
                continue
            columns = [field.column for field in model._meta.local_fields if isinstance(field, models.DateTimeField)]
            _move(cursor, model._meta.db_table, columns, time)
        _move(cursor, "procrastinate_jobs", ["scheduled_at"], time)


def _move(cursor, table: str, columns: list[str], time: dt.timedelta) -> None:
    if columns:
        cursor.execute(
            f'UPDATE "{table}" SET ' + ", ".join(f'"{column}" = "{column}" - %s' for column in columns),
            [time] * len(columns),
        )
