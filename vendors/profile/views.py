"""What an approved vendor sees of itself, and the files."""

from __future__ import annotations

import contextlib
import uuid
from typing import cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from identity.invitations.lifecycle import AddressNotInvitable
from identity.models import EntraAccount, User
from identity.redirects import leads_to_the_tenant, safe_next
from identity.sessions import store
from identity.sign_in import step_up
from vendors import addresses, lifecycle
from vendors.agreements import acceptances
from vendors.agreements import texts as agreements
from vendors.agreements.acceptances import Outstanding
from vendors.answers import languages
from vendors.documents import inspection
from vendors.documents import lifecycle as documents
from vendors.email_change import lifecycle as email_change
from vendors.email_change import requests as email_requests
from vendors.forms import AcceptAgreementsForm, EmailRequestForm, ReplaceDocumentForm
from vendors.models import Document, EmailChange, EmailChangeRequest, Vendor, VendorEvent, VendorState
from vendors.models.document import EXPIRES_SOON
from vendors.onboarding_interface import onboarding
from vendors.payment.details import PaymentForm
from vendors.profile import approved_profile, outstanding
from vendors.qualifications import iso_17100, wording
from vendors.qualifications.experience import Period

STEP_UP = step_up.Purpose.EMAIL_CHANGE
PAYMENT_STEP_UP = step_up.Purpose.PAYMENT_CHANGE
POSTPONED = "agreements_postponed"  # hashes of the texts that this session has put off


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
        return redirect(onboarding().start_url())
    standing = acceptances.standing(vendor)
    waiting = [each.outstanding for each in standing if each.outstanding]
    if must_ask(request, waiting):
        return ask_to_accept(request)
    payment_details = getattr(vendor, "payment_details", None)
    qualification = getattr(vendor, "qualification", None)
    papers, today = list(Document.objects.filter(vendor=vendor).known()), timezone.localdate()
    in_force = [paper for paper in papers if paper.approved_at]
    findings = wording.of_vendor(vendor, today=today, papers=in_force)
    native_languages = ", ".join(map(languages.name, vendor.profile.native_languages))
    context = {
        "vendor": vendor,
        "profile": vendor.profile,
        "native_languages": native_languages,
        "pairs": vendor.language_pairs.prefetch_related("rates"),
        "qualification": qualification,
        "payment_details": payment_details,
        "agreements": standing,
        "waiting_agreements": waiting,
        "documents": papers,
        "degrees": [wording.degree(degree) for degree in qualification.degrees] if qualification else [],
        "experience": [wording.period(Period.of(row)) for row in qualification.experience] if qualification else [],
        "finding_lines": iso_17100.grouped(findings),
        "today": today,
        "soon": today + EXPIRES_SOON,
        "missing": outstanding.of(payment=payment_details, findings=findings, documents=papers),
        "change": onboarding().change_under_way(vendor),
        "change_urls": onboarding().change_urls(),
        "downloads": onboarding().download_urls(vendor),
    }
    return render(request, "vendors/profile.html", context)


@never_cache
@leads_to_the_tenant
@require_http_methods(["GET", "HEAD", "POST"])
def add_payment(request: HttpRequest) -> HttpResponse:
    """Fill in what was left for later in the wizard, right after signing in once more. VM approves what changes it."""
    vendor = vendor_of(request)
    if vendor.state != VendorState.APPROVED:
        return redirect(onboarding().start_url())
    if hasattr(vendor, "payment_details"):
        return redirect(onboarding().change_urls()["payment"])
    if request.method != "POST" and must_ask(request, acceptances.outstanding(vendor)):
        return ask_to_accept(request)
    is_proven = step_up.is_proven(request, PAYMENT_STEP_UP)
    if request.method == "POST" and not is_proven:
        messages.warning(request, _("That took more than five minutes. Please sign in once more; nothing was saved."))
        return redirect("vendors:payment")
    form = PaymentForm(request.POST or None, label_suffix="")
    if form.is_valid():
        try:
            approved_profile.add_payment(vendor, form.details())
        except approved_profile.PaymentDetailsThere as error:
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
                account=EntraAccount.objects.filter(pk=request.session.get(store.ACCOUNT) or 0).first(),
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


def must_ask(request: HttpRequest, waiting: list[Outstanding]) -> bool:
    """Are there texts to accept that this session has not put off, or that cannot be put off any more?"""
    postponed = request.session.get(POSTPONED, [])
    return any(each.is_required or each.agreement.sha256 not in postponed for each in waiting)


def ask_to_accept(request: HttpRequest) -> HttpResponse:
    """On the way to the page that was asked for."""
    return redirect(f"{reverse('vendors:agreements')}?{urlencode({'next': request.get_full_path()})}")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def accept_agreements(request: HttpRequest) -> HttpResponse:
    """New versions of what the vendor has accepted before. What must be accepted now is asked for first."""
    vendor = vendor_of(request)
    given = request.POST if request.method == "POST" else request.GET
    next_url = safe_next(request, given.get("next", ""))
    if not next_url or next_url.startswith(request.path):
        next_url = reverse("home")
    waiting = acceptances.outstanding(vendor)
    required = [each for each in waiting if each.is_required]
    waiting = required or waiting
    if not waiting:
        return redirect(next_url)
    puts_off = request.method == "POST" and "later" in given
    if puts_off and not required:
        request.session[POSTPONED] = [each.agreement.sha256 for each in waiting]
        return redirect(next_url)
    if puts_off:
        messages.warning(request, _("These texts cannot be put off any longer, so please read them now."))
    typed = request.POST if request.method == "POST" and not puts_off else None
    form = AcceptAgreementsForm(typed, asked_for=[each.agreement for each in waiting])
    if form.is_valid():
        account = EntraAccount.objects.filter(pk=request.session.get(store.ACCOUNT) or 0).first()
        acceptances.accept(vendor, form.asked_for, account=account)
        messages.success(request, _("Thank you. A copy is on its way to you by mail."))
        return redirect(next_url)
    texts = [{**text, "outstanding": each} for text, each in zip(form.texts, waiting, strict=True)]
    context = {"form": form, "texts": texts, "next": next_url, "is_required": bool(required)}
    return render(request, "vendors/agreements.html", context)


@never_cache
@require_safe
def agreement(request: HttpRequest, sha256: str) -> HttpResponse:
    """A text as it was accepted: for whoever accepted it, and for staff who may see acceptances."""
    text = agreements.with_hash(sha256)
    accepted = None
    if not request.user.is_staff:
        accepted = vendor_of(request).acceptances.filter(sha256=sha256).first()
    may_see = accepted is not None or request.user.has_perm("vendors.view_acceptance")
    if text is None or not may_see:
        raise Http404
    return render(request, "vendors/agreement.html", {"text": text, "accepted": accepted})


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


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def replace_document(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Send a newer one after approval. Before it, files are chosen in the wizard."""
    vendor = vendor_of(request)
    old = get_object_or_404(Document.objects.select_related("vendor__user"), pk=pk, vendor=vendor)
    if vendor.state in (VendorState.ONBOARDING, VendorState.CHANGES_REQUESTED):
        return redirect(onboarding().documents_url())
    if vendor.state != VendorState.APPROVED:
        return redirect("home")
    if old.replaced_at or not old.approved_at:
        messages.info(request, _("We have a newer one already. There is nothing left to do."))
        return redirect("vendors:profile")
    form = ReplaceDocumentForm(request.POST or None, request.FILES or None, document=old)
    if request.method == "POST" and form.is_valid():
        try:
            documents.replace(
                old,
                upload=form.cleaned_data["file"],
                number=form.cleaned_data.get("number", ""),
                expires_on=form.cleaned_data.get("expires_on"),
            )
        except (inspection.Refused, documents.NotCurrent) as refusal:
            form.add_error("file", str(refusal))
        else:
            messages.success(request, _("Thank you. We have the new file and look at it soon."))
            return redirect("vendors:profile")
    context = {
        "vendor": vendor,
        "document": old,
        "form": form,
        "is_expired": old.is_expired(today=timezone.localdate()),
    }
    return render(request, "vendors/replace_document.html", context)
