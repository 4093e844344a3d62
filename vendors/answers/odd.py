"""What looks odd need not be wrong: our tables do not know everything."""

from __future__ import annotations


class Odd(Exception):
    """The message says what looks odd, to the person who typed it; `as_typed` is what is kept if they insist."""

    def __init__(self, message: str, *, as_typed: str) -> None:
        super().__init__(message)
        self.as_typed = as_typed
