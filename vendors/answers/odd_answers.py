"""What looks odd need not be wrong: our tables do not know everything."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import ValidationError

ODD = "odd"  # the code of the complaint


class Odd(Exception):
    """The message says what looks odd, to the person who typed it.

    `as_typed` is what is kept if they insist, `meant` what they may have meant.
    """

    def __init__(self, message: str, *, as_typed: str, meant: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.as_typed = as_typed
        self.meant = list(meant)


def as_complaint(odd: Odd) -> ValidationError:
    """About a field; the form decides whether what was typed is kept all the same."""
    return ValidationError(str(odd), code=ODD, params={"as_typed": odd.as_typed, "meant": odd.meant})
