"""What the admin's lists share: to look at only, of any length, found by the beginning of an address."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin import ShowFacets
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext_lazy


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
            if isinstance(declared, str):
                allowed |= {f"{declared}__exact", f"{declared}__isnull"}
            else:
                allowed.add(str(getattr(declared, "parameter_name", "")))
        return lookup in allowed


class ReadOnlyAdmin(DeclaredFilters):
    actions = None
    list_per_page = 50
    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    sortable_by = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class BeginsWith(ReadOnlyAdmin):
    """Found by the beginning of an address, whatever its case."""

    search_help_text = gettext_lazy("The beginning of the address.")


def tag(state: str, label: str) -> str:
    return format_html('<span class="tag tag-{}">{}</span>', state, label)
