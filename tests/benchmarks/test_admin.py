"""VM's pages with a thousand vendors and with a hundred thousand, in two databases side by side."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote, urlencode

import pytest
from django.contrib import admin
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.test import Client, RequestFactory
from django.urls import reverse

from identity.admin_lists import SearchedList
from identity.jobs import heartbeat
from identity.models import User
from identity.roles import ADMINISTRATOR
from tests.benchmarks.population import add_vendors
from tests.benchmarks.rounds import compare, statements, wall
from tests.benchmarks.sizes import FEW, PAGES, ROUNDS, VENDORS
from tests.factories import create_staff

TIMES = 3
LIST = "/admin/vendors/vendor/"
SUBMISSIONS = "/admin/onboarding/submission/"
SEARCHES = {
    "an address": (LIST, "vendor-777@mail.example"),
    "a former address": (LIST, "before-773@mail.example"),
    "a full name": (LIST, "Jon Bauer 777"),
    "a common first name": (LIST, "ana"),
    "a common first name, among the invited": (LIST + "?state__exact=invited", "ana"),
    "a letter": (LIST, "a"),
    "the beginning of every address": (LIST, "vendor"),
    "the beginning of every address, among the invited": (LIST + "?state__exact=invited", "vendor"),
    "a mail domain": (LIST, "mail.example"),
    "a company": (LIST, "Studio 777"),
    "the first word of every company": (LIST, "Studio"),
    "a phone number": (LIST, "020 7000 0777"),
    "a tax number": (LIST, "GB100000777"),
    "a reference": (LIST, "V0000777"),
    "nobody": (LIST, "nobody at all"),
    "submissions, an address": (SUBMISSIONS + "?state__exact=all", "vendor-777@mail.example"),
    "submissions, a full name": (SUBMISSIONS + "?state__exact=all", "Jon Bauer 777"),
    "submissions, a common first name": (SUBMISSIONS + "?state__exact=all", "ana"),
    "submissions that wait, a common first name": (SUBMISSIONS, "ana"),
    "submissions, a reference": (SUBMISSIONS + "?state__exact=all", "V0000777"),
    "cases, an address": ("/admin/identity/failure/", "vendor-778@mail.example"),
    "cases, a common first name": ("/admin/identity/failure/", "ana"),
    "cases, a reference": ("/admin/identity/failure/", "B0000778"),
    "invitations, an address": ("/admin/identity/invitation/", "vendor-777@mail.example"),
    "invitations, a mail domain": ("/admin/identity/invitation/", "mail.example"),
    "invitations, a common first name": ("/admin/identity/invitation/", "ana"),
    "people, an address": ("/admin/identity/user/", "vendor-777@mail.example"),
    "accounts, an address": ("/admin/identity/entraaccount/", "vendor-777@mail.example"),
    "attempts, an address": ("/admin/identity/signinattempt/", "vendor-777@mail.example"),
    "email requests, an address": ("/admin/vendors/emailchangerequest/", "next-778"),
    "documents, a common first name": ("/admin/vendors/document/", "ana"),
}


def pages() -> dict[str, str]:
    """The first page, every list, every choice of each of its filters, and searches of every kind."""
    found = {"first page": "/admin/"}
    for model, model_admin in admin.site._registry.items():
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        name = str(model._meta.verbose_name_plural)
        found[name] = url
        if not isinstance(model_admin, SearchedList):
            continue
        request = RequestFactory().get(url)
        request.user = User.objects.filter(is_staff=True).earliest("pk")
        for spec in model_admin.get_changelist_instance(request).filter_specs:
            for choice in spec.choices(model_admin.get_changelist_instance(request)):
                query = choice["query_string"]
                if query.strip("?"):
                    found[f"{name} {unquote(query)}"] = f"{url}{query}"
    for name, (url, term) in SEARCHES.items():
        found[f"search, {name}"] = f"{url}{'&' if '?' in url else '?'}{urlencode({'q': term})}"
    return {name: path for name, path in found.items() if re.search(PAGES, name)}


# What pghistory puts in front of statements that it does not know.
CONTEXT = re.compile(r"^SELECT set_config\('pghistory\..*?\); ?", re.DOTALL)
# Below this PostgreSQL reads a table from end to end because that is quicker.
BIG = 20_000


@pytest.fixture
def vera(transactional_db: None) -> Client:
    client = Client()
    user = create_staff(role=ADMINISTRATOR)
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

    databases.use(databases.few)
    all_pages = pages()
    for name, path in all_pages.items():
        compared = compare(
            lambda path=path: page(path, databases.many), lambda path=path: page(path, databases.few), rounds=ROUNDS
        )
        report(f"admin, {name}: {VENDORS:,} vendors / {FEW:,}", compared, wanted="at most 1.5")

    databases.use(databases.many)
    big = big_tables()
    scans = {name: scanned(vera, path, big) for name, path in all_pages.items()}
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
        sql = CONTEXT.sub("", sql)
        if not sql.lstrip("(").startswith("SELECT"):
            continue
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql.replace('%', '%%')}", [])
            plan = cursor.fetchone()[0]
        plan = json.loads(plan) if isinstance(plan, str) else plan
        found += [f"{table}: {sql}" for table in read_whole(plan[0]["Plan"]) if table in tables]
    return found


def read_whole(node: dict[str, Any]) -> Iterator[str]:
    """The first rows that come, and no more, are not: that is how a list is counted to a thousand."""
    if node["Node Type"] == "Seq Scan":
        rows = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
        if rows * node["Actual Loops"] >= BIG:
            yield node["Relation Name"]
    for child in node.get("Plans", []):
        yield from read_whole(child)
