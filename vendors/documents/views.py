"""A vendor's documents: opened by whoever may, replaced by the approved vendor they belong to."""

from __future__ import annotations

import uuid
from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from identity.models import User
from vendors import lifecycle
from vendors.access import vendor_of
from vendors.documents import lifecycle as documents
from vendors.documents import storage as document_storage
from vendors.documents import virus_scanner
from vendors.documents.form import ReplaceDocumentForm
from vendors.documents.refusals import NotKept, Refused
from vendors.models import Document, VendorEvent, VendorState
from vendors.onboarding_interface import onboarding


@require_GET
def document(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """For its owner and for staff who may; for everybody else there is no such document."""
    requested = get_object_or_404(Document.objects.select_related("vendor"), pk=pk)
    is_owner = requested.vendor.user_id == request.user.pk
    if is_owner:
        vendor_of(request)  # refuses whoever may not come in any more
    elif not (request.user.is_staff and request.user.has_perm("vendors.view_document")):
        raise Http404
    try:
        virus_scanner.scan_before_opening(requested)
        response = document_storage.serve(requested)
    except FileNotFoundError as error:
        raise Http404 from error
    except OSError:
        documents.report_unusable(requested.vendor)
        return render(request, "vendors/document_withheld.html", {"is_unusable": True}, status=503)
    except virus_scanner.ScannerUnavailable:
        return render(request, "vendors/document_withheld.html", {"document": requested}, status=503)
    except virus_scanner.Infected:
        return render(request, "vendors/document_withheld.html", {"document": requested}, status=403)
    if not is_owner:
        staff = cast(User, request.user)
        lifecycle.record(
            requested.vendor, VendorEvent.Kind.DOCUMENT_OPENED, by=staff, data={"document": str(requested.pk)}
        )
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def replace_document(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Send a newer one after approval. Before it, files are chosen in the wizard."""
    vendor = vendor_of(request)
    old = get_object_or_404(Document.objects.select_related("vendor__user"), pk=pk, vendor=vendor)
    if vendor.state in (VendorState.ONBOARDING, VendorState.CHANGES_REQUESTED):
        return redirect(onboarding().documents_url(old))
    if vendor.state != VendorState.APPROVED:
        return redirect("home")
    if old.replaced_at or not old.approved_at:
        return _is_not_current(request, old)
    form = ReplaceDocumentForm(request.POST or None, request.FILES or None, document=old)
    if request.method == "POST" and form.is_valid():
        try:
            documents.replace(
                old,
                upload=form.cleaned_data["file"],
                number=form.cleaned_data.get("number", ""),
                expires_on=form.cleaned_data.get("expires_on"),
            )
        except (Refused, documents.NotCurrent) as refusal:
            if isinstance(refusal, NotKept):
                documents.report_unusable(vendor)
            form.add_error("file", str(refusal))
        else:
            messages.success(request, _("Thank you. We have the new file and will check it soon."))
            return redirect("vendors:profile")
    context = {
        "vendor": vendor,
        "document": old,
        "form": form,
        "is_expired": old.is_expired(today=timezone.localdate()),
    }
    return render(request, "vendors/replace_document.html", context)


def _is_not_current(request: HttpRequest, old: Document) -> HttpResponse:
    """Say what there is instead, and whether anything is left to do about it."""
    newest = Document.objects.filter(vendor=old.vendor, slot=old.slot).current().first()
    if newest and newest.approved_at:
        messages.info(request, _("We already have a newer file. There's nothing left to do."))
        return redirect("vendors:profile")
    if onboarding().waits_for_vm(old.vendor, slot=old.slot, document=newest):
        messages.info(request, _("Vendor Management already has your change to this file. There's nothing left to do."))
        return redirect("vendors:profile")
    if newest:
        text = _("You have chosen “%(name)s” instead, but you haven't sent it yet. Please send your changes.")
        messages.warning(request, text % {"name": newest.name})
    elif old.approved_at:
        messages.warning(
            request, _("You have removed this file, but you haven't sent that change yet. Please send your changes.")
        )
    else:
        messages.info(request, _("This file is no longer part of your profile."))
        return redirect("vendors:profile")
    return redirect(onboarding().change_urls()["all"])
