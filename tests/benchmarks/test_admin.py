"""VM's pages with a thousand vendors and with a hundred thousand, in two databases side by side."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import combinations
from typing import Any
from unittest.mock import patch
from urllib.parse import unquote, urlencode

import pytest
from django.contrib import admin
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from identity.admin_lists import SearchedList
from identity.jobs import heartbeat
from identity.models import User
from identity.roles import ADMINISTRATOR
from passport.metrics.page import numbers
from tests.benchmarks.population import add_vendors
from tests.benchmarks.rounds import Comparison, compare, cpu, statements
from tests.benchmarks.sizes import FEW, PAGES, ROUNDS, VENDORS
from tests.factories import create_staff
from vendors.finding import results
from vendors.models import ExchangeRate, Vendor

LIST = "/admin/vendors/vendor/"
SUBMISSIONS = "/admin/onboarding/submission/"
SEARCHES = {
    "an address": (LIST, "vendor-777@mail.example"),
    "a former address": (LIST, "before-773@mail.example"),
    "a full name": (LIST, "{name}"),
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
    "submissions, a full name": (SUBMISSIONS + "?state__exact=all", "{name}"),
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
    "data requests, a common first name": ("/admin/vendors/datarequest/", "ana"),
    "soon erased, a common first name": ("/admin/vendors/retentionentry/", "ana"),
    "held back, an address": ("/admin/vendors/retentionhold/", "vendor-774@mail.example"),
    "documents, a common first name": ("/admin/vendors/document/", "ana"),
    "evidence, a common first name": ("/admin/vendors/evidence/", "ana"),
}

FIND = "/admin/vendors/vendor/find/"
PAIR, TRANSLATION = "source=en&target=sv", "service=translation"
FOUND = {
    "a pair": PAIR,
    "a region": "source=en-GB&target=sv",
    "whatever is translated into a language": "target=sv",
    "a pair, by rate": f"{PAIR}&{TRANSLATION}",
    "a region, by rate": f"source=en-GB&target=sv&{TRANSLATION}",
    "a pair, by name": f"{PAIR}&{TRANSLATION}&order=name",
    "a service, by rate": TRANSLATION,
    "into a language, by rate": f"target=sv&{TRANSLATION}",
    "a pair, up to a rate": f"{PAIR}&{TRANSLATION}&up_to=0.08",
    "a pair, up to a rate, by name": f"{PAIR}&{TRANSLATION}&up_to=0.08&order=name",
    "a rate that nobody has": f"{PAIR}&{TRANSLATION}&up_to=0.001",
    "a rate that nobody has, in any language": f"{TRANSLATION}&up_to=0.001",
    "by the hour": f"{PAIR}&{TRANSLATION}&unit=hour",
    "a pair, at least documented": f"{PAIR}&{TRANSLATION}&qualified=documented",
    "a pair, verified, by rate": f"{PAIR}&{TRANSLATION}&qualified=verified&up_to=0.1",
    "other units, all": f"{PAIR}&{TRANSLATION}&group=units",
    "in another currency": f"{PAIR}&{TRANSLATION}&currency=SEK",
    "a pair, a subject, a rate, available": f"{PAIR}&{TRANSLATION}&specialism=legal&up_to=0.1&available=yes",
    "a subject": "specialism=legal",
    "sworn": "sworn=sworn",
    "certified": "sworn=certified",
    "available": "available=yes",
    "a country": "country=SE",
    "a tool": "tool=memoq",
    "a tag": "tag=preferred",
    "a tag and a pair": f"tag=preferred&{PAIR}",
    "my own": "owner=me",
    "nobody's": "owner=none",
    "ended": "state=ended",
    "any state": "state=any",
    "with an open case": "cases=open",
    "any state with an open case": "cases=open&state=any",
}

QUALIFIED = "source=en&target=sv&service=translation&day={day}"
# What is neither a list nor found by Find.
OTHER_PAGES = {
    "who is qualified": f"{LIST}qualified/?{QUALIFIED}",
    "who is qualified for a subject": f"{LIST}qualified/?{QUALIFIED}&specialism=legal",
    "reports": "/admin/onboarding/report/",
    "colleagues": "/admin/vendors/absence/",
    "handing over": "/admin/vendors/absence/hand-over/",
    "texts": "/admin/vendors/text/",
    "many at once": f"{LIST}bulk/",
    "imports": f"{LIST}import/",
    "explaining an address": f"{LIST}explain/?email=vendor-777%40mail.example",
}
PAGES_OF_A_VENDOR = (
    "change",
    "as-vendor",
    "change-email",
    "data-request",
    "exceptions",
    "explain",
    "hold",
    "propose-rate",
    "sessions",
    "suspend",
    "tags",
    "test-translations",
)

Pages = dict[str, str]
WANTED = 1.5
LIST_LENGTH = SearchedList.list_per_page


def pages() -> Pages:
    """The first page, every list, every choice of each of its filters, and searches of every kind."""
    vendor = Vendor.objects.get(primary_email="vendor-777@mail.example")
    found = {"first page": "/admin/"}
    found |= {f"vendor's page, {name}": f"{LIST}{vendor.pk}/{name}/" for name in PAGES_OF_A_VENDOR}
    today = timezone.localdate().isoformat()
    found |= {f"page, {name}": path.format(day=today) for name, path in OTHER_PAGES.items()}
    for name, url, filters in lists():
        found[name] = url
        found |= {f"{name} {choice}": f"{url}?{choice}" for choices in filters for choice in choices}
    found |= {f"find, {name}": f"{FIND}?{asked}" for name, asked in FOUND.items()}
    for name, (url, searched) in SEARCHES.items():
        term = searched.format(name=vendor.name)
        found[f"search, {name}"] = f"{url}{'&' if '?' in url else '?'}{urlencode({'q': term})}"
    return found


def together() -> dict[str, Pages]:
    """What is chosen and typed at once: two choices, and a common name among what a choice or two leave."""
    found: dict[str, Pages] = {}
    for name, url, filters in lists():
        pairs = [f"{one}&{other}" for some, others in combinations(filters, 2) for one in some for other in others]
        choices = [choice for choices in filters for choice in choices]
        found[f"{name}, two filters at once"] = {pair: f"{url}?{pair}" for pair in pairs}
        found[f"{name}, a common first name with filters"] = {
            f"{chosen}&q=ana": f"{url}?{chosen}&q=ana" for chosen in [*choices, *pairs]
        }
    return {name: some for name, some in found.items() if some}


def lists() -> Iterator[tuple[str, str, list[list[str]]]]:
    """Of each list that staff see, its name, its address and the choices of each of its filters."""
    request = RequestFactory().get("/")
    request.user = User.objects.filter(is_staff=True).earliest("pk")
    for model, model_admin in admin.site._registry.items():
        if not model_admin.has_view_permission(request):
            continue
        assert isinstance(model_admin, SearchedList), f"The list of {model} has no limits."
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        changelist = model_admin.get_changelist_instance(request)
        choices = [
            [unquote(one["query_string"]).strip("?") for one in s.choices(changelist)] for s in changelist.filter_specs
        ]
        yield str(model._meta.verbose_name_plural), url, [list(filter(None, some)) for some in choices]


# What pghistory puts in front of statements that it does not know.
CONTEXT = re.compile(r"^SELECT set_config\('pghistory\..*?\); ?", re.DOTALL)
# A fifth of the vendors, as a rule. A word that a tenth of them have is looked up with all of these, or in the order of
# the list until there are enough.
BIG = max(VENDORS // 5, 10 * FEW)


@pytest.fixture
def vera(transactional_db: None) -> Client:
    client = Client()
    user = create_staff(role=ADMINISTRATOR)
    client.force_login(user)
    heartbeat.beat("worker")
    ExchangeRate.objects.create(currency="SEK", per_euro=11, valid_on=timezone.localdate())
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
    slow: list[str] = []

    def measured(name: str, path: str) -> Comparison:
        compared = turn_by_turn(path, rounds=max(2, ROUNDS // 4))
        if compared.ratio > WANTED:  # chance has a second chance
            compared = turn_by_turn(path, rounds=ROUNDS * 2)
        if compared.ratio > WANTED:
            slow.append(f"{name} {path}: {compared}")
        return compared

    def turn_by_turn(path: str, *, rounds: int) -> Comparison:
        with pages_of_one_length(vera, path, databases):
            return compare(lambda: page(path, databases.many), lambda: page(path, databases.few), rounds=rounds)

    def page(path: str, database: Any) -> float:
        databases.use(database)
        return cpu(lambda: opened(vera, path))

    def counted(database: Any) -> float:
        databases.use(database)
        return cpu(numbers)

    databases.use(databases.few)
    one_by_one = {name: path for name, path in pages().items() if re.search(PAGES, name)}
    in_one_row = {name: some for name, some in together().items() if re.search(PAGES, name)}
    for name, path in one_by_one.items():
        report(f"admin, {name}: {VENDORS:,} vendors / {FEW:,}", measured(name, path), wanted=f"at most {WANTED}")
    for name, some in in_one_row.items():
        worst, path = max((measured(name, path), path) for path in some.values())
        report(f"admin, {name} ({len(some)}), the worst", worst, wanted=f"at most {WANTED}")
        report(f"  {unquote(path)}", "")

    report(
        f"numbers for Prometheus: {VENDORS:,} vendors / {FEW:,}",
        compare(lambda: counted(databases.many), lambda: counted(databases.few), rounds=ROUNDS),
    )
    databases.use(databases.many)
    everything = list(one_by_one.values()) + [path for some in in_one_row.values() for path in some.values()]
    much = {path: found for path in everything if (found := read_much(vera, path))}
    report(f"  pages for which {BIG:,} rows of a table are read (of {len(everything)})", len(much), wanted="0")
    assert not much, much
    assert not slow, slow


@contextmanager
def pages_of_one_length(client: Client, path: str, databases: Databases) -> Iterator[None]:
    """As many rows as the smaller database has for this page: of fifty rows the writing takes longer than of three."""
    shown = []
    for database in (databases.few, databases.many):
        databases.use(database)
        context = client.get(path).context or {}
        changelist, groups = context.get("cl"), context.get("groups")
        shown.append(len(groups[0].lines if groups else changelist.result_list if changelist else ()))
    length = max(1, min(*shown, LIST_LENGTH))
    with patch.object(SearchedList, "list_per_page", length), patch.object(results, "LINES", length):
        yield


def opened(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200, response


def read_much(client: Client, path: str) -> list[str]:
    """For which statements of this page PostgreSQL reads many rows of a table, in whatever way."""
    found = []
    for sql in statements(lambda: opened(client, path)):
        sql = CONTEXT.sub("", sql)
        if not sql.lstrip("(").startswith("SELECT"):
            continue
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql.replace('%', '%%')}", [])
            plan = cursor.fetchone()[0]
        plan = json.loads(plan) if isinstance(plan, str) else plan
        found += [f"{relation}: {sql}" for relation in looked_through(plan[0]["Plan"])]
    return found


def looked_through(node: dict[str, Any]) -> Iterator[str]:
    """Each table, or index alone, of which many rows were looked at, from end to end or because all of them match.

    A bitmap of an index is no row: of what it leaves the table is asked. What drawing it takes is measured as time.
    """
    if "Scan" in node["Node Type"] and node["Node Type"] != "Bitmap Index Scan":
        removed = [node.get(f"Rows Removed by {what}", 0) for what in ("Filter", "Index Recheck")]
        if (node["Actual Rows"] + sum(removed)) * node["Actual Loops"] >= BIG:
            yield node.get("Relation Name") or node.get("Index Name") or node["Node Type"]
    for child in node.get("Plans", []):
        yield from looked_through(child)
