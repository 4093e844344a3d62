"""The page with a freelancer's tax numbers in full, in the admin."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from identity.models import User
from identity.text_direction import gettext as _
from vendors.models import Profile, Vendor
from vendors.profile import tax
from vendors.reveals import REASON_MISSING, ReasonToLook


def urls(site: AdminSite) -> list[URLPattern]:
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        return tax_numbers_view(request, site, pk)

    return [path("<int:pk>/tax-numbers/", site.admin_view(view), name="vendors_vendor_tax_numbers")]


def tax_numbers_view(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """Only as an answer to a POST, so that nobody looks without meaning to."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if not request.user.has_perm(tax.MAY_SEE):
        raise PermissionDenied
    profile = get_object_or_404(Profile.objects.select_related("vendor"), vendor=pk)
    form = ReasonToLook(request.POST)
    if not form.is_valid():
        messages.error(request, str(REASON_MISSING))
        return redirect("admin:vendors_vendor_change", pk)
    context = {
        **site.each_context(request),
        "title": _("Tax numbers: %(vendor)s") % {"vendor": profile.vendor},
        "opts": Vendor._meta,
        "vendor": profile.vendor,
        "rows": tax.reveal(profile, by=cast(User, request.user), reason=form.cleaned_data["reason"]),
    }
    return TemplateResponse(request, "admin/vendors/vendor/tax_numbers.html", context)
