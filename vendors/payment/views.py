"""The page where an approved vendor gives the payment details that were left for later."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from identity.redirects import CHECKED, SeeOther, leads_to_the_tenant
from identity.sign_in import step_up
from vendors.access import vendor_of
from vendors.models import VendorState
from vendors.not_me.views import not_me_page
from vendors.onboarding_interface import onboarding
from vendors.payment import disputes, releases
from vendors.payment.form import PaymentForm

STEP_UP = step_up.Purpose.PAYMENT_CHANGE
PAGE = "payment"


@leads_to_the_tenant
@require_http_methods(["GET", "HEAD", "POST"])
def add_payment(request: HttpRequest) -> HttpResponse:
    """Fill in what was left for later in the wizard, right after signing in once more. VM approves what changes it."""
    vendor = vendor_of(request)
    if vendor.state != VendorState.APPROVED:
        return redirect(onboarding().start_url())
    if hasattr(vendor, "payment_details"):
        return redirect(onboarding().change_urls()["payment"])
    is_proven = step_up.is_proven(request, STEP_UP)
    if request.method == "POST" and not is_proven:
        messages.warning(request, _("That took more than five minutes, so nothing was saved. Please sign in again."))
        return redirect("vendors:payment")
    typed = None
    if request.method == "POST":
        typed = dict(request.POST.lists())
    elif is_proven and CHECKED in request.GET:
        typed = onboarding().typed_aside(PAGE, vendor, request)
    form = PaymentForm(None if typed is None else MultiValueDict(typed), label_suffix="")
    if profile := getattr(vendor, "profile", None):
        form.expect(holder=profile.company_legal_name or profile.full_name, country=profile.country)
    if request.method == "POST" and not form.is_valid():
        onboarding().put_aside(form, PAGE, vendor, request)
        return SeeOther(f"{reverse('vendors:payment')}?{CHECKED}=1")
    if request.method == "POST":
        onboarding().forget_aside(PAGE, vendor)
        step_up.use(request, STEP_UP)
        if releases.add_first(vendor, form.details()) is None:
            messages.info(request, _("We already have your payment details."))
        else:
            messages.success(request, _("Thank you. We'll check your payment details before we use them."))
        return redirect("vendors:profile")
    context = {
        "form": form,
        "vendor": vendor,
        "is_proven": is_proven,
        "step_up": STEP_UP,
        "waiting": releases.waiting_for_vendor(vendor),
    }
    return render(request, "vendors/payment.html", context)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def not_me(request: HttpRequest, token: str) -> HttpResponse:
    """Somebody who was told of an account to pay to says that they have not named it."""
    dispute = disputes.read(token)
    return not_me_page(
        request,
        None if dispute is None else disputes.question(dispute),
        dispute=lambda: dispute is not None and disputes.raise_(dispute),
    )
