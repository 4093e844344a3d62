"""Where a vendor answers a proposed rate: the buttons are on the profile."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from vendors import lifecycle
from vendors.access import vendor_of
from vendors.models import RateProposal
from vendors.onboarding_interface import RatesUnderWay
from vendors.rate_proposals import lifecycle as rate_proposals

REFUSALS = (rate_proposals.NotOpen, rate_proposals.NotOffered, RatesUnderWay, lifecycle.WrongState)


@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    proposals = RateProposal.objects.select_related("vendor__user")
    proposal = get_object_or_404(proposals, pk=pk, vendor=vendor_of(request))
    if request.method == "POST" and request.POST.get("answer") in ("accept", "decline"):
        is_accepted = request.POST["answer"] == "accept"
        try:
            (rate_proposals.accept if is_accepted else rate_proposals.decline)(proposal)
        except REFUSALS as refusal:
            messages.warning(request, str(refusal))
        else:
            messages.success(
                request,
                _("Thank you. The rate applies from now on.") if is_accepted else _("You have declined the rate."),
            )
    return redirect("vendors:profile")
