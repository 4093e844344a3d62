"""Bringing everything that is encrypted under the newest key, so that an older one can be taken off the list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from django.apps import apps
from django.db.models import BinaryField, F, Field, Model, QuerySet, Value
from django.db.models.functions import Cast

from identity import encrypted
from identity.encrypted import CannotDecrypt, EncryptedJSONField
from vendors.answers import fingerprints
from vendors.answers.fingerprints import FingerprintsField

AT_A_TIME = 100
NEWEST = 0
OUTDATED = -1  # a fingerprint by none of the keys, of a number that can be read


class Column(Protocol):
    """Something that depends on the keys, in one field of one model."""

    def rows(self) -> QuerySet: ...

    def values(self) -> Iterator[tuple[int | None, Callable[[], bool]]]:
        """Under which key each is (None: none opens it), and how to write it anew unless it changed meanwhile."""


@dataclass(frozen=True)
class EncryptedColumn:
    model: type[Model]
    name: str

    def __str__(self) -> str:
        return f"{self.model._meta.label}.{self.name}"

    def rows(self) -> QuerySet:
        """With what the database holds as `_token`, undeciphered; those without a value are left out."""
        token = Cast(F(self.name), BinaryField())
        return self.model._base_manager.annotate(_token=token).filter(_token__isnull=False)

    def tokens(self) -> Iterator[tuple[object, bytes]]:
        """Key and token of each row, never more than a few at once."""
        rows = self.rows().order_by("pk").values_list("pk", "_token")
        batch = list(rows[:AT_A_TIME])
        while batch:
            yield from ((pk, bytes(token)) for pk, token in batch)
            batch = list(rows.filter(pk__gt=batch[-1][0])[:AT_A_TIME])

    def values(self) -> Iterator[tuple[int | None, Callable[[], bool]]]:
        for pk, token in self.tokens():
            yield encrypted.key_of(token), partial(self.write_anew, pk, token)

    def write_anew(self, pk: object, token: bytes) -> bool:
        return self.replace(pk, token=token, by=encrypted.encrypt_anew(token))

    def replace(self, pk: object, *, token: bytes, by: bytes) -> bool:
        """Only if nobody has written there meanwhile. Nothing else of the row changes, its times included."""
        unchanged = self.rows().filter(pk=pk, _token=token)
        return bool(unchanged.update(**{self.name: Value(by, output_field=BinaryField())}))


@dataclass(frozen=True)
class FingerprintColumn:
    model: type[Model]
    name: str
    source: str

    def __str__(self) -> str:
        return f"{self.model._meta.label}.{self.name}"

    def rows(self) -> QuerySet:
        return self.model._base_manager.all()

    def values(self) -> Iterator[tuple[int | None, Callable[[], bool]]]:
        ids = self.rows().order_by("pk").values_list("pk", flat=True)
        batch = list(ids[:AT_A_TIME])
        while batch:
            yield from self._of(batch)
            batch = list(ids.filter(pk__gt=batch[-1])[:AT_A_TIME])

    def _of(self, ids: list[Any]) -> Iterator[tuple[int | None, Callable[[], bool]]]:
        try:
            rows = list(self.rows().filter(pk__in=ids).order_by("pk"))
        except CannotDecrypt:
            if len(ids) == 1:
                yield None, lambda: False
                return
            for pk in ids:
                yield from self._of([pk])
            return
        for row in rows:
            kept, numbers = getattr(row, self.name), getattr(row, self.source)
            by_key = [fingerprints.of(numbers, key=key) for key in encrypted.field_keys()]
            place = by_key.index(kept) if kept in by_key else OUTDATED
            yield place, partial(self._write_anew, row.pk, kept, by_key[NEWEST])

    def _write_anew(self, pk: object, kept: list[str], new: list[str]) -> bool:
        return bool(self.rows().filter(pk=pk, **{self.name: kept}).update(**{self.name: new}))


@dataclass
class Found:
    """How many values are under each key (the newest is 0), and how many no key opens (None)."""

    by_key: Counter[int | None] = field(default_factory=Counter)
    rewritten: int = 0

    @property
    def unreadable(self) -> int:
        return self.by_key[None]

    @property
    def under_older_keys(self) -> int:
        return sum(count for key, count in self.by_key.items() if key not in (None, NEWEST))

    @property
    def outdated(self) -> int:
        return self.by_key[OUTDATED]


def columns() -> list[EncryptedColumn | FingerprintColumn]:
    """Every encrypted field of every model there is, the tables of the history included; then what depends on them."""
    return [*encrypted_columns(), *fingerprint_columns()]


def encrypted_columns() -> list[EncryptedColumn]:
    return [
        EncryptedColumn(model, column.name) for model, column in _fields() if isinstance(column, EncryptedJSONField)
    ]


def fingerprint_columns() -> list[FingerprintColumn]:
    return [
        FingerprintColumn(model, column.name, column.source)
        for model, column in _fields()
        if isinstance(column, FingerprintsField)
    ]


def _fields() -> Iterator[tuple[type[Model], Field]]:
    for model in apps.get_models(include_auto_created=True):
        if not model._meta.proxy:
            yield from ((model, column) for column in model._meta.local_concrete_fields)


def survey(column: Column) -> Found:
    return Found(Counter(key for key, _write_anew in column.values()))


def rotate(column: Column, *, step: Callable[[], None] = lambda: None) -> Found:
    """Write every value anew that is not under the newest key. Each is one statement: killed, run it again."""
    found = Found()
    for key, write_anew in column.values():
        found.by_key[key] += 1
        if key is not None and key != NEWEST:
            # Whoever writes at the same moment uses their own newest key; the survey afterwards sees which.
            found.rewritten += write_anew()
        step()
    return found
