"""Lists of any length without counting them."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property


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
