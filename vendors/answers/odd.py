"""What looks odd need not be wrong: our tables do not know everything."""

from __future__ import annotations

from collections.abc import Iterable


class Odd(Exception):
    """The message says what looks odd, to the person who typed it.

    `as_typed` is what is kept if they insist, `meant` what they may have meant.
    """

    def __init__(self, message: str, *, as_typed: str, meant: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.as_typed = as_typed
        self.meant = list(meant)
