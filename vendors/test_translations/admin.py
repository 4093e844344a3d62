"""Test translations on the vendor's page in the admin."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from identity.models import User
from identity.text_direction import gettext as _
from identity.whole_numbers import is_whole_number
from vendors import lifecycle
from vendors.models import Vendor, VendorState
from vendors.test_translations import lifecycle as tests
from vendors.test_translations.form import TestTranslationForm

MAY_RECORD = "vendors.review_vendor"
SHOWN = 20


def urls(site: AdminSite) -> list[URLPattern]:
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        return tests_view(request, site, pk)

    return [path("<int:pk>/test-translations/", site.admin_view(view), name="vendors_vendor_tests")]


def about(vendor: Vendor, user: User) -> dict[str, Any]:
    """For the vendor's page."""
    if not user.has_perm("vendors.view_qualification"):
        return {}
    return {
        "test_translations": list(vendor.test_translations.all()[: SHOWN + 1]),
        "may_record_tests": vendor.state != VendorState.ERASED and user.has_perm(MAY_RECORD),
    }


def tests_view(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """All of them; adding one, and removing one."""
    if not request.user.has_perm(MAY_RECORD):
        raise PermissionDenied
    vendor, user = get_object_or_404(Vendor, pk=pk), cast(User, request.user)
    if "remove" in request.POST:
        return _remove(request, vendor)
    form = TestTranslationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            tests.add(vendor, **form.cleaned_data, by=user)
        except lifecycle.WrongState as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("The test translation has been recorded."))
        return redirect("admin:vendors_vendor_change", pk)
    context = {
        **site.each_context(request),
        "opts": Vendor._meta,
        "title": _("Test translations: %(vendor)s") % {"vendor": vendor},
        "vendor": vendor,
        "form": form,
        "test_translations": vendor.test_translations.select_related("by"),
    }
    return TemplateResponse(request, "admin/vendors/vendor/test_translations.html", context)


def _remove(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    number = request.POST["remove"]
    if not is_whole_number(number):
        raise Http404
    try:
        tests.remove(vendor, int(number), by=cast(User, request.user))
    except tests.Removed as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The test translation has been removed. It stays in the history."))
    return redirect("admin:vendors_vendor_tests", vendor.pk)
