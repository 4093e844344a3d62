"""The answers as the vendor sent them, to keep: as data for another form, and to print."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from onboarding.models import Submission
from onboarding.submission.summary import sections
from vendors import lifecycle
from vendors.access import vendor_of
from vendors.models import Vendor, VendorEvent

# Whoever borrows the computer must not find them in its cache.
_not_kept = cache_control(private=True, no_store=True)


def latest(vendor: Vendor) -> Submission:
    submission = Submission.objects.filter(vendor=vendor).order_by("-submitted_at").first()
    if submission is None:
        raise Http404
    return submission


@_not_kept
@require_GET
def as_json(request: HttpRequest) -> HttpResponse:
    """Everything, payment details in full: it is the vendor's own. That they were looked at is written down."""
    vendor = vendor_of(request)
    submission = latest(vendor)
    answers = {
        "organisation": settings.ORGANISATION_NAME,
        "reference": submission.reference,
        "sent_at": submission.submitted_at.isoformat(timespec="seconds"),
        "primary_email": vendor.primary_email,
        "answers": submission.answers,
    }
    if submission.answers.get("payment", {}).get("method") != "later":
        lifecycle.record(
            vendor, VendorEvent.Kind.PAYMENT_REVEALED, by=vendor.user, data={"submission": submission.reference}
        )
    return _attachment(json.dumps(answers, ensure_ascii=False, indent=2), submission, "json", "application/json")


@_not_kept
@require_GET
def as_html(request: HttpRequest) -> HttpResponse:
    """A page that needs nothing else, to read and to print. Payment is masked, as on the screen."""
    vendor = vendor_of(request)
    submission = latest(vendor)
    context: dict[str, Any] = {
        "vendor": vendor,
        "submission": submission,
        "sections": sections(submission.answers),
        "organisation_name": settings.ORGANISATION_NAME,
    }
    return _attachment(
        render_to_string("onboarding/download.html", context), submission, "html", "text/html; charset=utf-8"
    )


def _attachment(content: str, submission: Submission, extension: str, content_type: str) -> HttpResponse:
    name = f"passport-{submission.reference}.{extension}"
    return HttpResponse(
        content, content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
