from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.choices import BaseChoiceIterator, normalize_choices


class FixedChoices(BaseChoiceIterator):
    """Choices that never change, for long lists. Django copies and normalises a plain list for the field and for the
    widget of every form that is made, which for the countries of the world takes longer than all else about a page.
    """

    def __init__(self, choices: Iterable[Any]) -> None:
        self._choices = normalize_choices(list(choices))

    def __iter__(self) -> Iterator[Any]:
        return iter(self._choices)

    def __deepcopy__(self, memo: dict[int, Any]) -> FixedChoices:
        return self
