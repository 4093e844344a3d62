"""Moments in the headers of answers."""

from __future__ import annotations

import datetime as dt
import email.utils


def moment(text: str) -> dt.datetime | None:
    """None if it is none."""
    try:
        read = email.utils.parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return read if read.tzinfo else read.replace(tzinfo=dt.UTC)
