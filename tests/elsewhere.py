"""Another machine: a database of its own, empty, and its own folder for files."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import connection, connections
from psycopg import sql


class Elsewhere:
    def __init__(self, name: str, media_root: Path, settings: Any) -> None:
        self.name = name
        self.media_root = media_root
        self.settings = settings

    @contextlib.contextmanager
    def there(self) -> Iterator[None]:
        """Everything in this block happens on that machine."""
        database, media_root = connection.settings_dict["NAME"], self.settings.MEDIA_ROOT
        connections.close_all()
        connection.settings_dict["NAME"], self.settings.MEDIA_ROOT = self.name, self.media_root
        try:
            yield
        finally:
            connections.close_all()
            connection.settings_dict["NAME"], self.settings.MEDIA_ROOT = database, media_root


@contextlib.contextmanager
def elsewhere(folder: Path, settings: Any) -> Iterator[Elsewhere]:
    name = f"{connection.settings_dict['NAME']}_elsewhere"
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with connection._nodb_cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(drop)
        cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    try:
        yield Elsewhere(name, folder / "media-elsewhere", settings)
    finally:
        with connection._nodb_cursor() as cursor:  # type: ignore[attr-defined]
            cursor.execute(drop)
