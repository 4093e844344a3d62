"""The words of a row, in a column of their own, and how they are searched through an index."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from vendors.answers import search_words


class MadeOfTexts(models.Field):
    """Made of other fields of the row, anew whenever one of those is written."""

    sources: tuple[str, ...]

    def made_of(self, texts: Iterable[str]) -> Any:
        raise NotImplementedError

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, path, _args, _kwargs = super().deconstruct()
        return name, path, [], {"sources": self.sources}

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        made = self.made_of(getattr(model_instance, source) for source in self.sources)
        setattr(model_instance, self.attname, made)
        return made


class SortKeyField(MadeOfTexts, models.TextField):
    """What rows are sorted by as people sort names: without accents and capitals, whatever the database's locale."""

    def __init__(self, *, sources: Iterable[str]) -> None:
        self.sources = tuple(sources)
        super().__init__(default="", blank=True, editable=False)

    def made_of(self, texts: Iterable[str]) -> str:
        return search_words.fold(" ".join(texts))


class WordsField(MadeOfTexts, ArrayField):
    """The words under which other fields of the row are found."""

    def __init__(self, *, sources: Iterable[str]) -> None:
        self.sources = tuple(sources)
        super().__init__(models.TextField(), default=list, blank=True, editable=False)

    def made_of(self, texts: Iterable[str]) -> list[str]:
        return search_words.to_keep(texts)


def finding(fields: Iterable[str], text: str, *, whole: bool = False, mark: str = "") -> Q | None:
    """Rows with all words of this text, with this mark, in one of these fields; none when it has no words."""
    found = (_finding(field, text, whole=whole, mark=mark) for field in fields)
    return reduce(or_, (way for way in found if way), Q()) or None


def _finding(field: str, text: str, *, whole: bool, mark: str) -> Q | None:
    pieces = [
        [[f"{mark}{word}" for word in way] for way in alternatives]
        for alternatives in search_words.to_look_for(text, whole=whole)
    ]
    if not pieces:
        return None
    certain = sorted({word for alternatives in pieces if len(alternatives) == 1 for word in alternatives[0]})
    found = Q((f"{field}__contains", certain)) if certain else Q()
    for alternatives in pieces:
        if len(alternatives) > 1:
            found &= reduce(or_, (Q((f"{field}__contains", way)) for way in alternatives))
    return found


class WritesWords:
    """A model with such a field: whoever saves what the words are made of saves the words."""

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        if update_fields is not None:
            update_fields = {*update_fields, *(field.name for field in _made_from(self, update_fields))}
        super().save(*args, update_fields=update_fields, **kwargs)  # type: ignore[misc]  # of Model


class UpdatesWords:
    """A QuerySet of such a model: it refuses to leave words behind that are not those of the row."""

    def update(self, **values: Any) -> int:
        for field in _made_from(self.model, values):  # type: ignore[attr-defined]
            if field.name in values:
                continue
            texts = [text for source in field.sources if isinstance(text := values.get(source), str)]
            if len(texts) < len(field.sources):
                raise ValueError(f"{field.name} cannot be made from {', '.join(field.sources)} here; save() each row.")
            values[field.name] = field.made_of(texts)
        return super().update(**values)  # type: ignore[misc]  # of QuerySet

    update.alters_data = True  # type: ignore[attr-defined]


def _made_from(model: Any, names: Iterable[str]) -> list[MadeOfTexts]:
    written = set(names)
    return [
        field
        for field in model._meta.fields
        if isinstance(field, MadeOfTexts) and not written.isdisjoint(field.sources)
    ]
