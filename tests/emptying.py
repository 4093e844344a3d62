"""Empty the tables after a test that commits. Django truncates every table, which gives each of its indexes a new file
and takes twenty times as long as to delete the few rows there are."""

from __future__ import annotations

from typing import Any

from django.db import connection

# What migrations wrote, and no test changes.
KEPT = ("django_migrations", "django_content_type", "auth_permission")
TABLES = """
    SELECT relname FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname != ALL(%s) ORDER BY relname
"""


def empty_tables(_test_case: Any = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(TABLES, [list(KEPT)])
        tables = [f'"{name}"' for (name,) in cursor.fetchall()]
        cursor.execute("BEGIN")
        # Waits for whoever still writes, such as a request that a browser has given up.
        cursor.execute(f"LOCK TABLE {', '.join(tables)} IN EXCLUSIVE MODE")
        cursor.execute(" UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in tables))
        filled = [table for (table,) in cursor.fetchall()]
        # Neither foreign keys nor the triggers that protect the record have a say in it.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table in filled:
            cursor.execute(f"DELETE FROM {table}")
        cursor.execute("COMMIT")
