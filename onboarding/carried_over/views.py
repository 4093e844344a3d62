"""The first page of a vendor whose profile was carried over."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from onboarding.carried_over import confirmation
from onboarding.change.access import for_approved, step_url
from vendors.models import Vendor
from vendors.payment import releases


@require_http_methods(["GET", "HEAD", "POST"])
@for_approved
def confirm(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    if request.method == "POST":
        try:
            left = confirmation.say_right(vendor, request.POST.get("right", ""))
        except confirmation.NotToConfirm:
            messages.info(request, _("Please look at that section again: something has changed since you opened it."))
        else:
            if not left.pages:
                return _thank(request, vendor)
        return redirect(f"{reverse('carried-over:confirm')}#pages")
    try:
        shown = confirmation.of(vendor)
    except confirmation.NotToConfirm:
        return redirect("vendors:profile")
    pages = [{"page": page, "url": step_url(page.step)} for page in shown.pages]
    context = {"vendor": vendor, "pages": pages, "shown": shown, "has_account": _has_account(vendor)}
    return render(request, "onboarding/confirm.html", context)


def _thank(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    if _has_account(vendor):
        messages.success(request, _("Thank you. We'll ask you again in a year."))
        return redirect("vendors:profile")
    messages.success(request, _("Thank you. All we need to know now is which account to pay into."))
    return redirect("vendors:payment")


def _has_account(vendor: Vendor) -> bool:
    return hasattr(vendor, "payment_details") or releases.waiting_for_vendor(vendor) is not None
