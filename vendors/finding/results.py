"""Who was found: one line for each vendor by name, or one for each rate when rates are compared.

What cannot be compared with the rest is a group of its own: rates by other units, and rates in a currency without an
exchange rate. However many there are, it takes the same statements, each through an index and to a limit.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from typing import Any

from django.db.models import BooleanField, Count, Exists, F, Func, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import RowNumber
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from identity.text_direction import gettext as _
from identity.text_direction import ours
from vendors.answers import money, service_catalogue
from vendors.exchange_rates import lifecycle as exchange_rates
from vendors.finding.query import Query
from vendors.models import AwayPeriod, ExchangeRate, LanguagePair, PairStanding, Rate, Vendor, VendorTag
from vendors.models.exchange_rate import BASE, DECIMALS
from vendors.search import leading_to

LINES = 50
LINES_OF_OTHERS = 10  # below those that are compared
MOST_PAGES = 20
RATES_OF_VENDOR = 5  # beside one name
AWAY_DAYS = 14
ALL, COMPARED, NO_EXCHANGE_RATE, OTHER_UNITS = "vendors", "compared", "currencies", "units"
EXCEPTIONS = "exceptions"
TITLES: Mapping[str, str | Promise] = {
    ALL: gettext_lazy("Vendors"),
    COMPARED: gettext_lazy("Compared"),
    NO_EXCHANGE_RATE: gettext_lazy("In other currencies, not compared"),
    OTHER_UNITS: gettext_lazy("In other units, not compared"),
    EXCEPTIONS: gettext_lazy("Exceptions, not qualified to the level you chose"),
}

OF_VENDOR = ("name", "primary_email", "state", "user", "owner__email", "profile__country", "profile__kind")
OF_PAIR = ("pair__source", "pair__target")
OF_RATE = ("service", "unit", "amount", "currency", "in_euros")
IN_ORDER = ("in_euros", "currency", "amount", "id")
BY_NAME = ("sort_name", "id")


@dataclass(frozen=True)
class Offer:
    rate: Rate
    converted: Decimal | None  # into the currency that rates are compared in; none if that says nothing more
    currency: str
    by: list[ExchangeRate]
    is_near: bool

    @property
    def in_words(self) -> str:
        return money.display(self.converted, self.currency) if self.converted is not None else ""


@dataclass
class Line:
    vendor: Vendor
    offers: list[Offer] = field(default_factory=list)
    more_offers: int = 0
    away: list[AwayPeriod] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    standings: list[PairStanding] = field(default_factory=list)


@dataclass
class Group:
    key: str
    explanation: str
    lines: list[Line]
    has_more: bool
    more_url: str = ""  # where all of them are

    @property
    def title(self) -> str:
        return str(TITLES[self.key])

    @property
    def parts(self) -> list[tuple[str, list[Line]]]:
        """The lines under what sets them apart: their currency, or their unit."""
        return [(heading, list(lines)) for heading, lines in groupby(self.lines, self._heading)]

    def _heading(self, line: Line) -> str:
        if self.key == NO_EXCHANGE_RATE:
            return line.offers[0].rate.currency
        return service_catalogue.unit_name(line.offers[0].rate.unit) if self.key == OTHER_UNITS else ""


def vendors(query: Query) -> QuerySet[Vendor]:
    """By name, whoever translates what is looked for, at whatever rate."""
    found = Vendor.objects.filter(query.where)
    if query.asks_for_a_pair:
        found = found.filter(pk__in=LanguagePair.objects.filter(query.pairs).order_by().values("vendor"))
    if query.qualified:
        found = found.filter(pk__in=query.qualifying.order_by().values("vendor"))
    return found.order_by(*BY_NAME)


def rates(query: Query) -> QuerySet[Rate]:
    """Of the service that is compared, by whatever unit and in whatever currency."""
    return offered(query).filter(leading_to("vendor__", query.where))


class ExistsForEach(Exists):
    """Asked of one row after the other, in their order, until there are enough for the page.

    PostgreSQL would make a join of it, and expects next to nothing to be left, as it does not know that languages and
    vendor go together: so it would look at all rates in these languages, and sort them.
    """

    template = "EXISTS(%(subquery)s OFFSET 0)"


class AmongThese(Func):
    """Asked once for all rows, then looked up for each. PostgreSQL makes a join of IN, but not of IN … IS TRUE."""

    arg_joiner = " IN "
    template = "(%(expressions)s) IS TRUE"
    output_field = BooleanField()

    def __init__(self, field: str, rows: QuerySet[Any]) -> None:
        super().__init__(F(field), Subquery(rows))


def offered(query: Query) -> QuerySet[Rate]:
    """At whatever rate; only in pairs that the vendor is qualified in, if that was asked."""
    found = Rate.objects.filter(query.rates)
    if query.qualified:
        # First by the vendor alone, or each rate of those who are qualified in no such pair would be looked into.
        found = found.filter(AmongThese("vendor", query.qualifying.order_by().values("vendor")))
        of_pair = {"vendor": OuterRef("vendor"), "source": OuterRef("pair__source"), "target": OuterRef("pair__target")}
        found = found.filter(ExistsForEach(query.qualifying.filter(**of_pair)))
    return found


def exceptions(query: Query) -> QuerySet[Vendor]:
    """By name, whoever is not qualified as far as was asked but may be used because of an exception."""
    excepted = query.excepted.order_by().values("vendor")
    return Vendor.objects.filter(query.where, pk__in=excepted).order_by(*BY_NAME)


def ids(query: Query, key: str, *, at_most: int) -> tuple[list[int], bool]:
    """The vendors of one group on all its pages, in its order, and whether there are more of them."""
    found: QuerySet[Any, int]
    if key == EXCEPTIONS:
        found = exceptions(query).values_list("pk", flat=True)
    elif query.is_comparing:
        found = in_groups(query, exchange_rates.in_force())[key].values_list("vendor", flat=True)
    else:
        found = vendors(query).values_list("pk", flat=True)
    some: dict[int, None] = {}  # of several rates the vendor is one
    for pk in found.iterator(chunk_size=500):
        if pk not in some and len(some) == at_most:
            return list(some), True
        some[pk] = None
    return list(some), False


def in_groups(query: Query, known: Mapping[str, ExchangeRate]) -> dict[str, QuerySet[Rate]]:
    """What was found, what is compared first; each in its order."""
    found = rates(query)
    of_unit = found.filter(unit=query.compared_unit)
    if exchange_rates.is_known(query.currency, known):
        compared, others = of_unit.filter(in_euros__isnull=False), of_unit.filter(in_euros__isnull=True)
        if query.up_to:
            compared = compared.filter(in_euros__lte=_in_euros(query.up_to, query.currency, known))
    else:
        compared, others = of_unit.filter(currency=query.currency), of_unit.exclude(currency=query.currency)
        if query.up_to:
            compared = compared.filter(amount__lte=query.up_to)
    groups = {COMPARED: compared, NO_EXCHANGE_RATE: others, OTHER_UNITS: found.filter(unit__in=query.other_units)}
    orders: dict[str, tuple[str, ...]] = {
        COMPARED: IN_ORDER,
        NO_EXCHANGE_RATE: IN_ORDER,
        OTHER_UNITS: ("unit", *IN_ORDER),
    }
    by_name = [f"vendor__{name}" for name in BY_NAME]
    return {
        key: rows.order_by(*(orders[key] if query.is_by_rate else (*by_name, "id"))) for key, rows in groups.items()
    }


def _in_euros(amount: Decimal, currency: str, known: Mapping[str, ExchangeRate]) -> Decimal:
    """As the database rounds it (vendors.models.profile)."""
    per_euro = Decimal(1) if currency == BASE else known[currency].per_euro
    return (amount / per_euro).quantize(Decimal(1).scaleb(-DECIMALS), rounding=ROUND_HALF_UP)


def find(query: Query, *, only: str = "", page: int = 1, today: dt.date, shows_standings: bool = False) -> list[Group]:
    """The first group with this page of it, and the beginnings of the others; or one group alone."""
    known = exchange_rates.in_force()
    groups = []
    if query.is_comparing:
        groups = _compared(query, known, only=only, page=page)
    elif only in ("", ALL):
        groups = [_by_name(ALL, vendors(query), query, known, page=page, length=LINES)]
    if query.qualified and (only == EXCEPTIONS or not only and page == 1):
        length = LINES if only else LINES_OF_OTHERS
        at_any_standing = replace(query, qualified="")
        groups.append(_by_name(EXCEPTIONS, exceptions(query), at_any_standing, known, page=page, length=length))
    _add_what_else(groups, today=today)
    if shows_standings:
        _add_standings(groups, query)
    return groups


def _by_name(
    key: str, found: QuerySet[Vendor], query: Query, known: Mapping[str, ExchangeRate], *, page: int, length: int
) -> Group:
    rows, has_more = _page(found.select_related("owner", "profile").only(*OF_VENDOR), page, length=length)
    explanation = ""
    if key == EXCEPTIONS:
        explanation = _("An exception is in force for these vendors. It does not count as being qualified.")
    group = Group(key, explanation, [Line(vendor) for vendor in rows], has_more)
    _add_rates(group.lines, query, known)
    return group


def _compared(query: Query, known: Mapping[str, ExchangeRate], *, only: str, page: int) -> list[Group]:
    explained = _explanations(query, known)
    groups = []
    for key, rows in in_groups(query, known).items():
        if only and key != only or key != COMPARED and not only and page > 1:
            continue
        rows = rows.select_related("pair", "vendor__owner", "vendor__profile")
        rows = rows.only(*OF_RATE, *OF_PAIR, *(f"vendor__{name}" for name in OF_VENDOR))
        is_beginning = key != COMPARED and not only
        found, has_more = _page(rows, page, length=LINES_OF_OTHERS if is_beginning else LINES)
        lines = [Line(rate.vendor, [offer(rate, query, known)]) for rate in found]
        groups.append(Group(key, explained[key], lines, has_more))
    return groups


def _page(rows: QuerySet, page: int, *, length: int) -> tuple[list, bool]:
    begin = (page - 1) * length
    found = list(rows[begin : begin + length + 1])
    return found[:length], len(found) > length


def _explanations(query: Query, known: Mapping[str, ExchangeRate]) -> dict[str, str]:
    unit = ours(service_catalogue.unit_name(query.compared_unit))
    if exchange_rates.is_known(query.currency, known):
        why = _("There is no exchange rate for these currencies.")
    else:
        why = _("There is no exchange rate for %(currency)s, so only rates in %(currency)s are compared.")
        why %= {"currency": ours(query.currency)}
    return {
        COMPARED: _("%(service)s, %(unit)s, in %(currency)s.")
        % {
            "service": ours(service_catalogue.service_name(query.service)),
            "unit": unit,
            "currency": ours(query.currency),
        },
        NO_EXCHANGE_RATE: why,
        OTHER_UNITS: _("These rates are not %(unit)s, so they cannot be compared with the others.") % {"unit": unit},
    }


def offer(rate: Rate, query: Query, known: Mapping[str, ExchangeRate]) -> Offer:
    """The rate beside what it comes to in the currency that is compared in."""
    converted = None
    if rate.currency != query.currency:
        converted = exchange_rates.converted(rate.in_euros, query.currency, known)
    by = [known[code] for code in (rate.currency, query.currency) if code in known] if converted else []
    return Offer(rate, converted, query.currency, by, query.is_near(rate.pair))


def _add_rates(lines: Iterable[Line], query: Query, known: Mapping[str, ExchangeRate]) -> None:
    """Beside each name the first few that match."""
    of_vendor = {line.vendor.pk: line for line in lines}
    first = [F("source_language"), F("target_language"), F("service"), F("in_euros"), F("id")]
    found = offered(query).filter(vendor__in=list(of_vendor)).select_related("pair")
    numbered = found.annotate(
        place=Window(RowNumber(), partition_by="vendor", order_by=first),
        number=Window(Count("*"), partition_by="vendor"),
    )
    for rate in numbered.filter(place__lte=RATES_OF_VENDOR).order_by("vendor", "place"):
        line = of_vendor[rate.vendor_id]
        line.offers.append(offer(rate, query, known))
        line.more_offers = rate.number - len(line.offers)


def _add_what_else(groups: Iterable[Group], *, today: dt.date) -> None:
    """When they are away in the next two weeks, and their tags."""
    of_vendor: dict[int, list[Line]] = {}
    for group in groups:
        for line in group.lines:
            of_vendor.setdefault(line.vendor.pk, []).append(line)
    for period in AwayPeriod.objects.filter(away_soon(today), vendor__in=list(of_vendor)):
        for line in of_vendor[period.vendor_id]:
            line.away.append(period)
    for vendor, tag in (
        VendorTag.objects.filter(vendor__in=list(of_vendor)).order_by("tag").values_list("vendor", "tag")
    ):
        for line in of_vendor[vendor]:
            line.tags.append(tag)


def _add_standings(groups: Iterable[Group], query: Query) -> None:
    """Of the pairs and services whose rates are shown; without a rate, of what was looked for."""
    lines = [line for group in groups for line in group.lines]
    services = {offer.rate.service for line in lines for offer in line.offers} | {query.service}
    known = PairStanding.objects.filter(vendor__in={line.vendor.pk for line in lines}, service__in=services)
    of_vendor: dict[int, list[PairStanding]] = {}
    for standing in known.filter(specialism__in={"", query.specialism}):
        # What is known of all subjects says nothing about the one that was asked for.
        if standing.specialism == (query.specialism if standing.service in PairStanding.BY_SUBJECT else ""):
            of_vendor.setdefault(standing.vendor_id, []).append(standing)
    for line in lines:
        shown = {(offer.rate.pair.source, offer.rate.pair.target, offer.rate.service) for offer in line.offers}
        line.standings = [
            standing
            for standing in of_vendor.get(line.vendor.pk, [])
            if (standing.source, standing.target, standing.service) in shown or not shown and query.is_about(standing)
        ]


def away_soon(today: dt.date) -> Q:
    """Of AwayPeriod: on one of the days of the next two weeks."""
    return Q(ends_on__gte=today, starts_on__lt=today + dt.timedelta(days=AWAY_DAYS))
