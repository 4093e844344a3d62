"""Look-ups that a sign-in and every page make, turned into SQL once per process.

Django builds the SQL of a queryset each time it is asked, which takes a process several times as long as asking
PostgreSQL for a row by its key. Only for what is asked on nearly every request: elsewhere a plain queryset does.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cached_property
from types import SimpleNamespace
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.expressions import Expression
from django.db.models.query import ModelIterable
from django.db.models.sql import UpdateQuery
from django.db.transaction import TransactionManagementError

Model = TypeVar("Model", bound=models.Model)


class Given(Expression):
    """Stands in a queryset for a value that is given with each question. It reaches the database as it is given."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return "%s", (self,)


class Compiled(Generic[Model]):
    """One queryset, built at the first question: models, and so settings, are there by then.

    BY_NUMBER = Compiled(lambda: Vendor.objects.filter(number=Given("number")))
    vendor = BY_NUMBER.first(number=7)
    """

    def __init__(self, queryset: Callable[[], models.QuerySet[Model, Any]]) -> None:
        self._queryset = queryset

    @cached_property
    def _template(self) -> tuple[Any, str, tuple[Any, ...]]:
        compiler = self._queryset().query.get_compiler(DEFAULT_DB_ALIAS)
        sql, params = compiler.as_sql()
        converters = compiler.get_converters(column for column, *_ in compiler.select)
        compiler.get_converters = lambda columns: converters  # what becomes of a column, not of a row: always the same
        return compiler, sql, tuple(params)

    def _compiler(self, given: dict[str, Any]) -> Any:
        """Django's own, which has compiled already: it reads the rows as it would have done for the queryset."""
        template, sql, params = self._template
        compiler = copy.copy(template)
        compiler.connection = connections[DEFAULT_DB_ALIAS]  # of this thread
        if template.query.select_for_update and compiler.connection.get_autocommit():
            raise TransactionManagementError("Rows can be locked only inside a transaction, and none is open.")
        filled = _filled(params, given)
        compiler.as_sql = lambda *args, **kwargs: (sql, filled)
        return compiler

    def all(self, **given: Any) -> list[Model]:
        compiler = self._compiler(given)
        query = SimpleNamespace(get_compiler=lambda using: compiler)
        queryset: Any = SimpleNamespace(db=DEFAULT_DB_ALIAS, query=query, _known_related_objects={})
        return list(ModelIterable(queryset))

    def first(self, **given: Any) -> Model | None:
        return next(iter(self.all(**given)), None)

    def values(self, **given: Any) -> list[tuple[Any, ...]]:
        """Of a queryset with `values_list`."""
        return list(self._compiler(given).results_iter(tuple_expected=True))


class CompiledUpdate:
    """One UPDATE of the rows of a queryset, as `Compiled` is one SELECT."""

    def __init__(self, queryset: Callable[[], models.QuerySet[Any, Any]], **values: Any) -> None:
        self._queryset, self._values = queryset, values

    @cached_property
    def _template(self) -> tuple[str, tuple[Any, ...]]:
        query: Any = self._queryset().query.chain(UpdateQuery)
        query.add_update_values(self._values)
        sql, params = query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
        return sql, tuple(params)

    def __call__(self, **given: Any) -> int:
        """How many rows."""
        sql, params = self._template
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(sql, _filled(params, given))
            return cursor.rowcount


class CompiledInsert(Generic[Model]):
    """`row.save(force_insert=True)` of a row that has its key, without signals."""

    def __init__(self, model: type[Model]) -> None:
        self._model = model

    @cached_property
    def _template(self) -> tuple[list[Any], str]:
        fields: list[Any] = list(self._model._meta.concrete_fields)
        quoted = connections[DEFAULT_DB_ALIAS].ops.quote_name
        columns = ", ".join(quoted(field.column) for field in fields)
        values = ", ".join(["%s"] * len(fields))
        # Names of columns come from the model; every value is a parameter.
        return fields, f"INSERT INTO {quoted(self._model._meta.db_table)} ({columns}) VALUES ({values})"

    def __call__(self, row: Model) -> None:
        fields, sql = self._template
        connection = connections[DEFAULT_DB_ALIAS]
        values = [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def _filled(params: tuple[Any, ...], given: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(given[param.name] if isinstance(param, Given) else param for param in params)
