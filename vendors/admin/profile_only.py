"""A vendor's page for those who offer work and do nothing else: profile, rates, availability and contact."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html

from vendors.admin.filters import AwayFilter, OwnerFilter
from vendors.models import Vendor, VendorKind
from vendors.profile import company
from vendors.tags import lifecycle as tags

# Whoever may not see what happened with a vendor sees nothing of the work on it either.
MAY_SEE_WORK = "vendors.view_vendorevent"
FOR_ALL = (OwnerFilter, AwayFilter)


def is_all_they_see(request: HttpRequest) -> bool:
    return not request.user.has_perm(MAY_SEE_WORK)


class HidesWork(admin.ModelAdmin):
    """The list of vendors, without the columns, filters and history that are about the work on them."""

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        shown = list(super().get_list_display(request))
        return [name for name in shown if name != "open_failures"] if is_all_they_see(request) else shown

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        offered: list[Any] = list(super().get_list_filter(request))
        return [one for one in offered if one in FOR_ALL] if is_all_they_see(request) else offered

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict | None = None) -> HttpResponse:
        if is_all_they_see(request):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)


def page(request: HttpRequest, site: AdminSite, vendor: Vendor) -> HttpResponse:
    today = timezone.localdate()
    profile = getattr(vendor, "profile", None)
    contacts = company.of_vendor(vendor) if profile and profile.kind == VendorKind.COMPANY else {}
    context = {
        **site.each_context(request),
        "title": str(vendor),
        "opts": Vendor._meta,
        "vendor": vendor,
        "state_tag": format_html('<span class="tag tag-{}">{}</span>', vendor.state, vendor.get_state_display()),
        "profile": profile,
        "company_contacts": contacts.get("company_contacts", []),
        "pairs": vendor.language_pairs.prefetch_related("rates"),
        "away": vendor.away_periods.not_over(today=today),
        "today": today,
        "tags": tags.of(vendor),
    }
    return TemplateResponse(request, "admin/vendors/vendor/profile_only.html", context)
