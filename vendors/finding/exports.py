"""Taking what was found out of Passport in a file, and the record of it."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import IO

from django.db import transaction
from django.db.models import Prefetch, QuerySet

from identity.models import User
from vendors.exchange_rates import lifecycle as exchange_rates
from vendors.finding import export_files, results
from vendors.finding.columns import OF_RATES, Row, VendorResource
from vendors.finding.query import Query
from vendors.finding.results import away_soon
from vendors.models import AwayPeriod, ExchangeRate, VendorExport, VendorTag

MOST_LINES = 5000
CHUNK = 200  # rows in memory at once
OF_PROFILE = (
    "kind",
    "contact_email",
    "phone",
    "country",
    "time_zone",
    "native_languages",
    "specialisms",
    "cat_tools",
)
# What no column needs is not read: the words of the search are most of a row, and numbers would be decrypted.
OF_VENDOR = ("name", "primary_email", "state", "user", "owner__email", *(f"profile__{name}" for name in OF_PROFILE))
WRITERS = {
    VendorExport.Format.CSV: export_files.write_csv,
    VendorExport.Format.XLSX: export_files.write_xlsx,
}


@transaction.atomic
def export(
    query: Query, *, address: str, columns: Collection[str], file_format: str, reason: str, by: User, today: dt.date
) -> tuple[IO[bytes], VendorExport]:
    """A file to send, on disk and not in memory, and what was recorded about it."""
    resource = VendorResource()
    chosen = [name for name in VendorResource.fields if name in set(columns)]
    rows = _rows(query, chosen, today=today)
    head = [str(title) for title in resource.get_export_headers(selected_fields=chosen)]
    file = tempfile.TemporaryFile()  # noqa: SIM115  the response closes it
    lines = (resource.export_resource(row, selected_fields=chosen) for row in islice(rows, MOST_LINES))
    number = WRITERS[VendorExport.Format(file_format)](file, head, lines)
    file.seek(0)
    record = VendorExport.objects.create(
        by=by,
        lines=number,
        is_capped=next(rows, None) is not None,
        columns=chosen,
        format=file_format,
        query=address,
        reason=reason,
    )
    return file, record


def _rows(query: Query, columns: Collection[str], *, today: dt.date) -> Iterator[Row]:
    """In the order of the page, all groups; each vendor once when nothing about its rates is asked for."""
    known = exchange_rates.in_force()
    rows = _compared(query, known, today=today) if query.is_comparing else _by_vendor(query, known, today=today)
    if OF_RATES.intersection(columns):
        yield from rows
        return
    seen: set[int] = set()
    for row in rows:
        if row.vendor.pk not in seen:
            seen.add(row.vendor.pk)
            yield row


def _compared(query: Query, known: Mapping[str, ExchangeRate], *, today: dt.date) -> Iterator[Row]:
    for key, rates in results.in_groups(query, known).items():
        with_vendor = rates.select_related("pair", "vendor__owner", "vendor__profile").prefetch_related(
            *_of_vendor(today, path="vendor__")
        )
        with_vendor = with_vendor.only(*results.OF_RATE, *results.OF_PAIR, *(f"vendor__{name}" for name in OF_VENDOR))
        title = str(results.TITLES[key])
        for rate in _in_chunks(with_vendor):
            yield Row(rate.vendor, results.offer(rate, query, known), title, rate.vendor.away_soon)


def _by_vendor(query: Query, known: Mapping[str, ExchangeRate], *, today: dt.date) -> Iterator[Row]:
    matching = results.offered(query).select_related("pair").order_by(*results.IN_ORDER)
    vendors = (
        results.vendors(query)
        .select_related("owner", "profile")
        .prefetch_related(Prefetch("rates", queryset=matching, to_attr="found_rates"), *_of_vendor(today))
    )
    for vendor in _in_chunks(vendors.only(*OF_VENDOR)):
        for rate in vendor.found_rates or [None]:
            offer = results.offer(rate, query, known) if rate else None
            yield Row(vendor, offer, "", vendor.away_soon)


def _in_chunks(rows: QuerySet) -> Iterator:
    return rows[: MOST_LINES + 1].iterator(chunk_size=CHUNK)


def _of_vendor(today: dt.date, *, path: str = "") -> list[Prefetch]:
    away = AwayPeriod.objects.filter(away_soon(today))
    return [
        Prefetch(f"{path}away_periods", queryset=away, to_attr="away_soon"),
        Prefetch(f"{path}vendor_tags", queryset=VendorTag.objects.all()),
    ]
