"""Erasing again whom a restore has brought back."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from vendors import erasure_list
from vendors.models import Vendor
from vendors.privacy import erasure, locks


class ListTooShort(Exception):
    """It is a copy from before the backup, so some who were erased may not be on it."""

    def __init__(self, *, there: int, expected: int) -> None:
        super().__init__(
            f"ERASURES_FILE lists {there} erasures, but there were {expected} when the backup was made. Use the newest "
            "copy of that file, then run manage.py restore --replay-erasures."
        )


@dataclass
class Replayed:
    """Numbers of vendors."""

    erased: list[int] = field(default_factory=list)
    already: list[int] = field(default_factory=list)
    unknown: list[int] = field(default_factory=list)


def replay(*, expected: int | None = None) -> Replayed:
    """Again after a kill it goes on. Raise CannotRead, ListTooShort or StillBusy."""
    listed = erasure_list.erasures()
    if expected is not None and len(listed) < expected:
        raise ListTooShort(there=len(listed), expected=expected)
    done = Replayed()
    for each in listed:
        # Numbers given out after the backup belong to others now: the same vendor was added at the same moment.
        vendor = Vendor.objects.filter(pk=each.vendor, created_at=each.added_at).first()
        if vendor is None:
            done.unknown.append(each.vendor)
        elif erasure.is_finished(vendor):
            done.already.append(each.vendor)
        else:
            _erase(vendor, erased_at=each.erased_at)
            done.erased.append(each.vendor)
    return done


def _erase(vendor: Vendor, *, erased_at: dt.datetime) -> None:
    """What was locked then is locked again: after an end that was long ago, more than somebody may ask for."""
    day = erased_at.astimezone(dt.UTC).date()
    erasure.erase(
        vendor,
        reason=f"Erased on {day}, and again after a restore",
        via="restore",
        sections=locks.IN_TIME if locks.is_over(vendor, on=day) else locks.ON_REQUEST,
        on=day,
    )
