"""Pages that ask about all language pairs at once and let single ones differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from onboarding.forms.base import StepForm, Typed
from onboarding.forms.languages import MAX_PAIRS, pair_key, pair_label


class PairKeys(forms.Field):
    widget = forms.MultipleHiddenInput
    max_length = MAX_PAIRS * 40


class PairwiseForm(StepForm):
    """Few pairs all stand open on the page; of many only those somebody opens, so that sixty stay a light page.

    A subclass adds fields named `…-<key of the pair>` and says in `own_fields` which belong to a pair.
    """

    opened = PairKeys(required=False)
    keeps_unasked_answers = True
    has_many = False

    def own_fields(self, key: str) -> list[str]:
        """The fields in which this pair differs from the rest."""
        raise NotImplementedError

    @property
    def pairs(self) -> list[Mapping[str, Any]]:
        raise NotImplementedError

    @property
    def opened_keys(self) -> list[str]:
        keys = [pair_key(pair) for pair in self.pairs]
        return [key for key in keys if key in self._marked()] if self.has_many else keys

    def _marked(self) -> list[str]:
        """Which pairs were on the page, as it says itself: boxes that nobody ticked leave no trace."""
        return self.data.getlist(self.add_prefix("opened")) if self.is_bound else []  # type: ignore[attr-defined]

    @property
    def open_pairs(self) -> list[dict[str, Any]]:
        """What the page asks about, pair by pair: what was opened and what is wrong."""
        return [
            {"key": key, "label": pair_label(pair), "fields": [self[name] for name in self.own_fields(key)]}
            for pair in self.pairs
            if (key := pair_key(pair)) in self.opened_keys or any(name in self.errors for name in self.own_fields(key))
        ]

    def was_shown(self, key: str) -> bool:
        """Was this pair on the page that was sent? Of few pairs all were, unless the page says which."""
        marked = self._marked()
        return key in marked or not (marked or self.has_many)

    def asked(self) -> set[str]:
        """Pairs that were not on the page keep what was said before; those that are gone keep what it said."""
        not_shown = [key for key in map(pair_key, self.pairs) if not self.was_shown(key)]
        unshown = {self.add_prefix(name) for key in not_shown for name in self.own_fields(key)}
        beginning = self.add_prefix("")
        came = (
            {name.removeprefix(beginning) for name in self.data if name.startswith(beginning)}
            if self.is_bound
            else set()
        )
        unasked = {self.add_prefix(name) for name in came - self.fields.keys() if self.is_of_another_time(name)}
        return (super().asked() - unshown) | unasked

    def is_of_another_time(self, name: str) -> bool:
        """Can it be a question of this page, of a pair or a service that the vendor had or will have?"""
        raise NotImplementedError

    def typed(self, *, another_row: bool = False) -> Typed:
        """The button that adds a row elsewhere opens a pair here."""
        typed = super().typed(another_row=another_row)
        if not self.has_many:
            typed.pop(self.add_prefix("opened"), None)
        wanted = self.data.get("another", "")
        if another_row and self.has_many and wanted in map(pair_key, self.pairs):
            typed[self.add_prefix("opened")] = [wanted]
        return typed

    def last_row_id(self, typed: Typed) -> str:
        opened = typed.get(self.add_prefix("opened"), [])
        return f"pair-{opened[-1]}" if opened else ""
