"""Who has been erased, in a file outside the database and its backups.

A restore brings back whoever was erased after the backup was made. This list is what erases them again
(vendors.privacy.replay_erasures). A line of JSON for each: the vendor's number, when it was added and when it was
erased. The number alone would not do: a restored database gives the numbers after the backup's last one to others.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from vendors.models import Vendor


class CannotWrite(Exception):
    """Without the list, a restore would bring the vendor back for good. So nothing is erased."""

    def __init__(self, error: OSError) -> None:
        super().__init__(
            f"Nothing was erased: ERASURES_FILE ({settings.ERASURES_FILE}) cannot be written ({error.strerror}). "
            "Make it a file that this account can write to, or run the command on the machine that has it."
        )


class CannotRead(Exception):
    """Who was erased since the backup cannot be said."""


@dataclass(frozen=True)
class Erasure:
    vendor: int
    added_at: dt.datetime
    erased_at: dt.datetime


def add(vendor: Vendor) -> None:
    """Write down that they are about to be erased, once, and only return when it is on the disk. Raise CannotWrite."""
    if not settings.ERASURES_FILE:
        return
    # Written by hand: whether a vendor is there already is seen by how their line begins.
    beginning = f'{{"vendor": {vendor.pk}, "added_at": "{vendor.created_at.astimezone(dt.UTC).isoformat()}", '
    line = f'{beginning}"erased_at": "{timezone.now().astimezone(dt.UTC).isoformat()}"}}\n'
    path = Path(settings.ERASURES_FILE)
    try:
        with open(os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600), "r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            so_far = file.read()
            if beginning in so_far:
                return
            if so_far and not so_far.endswith("\n"):  # the machine failed in the middle of a line
                line = f"\n{line}"
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        _sync_folder(path.parent)
    except OSError as error:
        raise CannotWrite(error) from error


def erasures() -> list[Erasure]:
    """Raise CannotRead."""
    if not settings.ERASURES_FILE:
        raise CannotRead(
            "ERASURES_FILE is not set, so Passport cannot tell who was erased after the backup was made. Set it to the "
            "list of erasures (an empty file if no one was), then run manage.py restore --replay-erasures."
        )
    path = Path(settings.ERASURES_FILE)
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError as error:
        raise CannotRead(
            f"There is no file at ERASURES_FILE ({path}). Put the list of erasures there (an empty file if no one was "
            "erased after the backup was made), then run manage.py restore --replay-erasures."
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise CannotRead(f"ERASURES_FILE ({path}) cannot be read: {error}.") from error
    return [_parsed(line, number) for number, line in enumerate(lines, start=1) if line.strip()]


def count() -> int | None:
    """How many are on the list; None where this installation keeps none, or cannot read it."""
    try:
        return len(erasures())
    except CannotRead:
        return None


def _parsed(line: str, number: int) -> Erasure:
    try:
        given = json.loads(line)
        added_at, erased_at = (dt.datetime.fromisoformat(given[name]) for name in ("added_at", "erased_at"))
        erasure = Erasure(int(given["vendor"]), added_at, erased_at)
        if added_at.tzinfo is None or erased_at.tzinfo is None:
            raise ValueError("without a time zone")
    except (ValueError, KeyError, TypeError) as error:
        raise CannotRead(
            f"Line {number} of ERASURES_FILE ({settings.ERASURES_FILE}) is not an erasure. Correct it or remove it, "
            "then run manage.py restore --replay-erasures."
        ) from error
    return erasure


def _sync_folder(folder: Path) -> None:
    """A new file is only there for good when its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
