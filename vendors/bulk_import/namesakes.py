"""Vendors of the same name, however it is written, at other addresses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import connection

from vendors.answers import search_words
from vendors.models import Vendor, VendorState

SHOWN_AT_MOST = 3
# Of those who have all the words of the name and perhaps more.
LOOKED_AT = 50

_FIND = """
SELECT wanted.number, found.id
FROM unnest(%s::bigint[], %s::text[]) AS wanted(number, words),
     LATERAL (SELECT id FROM vendors_vendor WHERE search_words @> string_to_array(wanted.words, ' ')
              ORDER BY cardinality(search_words) LIMIT %s) AS found
"""


def of(names: Mapping[int, str]) -> dict[int, list[Vendor]]:
    """For each number the vendors called like the name with this number; in two statements for hundreds of names."""
    wanted = {number: known for number, name in names.items() if (known := search_words.of_name(name))}
    if not wanted:
        return {}
    written = [" ".join(f"{word}{search_words.END}" for word in known) for known in wanted.values()]
    with connection.cursor() as cursor:
        cursor.execute(_FIND, [list(wanted), written, LOOKED_AT])
        pairs = cursor.fetchall()
    vendors = Vendor.objects.exclude(state=VendorState.ERASED).only("name", "primary_email", "state")
    called = {pk: (vendor, search_words.of_name(vendor.name)) for pk, vendor in vendors.in_bulk(_ids(pairs)).items()}
    found: dict[int, list[Vendor]] = {}
    for number, pk in sorted(pairs):
        vendor, name = called.get(pk, (None, []))
        if vendor is not None and name == wanted[number]:
            found.setdefault(number, []).append(vendor)
    return {number: alike[:SHOWN_AT_MOST] for number, alike in found.items()}


def _ids(pairs: Iterable[tuple[int, int]]) -> set[int]:
    return {pk for _number, pk in pairs}
