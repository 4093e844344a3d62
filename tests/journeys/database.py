"""The test's own database from below: broken for a moment, or read as it lies on the disk."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from django.db import connection, connections

from identity.models import Session


@contextlib.contextmanager
def column_missing(table: str, column: str) -> Iterator[None]:
    """As after a migration that was forgotten."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME COLUMN {column} TO {column}_gone")
        try:
            yield
        finally:
            cursor.execute(f"ALTER TABLE {table} RENAME COLUMN {column}_gone TO {column}")


@contextlib.contextmanager
def out_of_reach() -> Iterator[None]:
    """As when the server has stopped: whoever connects from now on finds nothing there, in whatever thread."""
    host = connection.settings_dict["HOST"]
    connections.close_all()
    connection.settings_dict["HOST"] = "/nowhere"
    try:
        yield
    finally:
        connections.close_all()
        connection.settings_dict["HOST"] = host


def everything() -> str:
    """Every row of every table as text; what sessions hold, decoded."""
    with connection.cursor() as cursor:
        tables = sorted(connection.introspection.table_names(cursor))
        lines = []
        for table in tables:
            cursor.execute(f'SELECT line::text FROM "{table}" line')
            lines += [f"{table}: {row}" for (row,) in cursor.fetchall()]
    return "\n".join(lines + [f"session: {session.get_decoded()}" for session in Session.objects.all()])
