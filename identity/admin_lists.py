"""What the admin's lists share: they are of any length, and searched among what the filters leave."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

from django.contrib import admin
from django.contrib.admin import ShowFacets
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.core.paginator import Paginator
from django.db.models import F, Field, Func, IntegerField, Lookup, Q, QuerySet, Value
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

FOUND_AT_MOST = 200
# Fewer letters begin too many domains.
DOMAIN_LETTERS = 3


class CappedPaginator(Paginator):
    """Counts to a thousand and no further: counting a large table takes longer than everything else on the page."""

    AT_MOST = 1000

    @cached_property
    def _found(self) -> int:
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]
        return rows.order_by()[: self.AT_MOST + 1].count()

    @property
    def is_capped(self) -> bool:
        return self._found > self.AT_MOST

    @cached_property
    def count(self) -> int:
        return min(self._found, self.AT_MOST)


class DeclaredFilters(admin.ModelAdmin):
    """Takes from the address only the filters that the page offers.

    Django takes any field of the model, with any comparison: whoever sees the list could find out, letter by letter,
    what it does not show.
    """

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        allowed = set()
        for declared in self.get_list_filter(request):
            field = declared[0] if isinstance(declared, tuple | list) else declared
            if isinstance(field, str):
                allowed |= {f"{field}__exact", f"{field}__isnull"}
            else:
                allowed.add(str(getattr(declared, "parameter_name", "")))
        return lookup in allowed


class SearchedChangeList(ChangeList):
    """Knows what the page says about the search."""

    model_admin: SearchedList
    found_at_most = FOUND_AT_MOST

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        return super().get_queryset(request, exclude_parameters).defer(*self.model_admin.not_shown)

    def get_results(self, request: HttpRequest) -> None:
        if self.has_active_filters and not self.query:
            self.queryset, request.found = narrowed(self.queryset)  # type: ignore[attr-defined]
        super().get_results(request)
        if not self.multi_page:  # Django leaves out the limit, and PostgreSQL gets ready for all that there might be
            self.result_list = self.queryset[: self.list_per_page]
        self.search_is_capped = getattr(request, "search_is_capped", False)
        nothing_found = self.query and not self.result_count
        self.offers = self.model_admin.offers(request, as_typed(self.query)) if nothing_found else []


class SearchedList(DeclaredFilters):
    """Searched among what the filters leave, the best first. It says when there is more than it shows."""

    actions: Any = None
    list_per_page = 50
    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    sortable_by = ()
    # Django shows its box when there are any, and looks nowhere else for them.
    search_fields = ("pk",)
    # Fields that take long to read and are in no column of the list.
    not_shown: Sequence[str] = ()
    # What the filters are when they leave nothing out.
    everything: Mapping[str, str] = {}

    def ways_to_find(self, request: HttpRequest, term: str) -> Sequence[Q]:
        """Each answered by an index of its own, the most telling first."""
        raise NotImplementedError

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = as_typed(search_term)
        if term:
            queryset, found, is_capped = best(queryset, self.ways_to_find(request, term))
            request.found, request.search_is_capped = found, is_capped  # type: ignore[attr-defined]
        return queryset, False

    def get_paginator(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Paginator:
        paginator = super().get_paginator(request, *args, **kwargs)
        if hasattr(request, "found"):  # whoever looked for them knows how many there are
            paginator._found = request.found  # type: ignore[attr-defined]
        return paginator

    def offers(self, request: HttpRequest, term: str) -> list[tuple[str, str]]:
        """What else can be done when nothing is found, as label and address."""
        unfiltered = {**self.everything, SEARCH_VAR: term}
        if {**request.GET.dict(), SEARCH_VAR: term} == unfiltered:
            return []
        return [(_("Search without the filters"), f"?{urlencode(unfiltered)}")]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return SearchedChangeList


def as_typed(text: str) -> str:
    """Without what cannot be seen: it comes along when something is copied."""
    text = unicodedata.normalize("NFC", text)
    return " ".join("".join(letter for letter in text if unicodedata.category(letter) != "Cf").split())


class Among(Lookup):
    """One parameter for any number of keys: taking apart a statement with hundreds takes longer than answering it."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        sql, params = self.process_lhs(compiler, connection)
        return f"{sql} = ANY(%s)", [*params, self.rhs]


Field.register_lookup(Among)


def narrowed(rows: QuerySet[Any]) -> tuple[QuerySet[Any], int]:
    """The same rows, by their keys if the filters leave few; and their number, as far as it is counted.

    PostgreSQL does not know that two filters leave few together, nor where in the order of the list these are, and
    walks through all of the list. Asked for their keys in any order, it finds them by an index.
    """
    keys = list(rows.order_by().values_list("pk", flat=True)[: CappedPaginator.AT_MOST + 1])
    return (rows if len(keys) > CappedPaginator.AT_MOST else rows.filter(pk__among=keys)), len(keys)


def best(rows: QuerySet[Any], ways: Sequence[Q]) -> tuple[QuerySet[Any], int, bool]:
    """The rows found in one of these ways, how many, and whether there are more: those found in an earlier way come
    first, and those found in the same way are in the order of the list, both on the page and where it stops.

    Each way stops at a limit of its own: an OR over them would read the whole table.
    """
    if not ways:
        return rows.none(), 0, False
    limit = FOUND_AT_MOST + 1
    first, *others = (
        rows.filter(way).annotate(_rank=Value(rank)).values_list("pk", "_rank")[:limit] for rank, way in enumerate(ways)
    )
    union = first.union(*others, all=True) if others else first
    # PostgreSQL takes one way after the other, and leaves out those that are not needed any more.
    found, is_full = _ranked(union[:limit])
    if is_full and len(found) < limit:  # some were found in two ways
        found, _is_full = _ranked(union)
    if not found:
        return rows.none(), 0, False
    shown = found[:FOUND_AT_MOST]
    place = Func(Value(shown), F("pk"), function="array_position", output_field=IntegerField())
    return rows.filter(pk__among=shown).order_by(place), len(shown), len(found) > len(shown)


def _ranked(found: QuerySet[Any]) -> tuple[list[Any], bool]:
    """Each once, the best first; and whether there were as many rows as were asked for."""
    rows = list(found)
    in_order = dict.fromkeys(pk for pk, _rank in sorted(rows, key=itemgetter(1)))
    return list(in_order), len(rows) > FOUND_AT_MOST


def at_address(term: str, *fields: str, domains: bool = False) -> Iterator[Q]:
    """Whose address is this, begins like this, or lies in this domain?"""
    small = term.lower()
    if " " in small:
        return
    for field in fields:
        yield Q(**{f"{field}__lower": small})
    for field in fields:
        yield Q(**{f"{field}__lower__startswith": small})
    domain = small.removeprefix("@")
    if domains and "@" not in domain and len(domain) >= DOMAIN_LETTERS:
        for field in fields:
            yield Q(**{f"{field}__domain__startswith": domain})


def references(term: str) -> list[str]:
    """As it is printed, however it was typed; none for what cannot be one."""
    letters = re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", term)).upper()
    return [f"{letters[:4]}-{letters[4:]}", letters] if 4 < len(letters) <= 8 else [letters] if letters else []


def as_id(term: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(term)
    except ValueError:
        return None


class ReadOnlyAdmin(SearchedList):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def tag(state: str, label: str) -> SafeString:
    return format_html('<span class="tag tag-{}">{}</span>', state, label)
