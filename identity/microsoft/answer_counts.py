"""How often Microsoft gave which answer. In the database: most of them come to workers, whom nobody can ask."""

from __future__ import annotations

import logging

import requests
from django.db import Error, connection

log = logging.getLogger(__name__)

_COUNT = """
INSERT INTO identity_graphanswers (kind, status, count) VALUES (%s, %s, 1)
ON CONFLICT (kind, status) DO UPDATE SET count = identity_graphanswers.count + 1
"""


def add(kind: str, status: str) -> None:
    """Never in the way of what was asked for: an answer that cannot be counted is still an answer.

    Not in a transaction, whose end the others who count would have to wait for; nobody asks Microsoft in one.
    """
    if connection.in_atomic_block:
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, [kind, status])
    except Error as error:
        log.warning("A response from Microsoft could not be counted (%s).", type(error).__name__)


def add_none(kind: str, error: requests.RequestException) -> None:
    add(kind, "timeout" if isinstance(error, requests.Timeout) else "unreachable")
