"""What a vendor sees when a page of the wizard crashes."""

from __future__ import annotations

import logging
import traceback

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from identity import outages
from identity.failures import cases, reasons
from identity.models import Failure
from onboarding.draft import progress
from vendors.access import vendor_of

log = logging.getLogger(__name__)


def failed(request: HttpRequest, error: Exception, *, page: str) -> HttpResponse:
    """Tell VM and the person, with a reference. Nothing of the answers is written anywhere."""
    places = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)][-8:]
    log.error("Page %s failed with %s at %s", page, type(error).__name__, ", ".join(places))
    vendor = vendor_of(request)
    failure = cases.report(
        stage=Failure.Stage.ONBOARDING,
        reason="step_error",
        user=vendor.user,
        address=vendor.address,
        detail={"step": page, "error": type(error).__name__},
    )
    progress.note_failed_page(vendor, page)
    context = {"failure": failure, "vendor": vendor, "text": reasons.get("step_error").person_text}
    status = 503 if outages.is_outage(error) else 500
    return render(request, "onboarding/step_error.html", context, status=status)
