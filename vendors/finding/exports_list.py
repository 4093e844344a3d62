"""The list of exports in the admin: who took what out, and why."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import admin
from django.db.models import Q
from django.db.models.expressions import Combinable
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from identity.admin_lists import ReadOnlyAdmin
from identity.models import User
from vendors.finding import columns
from vendors.models import VendorExport


@admin.register(VendorExport)
class VendorExportAdmin(ReadOnlyAdmin):
    list_display = ["at", "by", "lines", "is_capped", "format", "shown_columns", "reason"]
    list_select_related = ["by"]
    search_help_text = gettext_lazy("The beginning of the email address of the colleague who exported the file.")

    def get_ordering(self, request: HttpRequest) -> list[str | Combinable]:
        return ["-at", "-id"]

    def ways_to_find(self, request: HttpRequest, term: str) -> Sequence[Q]:
        return [Q(by__in=User.objects.filter(email__istartswith=term, is_staff=True))]

    @admin.display(description=gettext_lazy("columns"))
    def shown_columns(self, export: VendorExport) -> str:
        titles = dict(columns.choices())
        return ", ".join(str(titles.get(name, name)) for name in export.columns)
