"""The page "Where are they signed in?" in the admin."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import ngettext

from identity.models import User
from identity.sessions import active_sessions
from identity.text_direction import gettext as _
from vendors import signing_out
from vendors.models import Vendor


def urls(site: AdminSite) -> list[URLPattern]:
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        return sessions_view(request, site, pk)

    return [path("<int:pk>/sessions/", site.admin_view(view), name="vendors_vendor_sessions")]


def sessions_view(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    if not request.user.has_perm("vendors.end_sessions"):
        raise PermissionDenied
    vendor = get_object_or_404(Vendor.objects.select_related("user"), pk=pk)
    if request.method == "POST":
        handle = request.POST.get("session", "")
        if handle or "all" in request.POST:
            ended = signing_out.sign_out(vendor, handle=handle, by=cast(User, request.user))
            if ended or not handle:
                message = ngettext("%(count)s session has been ended.", "%(count)s sessions have been ended.", ended)
                messages.success(request, message % {"count": ended})
            else:
                messages.warning(request, _("That session had already ended."))
        return redirect("admin:vendors_vendor_sessions", vendor.pk)
    context = {
        **site.each_context(request),
        "title": _("Where are they signed in? %(vendor)s") % {"vendor": vendor},
        "opts": Vendor._meta,
        "vendor": vendor,
        "sessions": active_sessions.of(vendor.user),
    }
    return TemplateResponse(request, "admin/vendors/vendor/sessions.html", context)
