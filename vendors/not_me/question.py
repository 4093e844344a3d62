"""What the page behind “This was not me” asks."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Question:
    heading: str
    sentence: str
    happened: list[str] = field(default_factory=list)  # since the email, in the reader's words
    is_over: bool = False  # nothing is left that the button could stop
    is_told: bool = False  # Vendor Management knows and has not decided yet
