"""Proposing a rate on the vendor's page in the admin, and taking a proposal back."""

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
from vendors.models import RateProposal, Vendor, VendorState
from vendors.rate_proposals import lifecycle as rate_proposals
from vendors.rate_proposals.form import ProposalForm

MAY_PROPOSE = "vendors.change_vendor"
REFUSALS = (
    rate_proposals.NotOffered,
    rate_proposals.SameRate,
    rate_proposals.ProposedAlready,
    lifecycle.WrongState,
)


def urls(site: AdminSite) -> list[URLPattern]:
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        return propose_view(request, site, pk)

    return [path("<int:pk>/propose-rate/", site.admin_view(view), name="vendors_vendor_propose_rate")]


def about(vendor: Vendor, user: User) -> dict[str, Any]:
    """For the vendor's page."""
    if not user.has_perm("vendors.view_rate"):
        return {}
    may_propose = user.has_perm(MAY_PROPOSE) and vendor.state == VendorState.APPROVED
    return {
        "rate_proposals": vendor.rate_proposals.filter(state=RateProposal.State.OPEN),
        "may_propose_rates": may_propose and hasattr(vendor, "profile"),
    }


def propose_view(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    if not request.user.has_perm(MAY_PROPOSE):
        raise PermissionDenied
    vendor = get_object_or_404(Vendor.objects.select_related("user", "profile"), pk=pk)
    if "withdraw" in request.POST:
        return _withdraw(request, vendor)
    if vendor.state != VendorState.APPROVED or not hasattr(vendor, "profile"):
        messages.error(request, str(lifecycle.WrongState(vendor)))
        return redirect("admin:vendors_vendor_change", pk)
    form = ProposalForm(request.POST if request.method == "POST" else None, vendor=vendor)
    if request.method == "POST" and form.is_valid():
        names = ("source", "target", "service", "unit", "amount", "why")
        given = {name: form.cleaned_data[name] for name in names}
        try:
            rate_proposals.propose(vendor, **given, by=cast(User, request.user))
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The rate has been proposed, and the vendor is being emailed."))
            return redirect("admin:vendors_vendor_change", pk)
    context = {
        **site.each_context(request),
        "opts": Vendor._meta,
        "title": _("Propose a rate: %(vendor)s") % {"vendor": vendor},
        "vendor": vendor,
        "form": form,
    }
    return TemplateResponse(request, "admin/vendors/vendor/propose_rate.html", context)


def _withdraw(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    number = request.POST["withdraw"]
    if not is_whole_number(number):
        raise Http404
    proposal = get_object_or_404(RateProposal.objects.select_related("vendor"), pk=int(number), vendor=vendor)
    try:
        rate_proposals.withdraw(proposal, by=cast(User, request.user))
    except rate_proposals.NotOpen as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The proposal has been withdrawn. The vendor can no longer accept it."))
    return redirect("admin:vendors_vendor_change", vendor.pk)
