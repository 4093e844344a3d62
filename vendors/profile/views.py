"""What an approved vendor sees of itself."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from vendors.access import vendor_of
from vendors.agreements import acceptances
from vendors.models import VendorState
from vendors.onboarding_interface import onboarding
from vendors.profile import page


@require_safe
def show_profile(request: HttpRequest) -> HttpResponse:
    vendor = vendor_of(request)
    if vendor.state != VendorState.APPROVED or not hasattr(vendor, "profile"):
        return redirect(onboarding().start_url())
    standing = acceptances.standing(vendor)
    waiting = [status.outstanding for status in standing if status.outstanding]
    context = {**page.about(vendor), "agreements": standing, "waiting_agreements": waiting}
    return render(request, "vendors/profile.html", context)
