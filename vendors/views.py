"""What an approved vendor sees of itself, and the files."""

from __future__ import annotations

import contextlib
import uuid
from typing import cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from identity import sessions, step_up
from identity.invitations import AddressNotInvitable
from identity.models import EntraAccount, User
from identity.redirects import leads_to_the_tenant
from vendors import addresses, documents, email_change, email_requests, languages, lifecycle, missing, profile
from vendors.forms import EmailRequestForm
from vendors.models import Document, EmailChange, EmailChangeRequest, Vendor, VendorEvent, VendorState
from vendors.payment import PaymentForm

STEP_UP = "email_change"
PAYMENT_STEP_UP = "payment_change"


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
    qualification = getattr(vendor, "qualification", None)
    files = list(vendor.documents.filter(Q(replaced_at=None) | Q(approved_at__isnull=False)))
    native_languages = ", ".join(map(languages.name, vendor.profile.native_languages))
    context = {
        "vendor": vendor,
        "profile": vendor.profile,
        "native_languages": native_languages,
        "pairs": vendor.language_pairs.prefetch_related("rates"),
        "qualification": qualification,
        "payment_details": payment_details,
        "documents": files,
        "acceptances": vendor.acceptances.all(),
        "missing": missing.of(payment=payment_details, qualification=qualification, documents=files),
        "change": profile.change_under_way(vendor),
        "has_unsent_changes": profile.has_unsent_changes(vendor),
    }
    return render(request, "vendors/profile.html", context)


@never_cache
@leads_to_the_tenant
@require_http_methods(["GET", "HEAD", "POST"])
def add_payment(request: HttpRequest) -> HttpResponse:
    """Fill in what was left for later in the wizard, right after signing in once more. VM approves what changes it."""
    vendor = vendor_of(request)
    if vendor.state != VendorState.APPROVED:
        return redirect("onboarding:index")
    if hasattr(vendor, "payment_details"):
        return redirect("changes:payment")
    is_proven = step_up.is_proven(request, PAYMENT_STEP_UP)
    if request.method == "POST" and not is_proven:
        messages.warning(request, _("That took more than five minutes. Please sign in once more; nothing was saved."))
        return redirect("vendors:payment")
    form = PaymentForm(request.POST or None, label_suffix="")
    if form.is_valid():
        try:
            profile.add_payment(vendor, form.details())
        except profile.PaymentDetailsThere as error:
            messages.info(request, str(error))
        else:
            step_up.use(request, PAYMENT_STEP_UP)
            messages.success(request, _("Thank you. We have your payment details now."))
        return redirect("vendors:profile")
    context = {"form": form, "vendor": vendor, "is_proven": is_proven, "step_up": PAYMENT_STEP_UP}
    return render(request, "vendors/payment.html", context)


@never_cache
@leads_to_the_tenant
@require_http_methods(["GET", "HEAD", "POST"])
def change_email(request: HttpRequest) -> HttpResponse:
    """Ask for another address, right after signing in once more: an open browser is not enough to take a profile."""
    vendor = vendor_of(request)
    if not vendor.is_live:
        return redirect("home")
    waiting = email_requests.waiting(vendor)
    form = EmailRequestForm(request.POST or None, label_suffix="")
    if request.method == "POST" and "withdraw" in request.POST:
        return _withdraw_request(request, waiting)
    if request.method == "POST" and not step_up.is_proven(request, STEP_UP):
        messages.warning(request, _("That took more than five minutes. Please sign in once more; nothing was sent."))
        return redirect("vendors:email-change")
    if request.method == "POST" and form.is_valid():
        try:
            email_requests.ask(
                vendor,
                new=form.cleaned_data["new"],
                reason=form.cleaned_data["reason"],
                account=EntraAccount.objects.filter(pk=request.session.get(sessions.ACCOUNT) or 0).first(),
                proven_at=timezone.now(),
            )
        except (AddressNotInvitable, email_change.SameAddress, email_change.AddressBeforeOpenChange) as refusal:
            form.add_error("new", str(refusal))
        except addresses.AddressTaken:
            # Whose it is remains VM's business.
            form.add_error("new", _("This address cannot be used. Please ask Vendor Management."))
        except email_requests.AlreadyAsked as refusal:
            form.add_error(None, str(refusal))
        else:
            step_up.use(request, STEP_UP)
            messages.success(request, _("Vendor Management has your request and answers by mail."))
            return redirect("vendors:email-change")
    context = {
        "vendor": vendor,
        "form": form,
        "waiting": waiting,
        "open_change": EmailChange.objects.filter(vendor=vendor, state=EmailChange.State.OPEN).first(),
        "is_proven": step_up.is_proven(request, STEP_UP),
        "step_up": STEP_UP,
    }
    return render(request, "vendors/email_change.html", context)


def _withdraw_request(request: HttpRequest, waiting: EmailChangeRequest | None) -> HttpResponse:
    if waiting is not None:
        with contextlib.suppress(email_requests.NotWaiting):
            email_requests.withdraw(waiting)
            messages.success(request, _("Your request is withdrawn. Everything stays as it is."))
    return redirect("vendors:email-change")


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
        staff = cast(User, request.user)
        lifecycle.record(found.vendor, VendorEvent.Kind.DOCUMENT_OPENED, by=staff, data={"document": str(found.pk)})
    return response
