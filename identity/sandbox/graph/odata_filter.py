"""The part of OData's $filter language that Graph's users and audit logs understand and people use."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

ADDRESSES = {"mail", "otherMails", "proxyAddresses"}

TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:[^']|'')*')"
    r"|(?P<moment>\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z?)?)"
    r"|(?P<number>-?\d+)"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_/]*)"
    r"|(?P<mark>[(),:]))"
)
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda left, right: left == right,
    "ne": lambda left, right: left != right,
    "gt": lambda left, right: left is not None and left > right,
    "ge": lambda left, right: left is not None and left >= right,
    "lt": lambda left, right: left is not None and left < right,
    "le": lambda left, right: left is not None and left <= right,
}


class InvalidFilter(Exception):
    """The filter cannot be read."""


@dataclass(frozen=True)
class Condition:
    """`addresses`, if known, are such that whatever meets the condition has one of them: an index can find it."""

    met_by: Callable[[dict], bool]
    addresses: frozenset[str] | None = None


def parse(text: str) -> Condition:
    parser = _Parser(text)
    condition = parser.disjunction()
    if parser.peek() is not None:
        raise InvalidFilter(text)
    return condition


class _Parser:
    def __init__(self, text: str):
        self._tokens: list[tuple[str, str]] = []
        position = 0
        text = text.rstrip()
        while position < len(text):
            match = TOKEN.match(text, position)
            if match is None:
                raise InvalidFilter(text)
            self._tokens.append((match.lastgroup or "", match.group(match.lastgroup or 0)))
            position = match.end()

    def peek(self) -> str | None:
        return self._tokens[0][1] if self._tokens else None

    def _next(self) -> tuple[str, str]:
        if not self._tokens:
            raise InvalidFilter("unexpected end")
        return self._tokens.pop(0)

    def _expect(self, mark: str) -> None:
        if self._next()[1] != mark:
            raise InvalidFilter(f"expected {mark}")

    def _accept(self, word: str) -> bool:
        if self.peek() == word:
            self._tokens.pop(0)
            return True
        return False

    def disjunction(self) -> Condition:
        parts = [self._conjunction()]
        while self._accept("or"):
            parts.append(self._conjunction())
        known = [part.addresses for part in parts if part.addresses is not None]
        return Condition(
            lambda item: any(part.met_by(item) for part in parts),
            frozenset().union(*known) if len(known) == len(parts) else None,
        )

    def _conjunction(self) -> Condition:
        parts = [self._term()]
        while self._accept("and"):
            parts.append(self._term())
        known = [part.addresses for part in parts if part.addresses is not None]
        return Condition(lambda item: all(part.met_by(item) for part in parts), known[0] if known else None)

    def _term(self) -> Condition:
        if self._accept("not"):
            inner = self._term()
            return Condition(lambda item: not inner.met_by(item))
        if self._accept("("):
            inner = self.disjunction()
            self._expect(")")
            return inner
        kind, word = self._next()
        if kind != "word":
            raise InvalidFilter(word)
        if self._accept("("):
            return self._call(word)
        return self._comparison(word, indexed=word in ADDRESSES)

    def _call(self, word: str) -> Condition:
        if word in ("startswith", "endswith"):
            path = self._next()[1]
            self._expect(",")
            wanted = _lower(self._value())
            self._expect(")")
            method = str.startswith if word == "startswith" else str.endswith
            return Condition(lambda item: method(str(_lower(_look_up(item, path)) or ""), wanted))
        if word.endswith("/any"):
            path = word.removesuffix("/any")
            variable = self._next()[1]
            self._expect(":")
            inner = self._comparison(self._next()[1], indexed=path in ADDRESSES)
            self._expect(")")
            return Condition(
                lambda item: any(inner.met_by({variable: entry}) for entry in _look_up(item, path) or []),
                inner.addresses,
            )
        raise InvalidFilter(word)

    def _comparison(self, path: str, *, indexed: bool) -> Condition:
        operator = self._next()[1]
        if operator == "in":
            self._expect("(")
            values = [_lower(self._value())]
            while self._accept(","):
                values.append(_lower(self._value()))
            self._expect(")")
            return Condition(lambda item: _lower(_look_up(item, path)) in values)
        if operator not in COMPARISONS:
            raise InvalidFilter(operator)
        value = _lower(self._value())
        addresses = None
        if indexed and operator == "eq" and isinstance(value, str):
            addresses = frozenset({value.removeprefix("smtp:")})
        return Condition(lambda item: COMPARISONS[operator](_lower(_look_up(item, path)), value), addresses)

    def _value(self) -> Any:
        kind, text = self._next()
        if kind == "string":
            return text[1:-1].replace("''", "'")
        if kind == "number":
            return int(text)
        if kind == "moment":
            # Log entries carry whole seconds; text of one shape sorts by time.
            return f"{text[:19]}Z" if "T" in text else text
        literals = {"true": True, "false": False, "null": None}
        if text not in literals:
            raise InvalidFilter(text)
        return literals[text]


def _look_up(item: Any, path: str) -> Any:
    for name in path.split("/"):
        item = item.get(name) if isinstance(item, dict) else None
    return item


def _lower(value: Any) -> Any:
    """Directory strings compare without regard to case."""
    return value.lower() if isinstance(value, str) else value
