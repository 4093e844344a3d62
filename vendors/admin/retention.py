"""What is about to be erased, what is held back, and the page on which VM holds a vendor back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from identity.admin_lists import ReadOnlyAdmin, tag
from identity.models import User
from identity.text_direction import gettext as _
from vendors import search
from vendors.admin.filters import WhoseVendorFilter
from vendors.models import LockedRecord, RetentionEntry, RetentionHold, Vendor, VendorState
from vendors.privacy import holds, locks
from vendors.privacy.form import HoldForm

MAY_SEE_LIST = "vendors.view_retentionentry"


class AboutVendors(ReadOnlyAdmin):
    """Each row leads to its vendor."""

    list_select_related = ["vendor"]
    list_display_links = None
    not_shown = search.WORDS_OF_THE_VENDOR
    search_help_text = gettext_lazy("Anything that identifies the vendor: a name, an address or a number.")

    def ways_to_find(self, request: HttpRequest, term: str) -> Sequence[Q]:
        return search.ways_to_find(term, by=cast(User, request.user), vendor="vendor__")

    @admin.display(description=gettext_lazy("vendor"))
    def shown_vendor(self, row: Any) -> str:
        url = reverse("admin:vendors_vendor_change", args=[row.vendor_id])
        return format_html('<a href="{}"><bdi translate="no">{}</bdi></a>', url, row.vendor)


@admin.register(RetentionEntry)
class RetentionEntryAdmin(AboutVendors):
    list_display = ["shown_vendor", "what", "counted_from", "listed_on", "goes_on"]
    list_filter = ["what", WhoseVendorFilter]
    ordering = ["goes_on", "id"]
    fields = ["vendor", "what", "counted_from", "listed_on", "goes_on"]


@admin.register(RetentionHold)
class RetentionHoldAdmin(AboutVendors):
    list_display = ["shown_vendor", "reason", "until", "by", "at", "shown_state"]
    list_filter = [WhoseVendorFilter]
    list_select_related = ["vendor", "by"]
    ordering = ["-at", "-id"]
    fields = ["vendor", "reason", "until", "by", "at", "lifted_at"]

    @admin.display(description=gettext_lazy("state"))
    def shown_state(self, hold: RetentionHold) -> str:
        if hold.is_in_force(today=timezone.localdate()):
            return tag("warning", _("in force"))
        return tag("good", _("lifted") if hold.lifted_at else _("ended"))


# On the vendor's page


def urls(site: AdminSite) -> list[URLPattern]:
    def hold(request: HttpRequest, pk: int) -> HttpResponse:
        return hold_view(request, site, pk)

    return [path("<int:pk>/hold/", site.admin_view(hold), name="vendors_vendor_hold")]


def about(vendor: Vendor, user: User) -> dict[str, Any]:
    if not user.has_perm(MAY_SEE_LIST):
        return {}
    hold = holds.of(vendor)
    locked = list(LockedRecord.objects.filter(vendor=vendor).defer("content"))
    entries = list(RetentionEntry.objects.filter(vendor=vendor))
    return {
        "hold": hold,
        "about_to_go": entries,
        "locked_records": [(record, locks.may_see(user, record)) for record in locked],
        "may_hold": user.has_perm(holds.MAY_HOLD) and (vendor.state != VendorState.ERASED or bool(locked)),
    }


def hold_view(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """Holds the vendor back, or lifts what holds it."""
    if not request.user.has_perm(holds.MAY_HOLD):
        raise PermissionDenied
    vendor, user = get_object_or_404(Vendor.objects.select_related("user"), pk=pk), cast(User, request.user)
    in_force = holds.of(vendor)
    if request.method == "POST" and "lift" in request.POST:
        try:
            if in_force is None:
                raise holds.NotHeld
            holds.lift(in_force, by=user)
        except holds.NotHeld as refusal:
            messages.error(request, str(refusal))
        else:
            said = _(
                "%(vendor)s is no longer held back from erasure. If they are due to be erased, they will be "
                "listed for 30 days first."
            )
            messages.success(request, said % {"vendor": vendor})
        return redirect("admin:vendors_vendor_change", pk)
    form = HoldForm(request.POST if request.method == "POST" else None, label_suffix="")
    if request.method == "POST" and form.is_valid():
        try:
            holds.place(vendor, **form.cleaned_data, by=user)
        except (holds.HeldAlready, holds.NothingLeft) as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("%(vendor)s is held back from erasure.") % {"vendor": vendor})
        return redirect("admin:vendors_vendor_change", pk)
    context = {
        **site.each_context(request),
        "opts": Vendor._meta,
        "title": _("Hold back from erasure: %(vendor)s") % {"vendor": vendor},
        "vendor": vendor,
        "hold": in_force,
        "form": form,
    }
    return TemplateResponse(request, "admin/vendors/vendor/hold.html", context)
