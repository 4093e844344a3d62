"""The pages on which a vendor says when they are away."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from vendors import correspondence
from vendors.access import vendor_of
from vendors.away import lifecycle as away
from vendors.away.form import AwayForm
from vendors.lifecycle import WrongState
from vendors.models import AwayPeriod, Vendor, VendorState
from vendors.onboarding_interface import onboarding

REFUSALS = (away.Overlaps, away.TooMany)


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    vendor = vendor_of(request)
    if vendor.state != VendorState.APPROVED:
        return redirect(onboarding().start_url())
    return _page(request, vendor, None, today=correspondence.today(vendor))


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change it, remove it, or be back earlier. What is over stays as it was."""
    vendor = vendor_of(request)
    if vendor.state != VendorState.APPROVED:
        return redirect(onboarding().start_url())
    today = correspondence.today(vendor)
    period = get_object_or_404(AwayPeriod, pk=pk, vendor=vendor)
    if period.ends_on < today:
        messages.info(request, _("That time away is over, so it can no longer be changed."))
        return redirect("vendors:profile")
    done = {"remove": _removed, "back": _back}
    for name, act in done.items():
        if request.method == "POST" and name in request.POST:
            try:
                messages.success(request, act(vendor, period, today))
            except (away.Gone, WrongState) as refusal:
                messages.info(request, str(refusal))
            return redirect("vendors:profile")
    return _page(request, vendor, period, today=today)


def _page(request: HttpRequest, vendor: Vendor, period: AwayPeriod | None, *, today: dt.date) -> HttpResponse:
    has_begun = period is not None and period.starts_on <= today
    form = AwayForm(request.POST if request.method == "POST" else None, today=today, period=period)
    if request.method == "POST" and form.is_valid():
        try:
            saved = form.filled()
            joined = away.save(vendor, saved, today=today)
        except REFUSALS as refusal:
            form.add_error("starts_on", str(refusal))
        except (away.Gone, WrongState) as refusal:
            messages.info(request, str(refusal))
            return redirect("vendors:profile")
        else:
            messages.success(request, _said(saved, joined))
            return redirect("vendors:profile")
    context = {"vendor": vendor, "form": form, "period": period, "has_begun": has_begun}
    return render(request, "vendors/away.html", context)


def _said(period: AwayPeriod, joined: list[AwayPeriod]) -> str:
    days = {"days": away.in_words(period)}
    if joined:
        return (
            _("That overlaps with time away you had already entered, so we've combined them: you are away %(days)s.")
            % days
        )
    if period.is_partly:
        return _("Saved: you are partly available %(days)s.") % days
    return _("Saved: you are away %(days)s.") % days


def _removed(vendor: Vendor, period: AwayPeriod, today: dt.date) -> str:
    away.remove(vendor, period)
    return _("That time away has been removed.")


def _back(vendor: Vendor, period: AwayPeriod, today: dt.date) -> str:
    away.come_back(vendor, period, today=today)
    return _("Welcome back. From today, you are available again.")
