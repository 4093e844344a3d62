"""Answering "Is this still right?", and the page of training and practice."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from identity.whole_numbers import is_whole_number
from vendors import lifecycle
from vendors.access import vendor_of
from vendors.models import TrainingRecord, VendorState
from vendors.onboarding_interface import onboarding
from vendors.still_right import lifecycle as still_right
from vendors.still_right import training as records
from vendors.still_right.form import TrainingForm


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """The button is on the profile, above everything that it is about."""
    vendor = vendor_of(request)
    if vendor.is_carried_over:
        return redirect(onboarding().confirmation_url())
    if request.method == "POST":
        try:
            still_right.confirm(vendor)
        except (still_right.NotAsked, lifecycle.WrongState) as refusal:
            messages.info(request, str(refusal))
        else:
            messages.success(request, _("Thank you. We'll ask you again in a year."))
    return redirect("vendors:profile")


@require_http_methods(["GET", "HEAD", "POST"])
def training(request: HttpRequest) -> HttpResponse:
    vendor = vendor_of(request)
    if vendor.state != VendorState.APPROVED:
        return redirect(onboarding().start_url())
    if request.method == "POST" and "remove" in request.POST:
        number = request.POST["remove"]
        if is_whole_number(number) and records.remove(vendor, int(number)):
            messages.success(request, _("Removed."))
        return redirect("vendors:training")
    form = TrainingForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            records.add(vendor, **form.cleaned_data)
        except records.TooMany as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Added. You can add another, or go back to your profile."))
            return redirect("vendors:training")
    context = {
        "vendor": vendor,
        "form": form,
        "training": TrainingRecord.objects.filter(vendor=vendor),
        "check": still_right.open_check(vendor),
    }
    return render(request, "vendors/training.html", context)
