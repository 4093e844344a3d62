"""The words by which the person of a row is found, on the row itself: filter and word are then looked up together.

Who they are is not known here. Whoever knows it has the database copy the words: see the first migration of vendors.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models


class Copied:
    """What the database copies here of other rows: whatever Django writes leaves it alone."""

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        return self.get_default() if add else models.F(self.attname)  # type: ignore[attr-defined]  # of Field


class CopiedWordsField(Copied, ArrayField):
    def __init__(self) -> None:
        super().__init__(models.TextField(), default=list, blank=True, editable=False)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, path, _args, _kwargs = super().deconstruct()
        return name, path, [], {}


def index(field: str = "found_by", *, name: str, condition: models.Q | None = None) -> GinIndex:
    """Without a list of what is to be sorted in later, which every search would have to read."""
    return GinIndex(fields=[field], name=name, fastupdate=False, condition=condition)
