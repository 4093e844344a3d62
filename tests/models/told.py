"""What Vendor Management must have been told: each person of each failure, once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from identity.failures import reasons

Key = tuple[str, str]  # an address and a reason
BY_ITSELF, DAILY = ("failure", "overflow"), "digest"
UNPROVEN = "The account's address according to Microsoft (not proven):"


@dataclass(eq=False)
class Row:
    """Somebody who is out, or was."""

    who: object
    stage: str
    reason: str
    address: str
    topic: str
    at: float
    is_daily: bool = False
    is_out: bool = True
    is_told: bool = False
    is_dropped: bool = False  # went away for a while, and got in

    @property
    def key(self) -> Key:
        return self.address, self.reason


class Told:
    def __init__(self) -> None:
        self.rows: list[Row] = []

    def report(
        self, who: object, *, stage: str, reason: str, address: str, topic: str = "", at: float, is_daily: bool = False
    ) -> None:
        """The same again is no news while they are out, nor before VM has heard of the first time."""
        alike = [
            row
            for row in self.rows
            if (row.who, row.stage, row.reason, row.address, row.topic) == (who, stage, reason, address, topic)
        ]
        for row in alike:
            if row.is_out:
                return
        for row in alike:
            if not row.is_told:
                row.is_out, row.is_dropped, row.at, row.is_daily = True, False, at, is_daily
                return
        self.rows.append(Row(who, stage, reason, address, topic, at, is_daily))

    def over(self, who: object, *, stages: Iterable[str], only: Iterable[str] = (), at: float = 0.0) -> None:
        """They got further. What is a notice stays until VM has seen it."""
        stages, only = set(stages), set(only)
        for row in self.rows:
            if row.who is not who or row.stage not in stages or not row.is_out or (only and row.reason not in only):
                continue
            if not reasons.get(row.reason).is_notice:
                row.is_out = False
                row.is_dropped = row.reason == "did_not_come_back" and at < row.at + 24

    def expected(self) -> Counter[Key]:
        return Counter(row.key for row in self.rows if not row.is_daily)

    def hear(self, told: Counter[Key]) -> None:
        """What has been mailed up to now."""
        left = Counter(told)
        for row in self.rows:
            if not row.is_daily and left[row.key]:
                left[row.key] -= 1
                row.is_told = True

    def untold(self) -> list[Row]:
        return [row for row in self.rows if not row.is_told and not row.is_daily and not row.is_dropped]


def kind_of(mail: dict) -> str:
    return message_id(mail).lstrip("<").partition("-")[0]


def message_id(mail: dict) -> str:
    return dict(mail.get("headers", [])).get("Message-ID", "")


def read(mails: Iterable[dict], kinds: Iterable[str], addresses: Iterable[str]) -> Counter[Key]:
    """Whom these mails to VM name, and with what reason. What is sent twice with one Message-ID counts once."""
    about: Counter[Key] = Counter()
    by_id = {message_id(mail): mail for mail in mails if kind_of(mail) in kinds}
    for mail in by_id.values():
        about.update(_named(mail["text"], set(addresses)))
    return about


def _named(text: str, addresses: set[str]) -> list[Key]:
    """Addresses stand on lines of their own, the reason after them."""
    lines = text.replace("\r\n", "\n")
    lines = re.sub(rf"Address:\nunknown\n(.*?){re.escape(UNPROVEN)}", r"\1", lines, flags=re.DOTALL)
    lines = re.sub(rf"{re.escape(UNPROVEN)}\n.*\n", "", lines)
    named: list[Key] = []
    waiting: list[str] = []
    for line in lines.splitlines():
        if line in addresses:
            waiting.append(line)
        elif line in reasons.CATALOGUE:
            named += [(address, line) for address in waiting]
            waiting.clear()
    assert not waiting, f"an email names {waiting} without a reason:\n{text}"
    return named


def texts(mails: Iterable[dict], about: Iterable[Key]) -> str:
    """Of those that name any of these."""
    about = list(about)
    return "\n".join(
        f"{message_id(mail)}\n{mail['text']}"
        for mail in mails
        if any(address in mail["text"] and reason in mail["text"] for address, reason in about)
    )
