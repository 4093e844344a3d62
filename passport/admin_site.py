"""VM's back office: plain Django admin behind the tenant's sign-in."""

from __future__ import annotations

from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from vendors.models import Vendor


class PassportAdminSite(AdminSite):
    site_title = _("Passport")
    site_header = _("Passport")
    index_title = _("What waits for you")
    enable_nav_sidebar = False

    def login(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """There is no password form: Entra signs staff in. Somebody signed in without a role has no business here."""
        if request.user.is_authenticated:
            raise Http404
        return redirect(f"{reverse('identity:sign-in')}?{urlencode({'next': request.get_full_path()})}")

    def get_urls(self) -> list[URLPattern | URLResolver]:
        person = path("person/<int:pk>/", self.admin_view(self.person), name="person")
        return [person, *super().get_urls()]

    def person(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Where mails and cases point to: the page of whoever this user is."""
        vendor = get_object_or_404(Vendor, user_id=pk)
        return redirect("admin:vendors_vendor_change", vendor.pk)
