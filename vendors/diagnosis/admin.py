"""The page "Why can't they sign in?" in the admin."""

from __future__ import annotations

from typing import cast

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from identity.models import Failure, User
from identity.text_direction import gettext as _
from identity.typed import cleaning
from vendors import actions
from vendors.diagnosis import explanation
from vendors.diagnosis.advice import ADD, CHANGE_EMAIL, DECIDE, LOOK_AT_CASE, Advice, recommend
from vendors.diagnosis.explanation import Explanation
from vendors.models import EmailChangeRequest, Vendor


def urls(site: AdminSite) -> list[URLPattern]:
    """The same name twice: for a vendor, and for an address that may be nobody's.

    The address is that of a case (`?failure=`), so that no link of ours holds one; or what somebody typed (`?email=`).
    """

    def view(request: HttpRequest, pk: int | None = None) -> HttpResponse:
        return explain_view(request, site, pk)

    name = "vendors_vendor_explain"
    return [
        path("explain/", site.admin_view(view), name=name),
        path("<int:pk>/explain/", site.admin_view(view), name=name),
    ]


def explain_view(request: HttpRequest, site: AdminSite, pk: int | None) -> HttpResponse:
    if not request.user.has_perms(("vendors.view_vendor", "identity.view_failure")):
        raise PermissionDenied
    email = _address_of_case(request) or cleaning.address(request.GET.get("email", ""))
    if pk is not None:
        known = explanation.explain(get_object_or_404(Vendor.objects.select_related("user"), pk=pk))
    elif email:
        known = explanation.explain_address(email)
    else:
        return redirect("admin:vendors_vendor_changelist")
    user = cast(User, request.user)
    advice = recommend(known)
    context = {
        **site.each_context(request),
        "title": _("Why can't they sign in? %(who)s") % {"who": known.vendor or known.address},
        "opts": Vendor._meta,
        "known": known,
        "vendor": known.vendor,
        "advice": advice,
        "button_url": _url(known, advice, user),
        "case_url": _case_url(advice, user) if advice.button != LOOK_AT_CASE else "",
        "entries": known.entries(),
        "may_see_cases": user.has_perm("identity.view_failure"),
    }
    return TemplateResponse(request, "admin/vendors/vendor/explain.html", context)


def _address_of_case(request: HttpRequest) -> str:
    reference = request.GET.get("failure", "")
    if not reference or not request.user.has_perm("identity.view_failure"):
        return ""
    failure = get_object_or_404(Failure, reference=reference)
    return failure.address or failure.claimed_address


def _url(known: Explanation, advice: Advice, user: User) -> str:
    """Where the button leads; nowhere for somebody who may not do it."""
    vendor, button = known.vendor, advice.button
    if button == LOOK_AT_CASE:
        return _case_url(advice, user)
    if button == ADD:
        return reverse("admin:vendors_vendor_add") if user.has_perm("vendors.add_vendor") else ""
    if vendor is None:
        return ""
    if button == CHANGE_EMAIL and actions.may_change_email(known.situation, user):
        return reverse("admin:vendors_vendor_change_email", args=[vendor.pk])
    if button == DECIDE and user.has_perm("vendors.change_primary_email"):
        waiting = next(request for request in known.requests if request.state == EmailChangeRequest.State.WAITING)
        return reverse("admin:vendors_emailchangerequest_change", args=[waiting.pk])
    if button in {action.name for action in actions.possible(known.situation, user)}:
        return reverse("admin:vendors_vendor_action", args=[vendor.pk, button])
    return ""


def _case_url(advice: Advice, user: User) -> str:
    if advice.case is None or not user.has_perm("identity.view_failure"):
        return ""
    return reverse("admin:identity_failure_change", args=[advice.case.pk])
