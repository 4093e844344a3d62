"""The answers as the vendor sent them, to keep: as data for another form, and to print."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from identity.redirects import leads_to_the_tenant
from identity.sign_in import step_up
from onboarding.draft.steps import PAYMENT
from onboarding.models import Submission
from onboarding.submission import turnaround
from onboarding.submission.summary import OWN, Row, Section, has_personal_numbers, sections
from vendors import lifecycle
from vendors.access import vendor_of
from vendors.answers import tax_numbers
from vendors.models import Profile, Vendor, VendorEvent
from vendors.payment import details as payment

# Whoever borrows the computer must not find them in its cache.
_not_kept = cache_control(private=True, no_store=True)


def urls() -> dict[str, str]:
    return {name: reverse(f"onboarding:answers-{name}") for name in ("html", "json", "whole")}


def latest(vendor: Vendor) -> Submission:
    submission = Submission.objects.filter(vendor=vendor).order_by("-submitted_at").first()
    if submission is None:
        raise Http404
    return submission


@_not_kept
@leads_to_the_tenant
@require_GET
def in_full(request: HttpRequest) -> HttpResponse:
    """Where the vendor signs in once more, and then finds the copies with everything in full."""
    latest(vendor_of(request))
    context = {
        "is_proven": step_up.is_fresh(request),
        "step_up": step_up.Purpose.ANSWERS_IN_FULL,
        "downloads": urls(),
        "leave_url": reverse("home"),
    }
    return render(request, "onboarding/answers_in_full.html", context)


@_not_kept
@require_GET
def as_json(request: HttpRequest) -> HttpResponse:
    """In full right after signing in once more: a browser that stays signed in for weeks may be in other hands."""
    vendor = vendor_of(request)
    submission = latest(vendor)
    is_proven = step_up.is_fresh(request)
    answers = {
        "organisation": settings.ORGANISATION_NAME,
        "reference": submission.reference,
        "sent_at": submission.submitted_at.isoformat(timespec="seconds"),
        "primary_email": vendor.address,
        "in_full": is_proven,
        "answers": submission.answers if is_proven else _in_part(submission.answers),
    }
    if is_proven:
        _record_look(submission)
    return _attachment(json.dumps(answers, ensure_ascii=False, indent=2), submission, "json", "application/json")


@_not_kept
@require_GET
def as_html(request: HttpRequest) -> HttpResponse:
    """A page that needs nothing else, to read and to print. Masked and in full as the data are."""
    vendor = vendor_of(request)
    submission = latest(vendor)
    is_proven = step_up.is_fresh(request)
    context: dict[str, Any] = {
        "vendor": vendor,
        "submission": submission,
        "moment": turnaround.sent(submission),
        "sections": _sections_in_full(submission.answers) if is_proven else sections(submission.answers),
        "organisation_name": settings.ORGANISATION_NAME,
    }
    if is_proven:
        _record_look(submission)
    return _attachment(
        render_to_string("onboarding/download.html", context), submission, "html", "text/html; charset=utf-8"
    )


def _names_account(answers: Mapping[str, Any]) -> bool:
    return answers.get(PAYMENT, {}).get("method", "later") != "later"


def _record_look(submission: Submission) -> None:
    if _names_account(submission.answers):
        vendor, data = submission.vendor, {"submission": submission.reference}
        lifecycle.record(vendor, VendorEvent.Kind.PAYMENT_REVEALED, by=vendor.user, data=data)


def _in_part(answers: Mapping[str, Any]) -> dict[str, Any]:
    shown = dict(answers)
    if _names_account(answers):
        shown[PAYMENT] = payment.in_part(answers[PAYMENT])
    if has_personal_numbers(answers):
        numbers = {name: answers["tax"][name] for name in Profile.NUMBERS if answers["tax"][name]}
        shown["tax"] = answers["tax"] | {name: tax_numbers.masked(number) for name, number in numbers.items()}
    return shown


def _sections_in_full(answers: Mapping[str, Any]) -> list[Section]:
    if not _names_account(answers):
        return sections(answers, clearance=OWN)
    account = [Row(label, value, is_verbatim=True) for label, value in payment.rows(answers[PAYMENT])]
    return [
        replace(section, rows=account) if section.step == PAYMENT else section
        for section in sections(answers, clearance=OWN)
    ]


def _attachment(content: str, submission: Submission, extension: str, content_type: str) -> HttpResponse:
    name = f"passport-{submission.reference}.{extension}"
    return HttpResponse(
        content, content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
