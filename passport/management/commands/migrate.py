"""Django's migrate, which does not touch a database that another set of migrations has made."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader

from identity import outbound
from identity.models import Installation


class Command(migrate.Command):
    def execute(self, *args: Any, **options: Any) -> str | None:
        connections[options["database"]].ensure_connection()  # before the checks, which would tell it at length
        return super().execute(*args, **options)

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_unknown_migrations(connections[options["database"]])
        super().handle(*args, **options)
        self.claim(options)

    def claim(self, options: dict[str, Any]) -> None:
        """The database's owner decides whether anything may go out (identity/outbound.py)."""
        connection = connections[options["database"]]
        if options["plan"] or options["check_unapplied"] or Installation._meta.db_table not in tables(connection):
            return
        outbound.claim()
        if options["verbosity"] and (reason := outbound.reason()):
            self.stderr.write(f"Outgoing traffic is on hold. {reason} See manage.py outbound.")


def tables(connection: BaseDatabaseWrapper) -> list[str]:
    return connection.introspection.table_names()


def refuse_unknown_migrations(connection: BaseDatabaseWrapper) -> None:
    """Raise CommandError if the database has recorded migrations of ours that this version does not have.

    Before 1.0.0 the initial migrations were replaced now and then, each time under a new name. Without this, Django
    would take the tables of the old ones for those of the final ones.
    """
    loader = MigrationLoader(connection)
    ours = {config.label for config in apps.get_app_configs() if is_ours(config.path)}
    unknown = sorted(key for key in loader.applied_migrations if key[0] in ours and key not in loader.disk_migrations)
    if not unknown:
        return
    made_by = f"This database was set up by another version of Passport ({'.'.join(unknown[0])})"
    if directory := connection.settings_dict.get("DIRECTORY"):
        raise CommandError(f"{made_by}. To start again with an empty one, delete the folder {directory.parent}.")
    raise CommandError(f"{made_by}. Set DATABASE_URL to an empty one.")


def is_ours(path: str) -> bool:
    return str(path).startswith(f"{settings.BASE_DIR}/") and "/.venv/" not in str(path)
