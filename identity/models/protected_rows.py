"""What of the record nobody changes: triggers of the database refuse it, whoever asks, mistakes of our own included.

They do not stop whoever owns the database, who can drop them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pgtrigger
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

APPEND_ONLY, FIXED = "append_only", "fixed"


def append_only() -> pgtrigger.Trigger:
    """Rows are added, and neither changed nor deleted. pghistory's of the same name does this for the history."""
    return pgtrigger.Protect(name=APPEND_ONLY, operation=pgtrigger.Update | pgtrigger.Delete)


def fixed(condition: pgtrigger.Condition) -> pgtrigger.Trigger:
    """Changes of a row that are this are refused; others are not, nor is deleting it."""
    return pgtrigger.Protect(name=FIXED, operation=pgtrigger.Update, condition=condition)


@contextlib.contextmanager
def lifted() -> Iterator[None]:
    """A transaction in which they refuse nothing: for erasing, and for what may be kept no longer."""
    with transaction.atomic(), connection.cursor() as cursor:
        # pgtrigger.ignore() puts the same setting before every statement. Those of procrastinate do not survive that,
        # because their parameters have names.
        cursor.execute("SELECT current_setting('pgtrigger.ignore', true)")
        [(before,)] = cursor.fetchall()
        _ignore(cursor, f"{{{','.join(_names())}}}")
        yield
        _ignore(cursor, before or "{}")


def _names() -> list[str]:
    """Of these triggers alone: the history is written meanwhile."""
    return [
        trigger.get_pgid(model) for model, trigger in pgtrigger.registered() if trigger.name in (APPEND_ONLY, FIXED)
    ]


def _ignore(cursor: CursorWrapper, names: str) -> None:
    # Until the end of the transaction; rolled back, it is as before.
    cursor.execute("SELECT set_config('pgtrigger.ignore', %s, true)", [names])
