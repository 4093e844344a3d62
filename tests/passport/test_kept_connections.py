"""A request finds a connection that works, and seldom has to ask the database for it."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection

from passport.kept_connections import base

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def other() -> Iterator[psycopg.Connection]:
    """Somebody else's connection to the same server."""
    parameters = connection.get_connection_params()
    wanted = {name: parameters[name] for name in ("dbname", "user", "password", "host", "port") if name in parameters}
    with psycopg.connect(**wanted, autocommit=True) as somebody:
        yield somebody


def next_request() -> int:
    """What Django does between two requests of a thread, and the process of the server that answers then."""
    connection.health_check_enabled, connection.health_check_done = True, False
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def asked_last(other: psycopg.Connection, pid: int) -> str:
    return other.execute("SELECT query FROM pg_stat_activity WHERE pid = %s", [pid]).fetchone()[0]


def test_connection_cut_between_two_requests_is_opened_anew(other):
    pid = next_request()
    assert next_request() == pid
    other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    assert next_request() != pid


def test_server_is_asked_after_a_quiet_while_only(other, monkeypatch):
    pid = next_request()
    connection.health_check_done = False
    connection.close_if_health_check_failed()
    assert "pg_backend_pid" in asked_last(other, pid)

    monkeypatch.setattr(base, "QUIET_SECONDS", 0.0)
    connection.health_check_done = False
    connection.close_if_health_check_failed()
    assert asked_last(other, pid) == "SELECT 1"
