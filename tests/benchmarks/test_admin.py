"""VM's pages with a thousand vendors and with a hundred thousand, in two databases side by side."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.test import Client

from identity.jobs import heartbeat
from tests.benchmarks.population import add_vendors
from tests.benchmarks.rounds import compare, statements, wall
from tests.benchmarks.sizes import FEW, ROUNDS, VENDORS
from tests.factories import create_staff

TIMES = 3
LIST = "/admin/vendors/vendor/"
PAGES = {
    "first page": "/admin/",
    "vendor list": LIST,
    "vendors who are invited": f"{LIST}?state__exact=invited",
    "vendors who are stuck": f"{LIST}?stuck=any",
    "search, an address": f"{LIST}?q=vendor-777%40mail.example",
    "search, a former address": f"{LIST}?q=before-773%40mail.example",
    "search, a full name": f"{LIST}?q=Jon+Bauer+777",
    "search, a common first name": f"{LIST}?q=ana",
    "failures, 30 rows become 50": "/admin/identity/failure/",
    "invitations": "/admin/identity/invitation/",
}
# Below this PostgreSQL reads a table from end to end because that is quicker.
BIG = 20_000


@pytest.fixture
def vera(transactional_db: None) -> Client:
    client = Client()
    user = create_staff()
    client.force_login(user)
    heartbeat.beat("worker")
    add_vendors(1, FEW, owner=user.pk)
    return client


class Databases:
    """The small one and a larger copy of it; the code under test sees whichever was chosen last."""

    def __init__(self) -> None:
        self.few = connections[DEFAULT_DB_ALIAS]
        self.many = self.few.copy()
        self.many.settings_dict["NAME"] = f"{self.few.settings_dict['NAME']}_many"

    def use(self, database: Any) -> None:
        connections[DEFAULT_DB_ALIAS] = database


@pytest.fixture
def databases(vera: Client) -> Iterator[Databases]:
    both = Databases()
    small, large = (f'"{database.settings_dict["NAME"]}"' for database in (both.few, both.many))
    both.few.close()  # a database is copied while nobody uses it
    with both.few._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {large}")
        cursor.execute(f"CREATE DATABASE {large} TEMPLATE {small}")
    try:
        both.use(both.many)
        add_vendors(FEW + 1, VENDORS, owner=create_staff().pk)
        yield both
    finally:
        both.many.close()
        both.use(both.few)
        with both.few._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {large}")


def test_pages_of_vendor_management(vera: Client, databases: Databases, report: Callable[..., None]) -> None:
    def page(path: str, database: Any) -> float:
        databases.use(database)
        return wall(lambda: opened(vera, path), times=TIMES)

    for name, path in PAGES.items():
        compared = compare(
            lambda path=path: page(path, databases.many), lambda path=path: page(path, databases.few), rounds=ROUNDS
        )
        report(f"admin, {name}: {VENDORS:,} vendors / {FEW:,}", compared, wanted="at most 1.5")

    databases.use(databases.many)
    big = big_tables()
    scans = {name: scanned(vera, path, big) for name, path in PAGES.items()}
    report(f"  big tables read from end to end (of {len(big)})", sum(map(len, scans.values())), wanted="0")
    assert not any(scans.values()), {name: found for name, found in scans.items() if found}


def opened(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200, response


def big_tables() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples >= %s", [BIG])
        return {name for (name,) in cursor.fetchall()}


def scanned(client: Client, path: str, tables: set[str]) -> list[str]:
    """Which of the tables PostgreSQL reads from end to end for this page, and for which statement."""
    found = []
    for sql in statements(lambda: opened(client, path)):
        if not sql.startswith("SELECT"):
            continue
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql.replace('%', '%%')}", [])
            plan = cursor.fetchone()[0]
        plan = json.loads(plan) if isinstance(plan, str) else plan
        found += [f"{table}: {sql}" for table in seq_scans(plan[0]["Plan"]) if table in tables]
    return found


def seq_scans(node: dict[str, Any], *, stops_early: bool = False) -> Iterator[str]:
    """The first rows that come, and no more, are no scan: that is how a list is counted to a thousand."""
    kind = node["Node Type"]
    if kind == "Seq Scan" and not (stops_early and "Filter" not in node):
        yield node["Relation Name"]
    stops_early = kind == "Limit" or (stops_early and kind == "Subquery Scan")
    for child in node.get("Plans", []):
        yield from seq_scans(child, stops_early=stops_early)
