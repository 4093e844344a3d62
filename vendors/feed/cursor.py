"""How far somebody has read the feed."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

_FORM = re.compile(r"([0-9a-f]{16})\.([0-9]{1,18})\.(v?)([0-9]{1,18})", re.ASCII)


class Unreadable(Exception):
    """No cursor of ours."""

    def __init__(self) -> None:
        super().__init__("That isn't a cursor. Copy it from a line of the feed, or leave out --since.")


class Outdated(Exception):
    """It is from before the database was restored or moved: what comes after it cannot be known."""

    def __init__(self) -> None:
        super().__init__(
            "The database has been restored or moved since this cursor was issued. Start again without --since."
        )


@dataclass(frozen=True)
class Cursor:
    """After which line of which transaction; or, while everybody is listed, after which vendor (`listed`)."""

    epoch: str
    transaction: int
    line: int = 0
    listed: int | None = None

    def __str__(self) -> str:
        place = f"v{self.listed}" if self.listed is not None else str(self.line)
        return f"{self.epoch}.{self.transaction}.{place}"

    def after_vendor(self, pk: int) -> Cursor:
        return replace(self, listed=pk)

    def after_list(self) -> Cursor:
        return replace(self, listed=None)


def parse(text: str) -> Cursor:
    found = _FORM.fullmatch(text.strip())
    if not found:
        raise Unreadable
    epoch, transaction, is_listing, number = found.groups()
    if is_listing:
        return Cursor(epoch, int(transaction), listed=int(number))
    return Cursor(epoch, int(transaction), line=int(number))
