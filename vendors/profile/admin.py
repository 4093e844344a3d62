"""The page "What the vendor sees" in the admin. It is drawn here, never by signing in as the vendor."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from identity.text_direction import gettext as _
from vendors.agreements import acceptances
from vendors.models import Vendor, VendorState
from vendors.profile import page
from vendors.profile.read_only import read_only

# The page shows the end of the account, as its vendor sees it.
MAY_LOOK = ("vendors.view_profile", "vendors.view_paymentdetails")


def urls(site: AdminSite) -> list[URLPattern]:
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        return as_vendor_view(request, site, pk)

    return [path("<int:pk>/as-vendor/", site.admin_view(view), name="vendors_vendor_as_vendor")]


def as_vendor_view(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    if not request.user.has_perms(MAY_LOOK):
        raise PermissionDenied
    vendor = get_object_or_404(Vendor.objects.select_related("user", "profile"), pk=pk)
    if vendor.state != VendorState.APPROVED or not hasattr(vendor, "profile"):
        messages.info(request, _("Only an approved vendor has a profile that you can view."))
        return redirect("admin:vendors_vendor_change", pk)
    standing = acceptances.standing(vendor)
    shown = page.about(vendor)
    if shown["change"] is not None and shown["change"].stage == "unsent":
        shown["change"] = None  # what has not been sent is nobody else's business
    waiting = [status.outstanding for status in standing if status.outstanding]
    shown |= {"agreements": standing, "waiting_agreements": waiting, "signed_in_as": vendor.address}
    context = {
        **site.each_context(request),
        "opts": Vendor._meta,
        "title": _("What the vendor sees: %(vendor)s") % {"vendor": vendor},
        "vendor": vendor,
        "seen": read_only(render_to_string("vendors/_profile_page.html", shown)),
    }
    return TemplateResponse(request, "admin/vendors/vendor/as_vendor.html", context)
