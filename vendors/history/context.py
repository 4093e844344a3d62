"""Who makes a change, said to the database where a history is kept, and nowhere else."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.apps import apps
from pghistory import runtime
from pghistory.models import Event


def say_only_where_history_is_kept() -> None:
    """pghistory would say it in front of every statement that writes, savepoints included. Few tables have a history.

    There is no setting for it, so the question that it asks of each statement is replaced.
    """
    runtime._is_ignored_statement = _is_without_history


def _is_without_history(sql: str | bytes) -> bool:
    """Statements that only mention a table with a history may be told as well: it changes nothing."""
    text = sql.decode() if isinstance(sql, bytes) else str(sql or "")
    return not any(table in text for table in _tables_with_history()) or _is_ignored_by_pghistory(text)


_is_ignored_by_pghistory = runtime._is_ignored_statement


@cache
def _tables_with_history() -> tuple[str, ...]:
    histories: list[Any] = [model for model in apps.get_models() if issubclass(model, Event)]
    return tuple(history.pgh_tracked_model._meta.db_table for history in histories if history.pgh_tracked_model)
