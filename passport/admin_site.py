"""VM's back office: plain Django admin behind the tenant's sign-in. It opens on work, not on tables."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from identity import outbound
from identity.jobs import heartbeat
from identity.models import User
from identity.redirects import safe_next
from passport import dashboard
from passport.version import VERSION
from vendors import lifecycle
from vendors.colleagues import owners, preferences
from vendors.colleagues.preferences import FirstPage
from vendors.finding import form as finding
from vendors.finding import saved_views
from vendors.models import Vendor

# Where else to look when a search finds nothing, with the filters that leave nothing out.
SEARCHES: list[tuple[str | Promise, str, str, dict[str, str]]] = [
    (_("Search vendors"), "vendors_vendor", "vendors.view_vendor", {}),
    (_("Search submissions"), "onboarding_submission", "onboarding.view_submission", {"state__exact": "all"}),
    (_("Search cases"), "identity_failure", "identity.view_failure", {}),
    (_("Search invitations"), "identity_invitation", "identity.view_invitation", {}),
]


class PassportAdminSite(AdminSite):
    site_title = _("Passport")
    site_header = _("Passport")
    index_title = _("Waiting for you")
    enable_nav_sidebar = False

    @login_not_required
    def login(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """There is no password form: Entra signs staff in. Somebody signed in without a role has no business here."""
        asked_for = request.GET.get("next") or request.get_full_path()
        asked_for = safe_next(request, asked_for)
        if not asked_for or request.path == asked_for:
            asked_for = reverse("admin:index")
        if self.has_permission(request):
            return redirect(asked_for)
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect(f"{reverse('identity:sign-in')}?{urlencode({'next': asked_for})}")

    def logout(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:  # type: ignore[override]
        return redirect("identity:sign-out")

    def get_urls(self) -> list[URLPattern | URLResolver]:
        person = path("person/<int:pk>/", self.admin_view(self.person), name="person")
        unwanted = {"password_change", "password_change_done", "view_on_site"}
        return [person, *(url for url in super().get_urls() if getattr(url, "name", "") not in unwanted)]

    def person(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Where mails and cases point to: the page of whoever this user is, or what is to be done there."""
        vendor = Vendor.objects.filter(user_id=pk).first()
        if vendor is None:
            user = get_object_or_404(User, pk=pk)  # somebody of ours
            return redirect("admin:identity_user_change", user.pk)
        match request.GET.get("do"):
            case "change_email":
                page = reverse("admin:vendors_vendor_change_email", args=[vendor.pk])
                failure = request.GET.get("failure")
                return redirect(f"{page}?{urlencode({'failure': failure})}" if failure else page)
            case "invite" if vendor.can("invite"):
                action = "invite"
            case "invite" if lifecycle.may_invite_again(vendor):
                action = "invite-again"
            case "invite" | "repair" if vendor.is_live:
                action = "repair-sign-in"  # Microsoft mails nothing to somebody who has accepted
            case "explain":
                return redirect("admin:vendors_vendor_explain", vendor.pk)
            case "reinstate":
                action = "reinstate"
            case _:
                return redirect("admin:vendors_vendor_change", vendor.pk)
        return redirect("admin:vendors_vendor_action", vendor.pk, action)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        user = request.user
        places = [
            (_("Vendors"), "vendors_vendor_changelist", "vendors.view_vendor"),
            (_("Submissions"), "onboarding_submission_changelist", "onboarding.view_submission"),
            (_("Cases"), "identity_failure_changelist", "identity.view_failure"),
            (_("Invitations"), "identity_invitation_changelist", "identity.view_invitation"),
            (_("Who is qualified"), "vendors_vendor_qualified", "vendors.view_qualification"),
            (_("Releases"), "vendors_paymentrelease_changelist", "vendors.release_payment"),
            (_("Accounts to enter"), "vendors_paymentdetails_changelist", "vendors.export_payment"),
            (_("Tax checks"), "vendors_taxcheck_changelist", "vendors.check_tax_numbers"),
            (_("Data requests"), "vendors_datarequest_changelist", "vendors.view_datarequest"),
            (_("About to be erased"), "vendors_retentionentry_changelist", "vendors.view_retentionentry"),
            (_("Colleagues"), "vendors_absence_changelist", "vendors.view_absence"),
            (_("Texts"), "vendors_text_changelist", "vendors.change_texts"),
            (_("Reports"), "onboarding_report_changelist", "onboarding.view_report"),
        ]
        find = [(_("Find vendors"), reverse("admin:vendors_vendor_find"))] if user.has_perms(finding.MAY_FIND) else []
        return super().each_context(request) | {
            "version": VERSION,
            "outbound_held": outbound.reason() if user.is_authenticated and user.is_staff else "",
            "searches": [
                (label, page, f"{page}?{''.join(f'{name}={value}&' for name, value in fixed.items())}q=")
                for label, model, needed, fixed in SEARCHES
                if user.has_perm(needed)
                for page in [reverse(f"admin:{model}_changelist")]
            ],
            "places": [
                *find,
                *((label, reverse(f"admin:{page}")) for label, page, needed in places if user.has_perm(needed)),
            ],
        }

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        user = cast(User, request.user)
        shows_vendors = user.has_perm("onboarding.view_submission") and not dashboard.only_pays(user)
        whose = self._whose(request)
        theirs = owners.mine(user) if whose == FirstPage.MINE else None
        queues = dashboard.waiting_for(user, owners=theirs)
        worker_seen_at = heartbeat.last("worker")
        work = {
            "queues": queues,
            "is_work": any(queue.count for queue in queues),
            "has_empty": any(not queue.count for queue in queues),
            "whose": whose,
            "stuck": dashboard.stuck(owners=theirs) if shows_vendors else [],
            "funnel": dashboard.funnel() if shows_vendors else [],
            # For whoever has no queues, finding vendors is the work.
            "find": finding.on_page(user) if not queues and user.has_perms(finding.MAY_FIND) else None,
            "saved_views": saved_views.of(user) if user.has_perms(finding.MAY_FIND) else [],
            "worker_is_dead": heartbeat.is_too_long_ago(worker_seen_at),
            "worker_seen_at": worker_seen_at,
        }
        return super().index(request, work | (extra_context or {}))

    @staticmethod
    def _whose(request: HttpRequest) -> str:
        """Mine or all, as asked for, or else as the colleague likes it; empty for whoever works on no vendors."""
        if not request.user.has_perm("vendors.view_absence"):
            return ""
        asked = request.GET.get("whose")
        return asked if asked in FirstPage.values else preferences.of(cast(User, request.user)).first_page
