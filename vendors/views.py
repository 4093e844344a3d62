"""What an approved vendor sees of itself, and the files."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from vendors import documents, languages, lifecycle, profile
from vendors.models import Document, EmailChange, Vendor, VendorEvent, VendorState
from vendors.payment import PaymentForm


def vendor_of(request: HttpRequest) -> Vendor:
    vendor = getattr(request.user, "vendor", None)
    if vendor is None or getattr(request.user, "is_staff", False):
        raise PermissionDenied
    return vendor


@never_cache
@require_safe
def show_profile(request: HttpRequest) -> HttpResponse:
    vendor = vendor_of(request)
    if vendor.state != VendorState.APPROVED or not hasattr(vendor, "profile"):
        return redirect("onboarding:index")
    payment_details = getattr(vendor, "payment_details", None)
    native_languages = ", ".join(map(languages.name, vendor.profile.native_languages))
    context = {
        "vendor": vendor,
        "profile": vendor.profile,
        "native_languages": native_languages,
        "pairs": vendor.language_pairs.prefetch_related("rates"),
        "qualification": getattr(vendor, "qualification", None),
        "payment_details": payment_details,
        "documents": vendor.documents.filter(replaced_at=None),
        "acceptances": vendor.acceptances.all(),
    }
    return render(request, "vendors/profile.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def add_payment(request: HttpRequest) -> HttpResponse:
    """Fill in what was left for later in the wizard. What is there already is not changed here."""
    vendor = vendor_of(request)
    if vendor.state != VendorState.APPROVED:
        return redirect("onboarding:index")
    if hasattr(vendor, "payment_details"):
        messages.info(request, _("We have your payment details. To change them, please write to Vendor Management."))
        return redirect("vendors:profile")
    form = PaymentForm(request.POST or None, label_suffix="")
    if form.is_valid():
        try:
            profile.add_payment(vendor, form.details())
        except profile.PaymentDetailsThere as error:
            messages.info(request, str(error))
        else:
            messages.success(request, _("Thank you. We have your payment details now."))
        return redirect("vendors:profile")
    return render(request, "vendors/payment.html", {"form": form, "vendor": vendor})


@never_cache
@require_safe
def change_email(request: HttpRequest) -> HttpResponse:
    """How to ask for another address, and what happens then."""
    vendor = vendor_of(request)
    open_change = EmailChange.objects.filter(vendor=vendor, state=EmailChange.State.OPEN).first()
    return render(request, "vendors/email_change.html", {"vendor": vendor, "open_change": open_change})


@require_GET
def document(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """For its owner and for staff who may; for everybody else there is no such document."""
    found = get_object_or_404(Document.objects.select_related("vendor"), pk=pk)
    is_owner = found.vendor.user_id == request.user.pk
    if not is_owner and not (request.user.is_staff and request.user.has_perm("vendors.view_document")):
        raise Http404
    try:
        response = documents.serve(found)
    except FileNotFoundError as error:
        raise Http404 from error
    if not is_owner:
        lifecycle.record(
            found.vendor, VendorEvent.Kind.DOCUMENT_OPENED, by=request.user, data={"document": str(found.pk)}
        )
    return response
