"""Bringing everything that is encrypted under the newest key, so that an older one can be taken off the list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.apps import apps
from django.db.models import BinaryField, F, Model, QuerySet, Value
from django.db.models.functions import Cast

from vendors.answers import encrypted
from vendors.answers.encrypted import EncryptedJSONField

AT_A_TIME = 100
NEWEST = 0


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

    def replace(self, pk: object, *, token: bytes, by: bytes) -> bool:
        """Only if nobody has written there meanwhile. Nothing else of the row changes, its times included."""
        unchanged = self.rows().filter(pk=pk, _token=token)
        return bool(unchanged.update(**{self.name: Value(by, output_field=BinaryField())}))


@dataclass
class Found:
    """How many values each key opens (the newest is 0), and how many none does (None)."""

    by_key: Counter[int | None] = field(default_factory=Counter)
    rewritten: int = 0

    @property
    def unreadable(self) -> int:
        return self.by_key[None]

    @property
    def under_older_keys(self) -> int:
        return sum(count for key, count in self.by_key.items() if key not in (None, NEWEST))


def columns() -> list[EncryptedColumn]:
    """Every encrypted field of every model there is, the tables of the history included."""
    return [
        EncryptedColumn(model, column.name)
        for model in apps.get_models(include_auto_created=True)
        if not model._meta.proxy
        for column in model._meta.local_concrete_fields
        if isinstance(column, EncryptedJSONField)
    ]


def survey(column: EncryptedColumn) -> Found:
    return Found(Counter(encrypted.key_of(token) for _pk, token in column.tokens()))


def rotate(column: EncryptedColumn, *, step: Callable[[], None] = lambda: None) -> Found:
    """Write every value anew that is not under the newest key. Each is one statement: killed, run it again."""
    found = Found()
    for pk, token in column.tokens():
        key = encrypted.key_of(token)
        found.by_key[key] += 1
        if key is not None and key != NEWEST:
            # Whoever writes at the same moment uses their own newest key; the survey afterwards sees which.
            found.rewritten += column.replace(pk, token=token, by=encrypted.encrypt_anew(token))
        step()
    return found
