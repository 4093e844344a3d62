"""The direction in which text is written: nothing may turn round what stands beside it on the screen.

Names and addresses may be in a script from right to left, so they are isolated on pages: by `<bdi>` in templates, and
by this module's `gettext` in sentences that Python builds. A browser that translates pages must leave them as they are
(`translate="no"`), and what is not a word: codes, references, amounts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self

from django.contrib.messages.storage.fallback import FallbackStorage
from django.utils import translation
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString, mark_safe


def isolated(value: object) -> SafeString:
    return format_html('<bdi translate="no">{}</bdi>', value)


class Sentence(str):
    """Plain text for emails, commands and the record; on a page, what was filled in is isolated."""

    html: str

    def __new__(cls, text: str, html: str | None = None) -> Self:
        sentence = super().__new__(cls, text)
        sentence.html = escape(text) if html is None else html
        return sentence

    def __str__(self) -> str:
        return self

    def __html__(self) -> SafeString:
        return mark_safe(self.html)

    def __mod__(self, values: Any) -> Sentence:
        if isinstance(values, Mapping):
            shown: Any = {name: _shown(value) for name, value in values.items()}
        else:
            shown = tuple(_shown(value) for value in (values if isinstance(values, tuple) else (values,)))
        return Sentence(super().__mod__(values), self.html % shown)

    def __add__(self, other: str) -> Sentence:
        return Sentence(super().__add__(other), self.html + conditional_escape(other))

    def __radd__(self, other: str) -> Sentence:
        return Sentence(other + str.__str__(self), conditional_escape(other) + self.html)


def _shown(value: object) -> object:
    if isinstance(value, Sentence):
        return value.__html__()
    return value if isinstance(value, (int, float)) else isolated(value)


def gettext(message: str) -> str:
    """As Django's; import it as `_` where a name or an address is filled in with `%`."""
    return Sentence(translation.gettext(message))


def ours(words: object) -> str:
    """Words of our own, such as the name of a state: nothing in them needs to be isolated."""
    return Sentence(str(words))


def joined(sentences: Iterable[str]) -> str:
    whole: str = Sentence("")
    for sentence in sentences:
        whole = whole + " " + sentence if whole else whole + sentence
    return whole


class MessageStorage(FallbackStorage):
    """What a page says after a redirect is kept as text: keep it as it is to be shown."""

    def add(self, level: int, message: Any, extra_tags: str | None = "") -> None:
        shown = message.__html__() if isinstance(message, Sentence) else message
        super().add(level, shown, extra_tags)
