"""What an approved vendor changes at a glance: what would be sent, what waits, what VM asks, and sending it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from identity import outbound
from onboarding.change import lifecycle as changes
from onboarding.change.access import INDEX, for_approved, nothing_to_change, step_url
from onboarding.change.in_force import answers_in_force, approved_submission
from onboarding.change.proposal import (
    CHANGEABLE,
    Proposal,
    lay_out,
    marks,
    propose,
    under_way,
)
from onboarding.draft.steps import COMPLETED, PROBLEM, STATE_LABELS, STEPS, asked_of, kind_in, titles
from onboarding.models import Draft, SectionReview
from onboarding.submission import lifecycle as submissions
from onboarding.submission import section_reviews, turnaround
from onboarding.submission.differences import compare
from onboarding.submission.submit import NotComplete
from onboarding.submission.summary import OWN
from vendors import lifecycle
from vendors.documents import lifecycle as documents
from vendors.models import Vendor


@require_http_methods(["GET", "HEAD", "POST"])
@for_approved
def index(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    if request.method == "POST":
        return withdraw(request, vendor) if "withdraw" in request.POST else send(request, vendor)
    approved = approved_submission(vendor)
    if approved is None:
        return nothing_to_change(request)
    approved.vendor = vendor
    draft = Draft.objects.filter(vendor=vendor).first() or Draft(vendor=vendor)
    draft.vendor = vendor
    change = under_way(vendor)
    in_force = answers_in_force(approved)
    lay_out(draft, approved, change, in_force=in_force)
    proposal = propose(draft, in_force=in_force, documents=documents.current_documents(vendor))
    asked = {step.name for step in asked_of(kind_in(draft.answers))}
    is_waiting = change is not None and change.is_waiting
    declined = changes.declined_last(vendor)
    context = {
        "vendor": vendor,
        "change": change,
        "moment": turnaround.sent(change) if change else None,
        "usual_time": turnaround.usual_time(),
        "is_waiting": is_waiting,
        "is_sent": is_waiting and not draft.saved_since,
        "changed": _changed(proposal, in_force),
        "to_change": _to_change(marks(change), draft),
        "is_complete": not proposal.to_complete,
        "others": [
            {"title": step.title, "url": step_url(step.name)}
            for step in CHANGEABLE
            if step.name not in proposal.changed and step.name not in proposal.to_complete and step.name in asked
        ],
        "declined": declined,
        "declined_sections": titles(declined.changed) if declined else [],
        "token": draft.submission_token,
    }
    return render(request, "onboarding/changes.html", context)


def _changed(proposal: Proposal, in_force: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "compared": compared,
            "url": step_url(compared.step),
            "is_incomplete": compared.step in proposal.to_complete,
        }
        for compared in compare(in_force, proposal.answers, changed=proposal.changed, clearance=OWN)
        if compared.is_changed or compared.step in proposal.to_complete
    ]


def _to_change(marks: Mapping[str, SectionReview], draft: Draft) -> list[dict[str, Any]]:
    items = []
    for step, mark in marks.items():
        state = COMPLETED if section_reviews.is_answered(mark, draft) else PROBLEM
        titles = {"title": STEPS[step].title, "state": state, "state_label": STATE_LABELS[state]}
        items.append({"mark": mark, "url": step_url(step), **titles})
    return items


def send(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    try:
        token = uuid.UUID(request.POST.get("token", ""))
    except ValueError:
        token = uuid.uuid4()
    try:
        with transaction.atomic():
            changes.send(vendor, token=token)
    except (changes.OutOfDate, changes.NothingChanged, lifecycle.WrongState) as refusal:
        messages.warning(request, str(refusal))
    except (NotComplete, section_reviews.NotAnswered) as refusal:
        messages.error(request, str(refusal))
        return redirect(step_url(refusal.step))
    else:
        messages.success(request, outbound.told(_("Vendor Management has your changes and will reply by email.")))
    return redirect(INDEX)


def withdraw(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    try:
        with transaction.atomic():
            changes.withdraw(vendor)
    except (submissions.NotWaiting, lifecycle.WrongState) as refusal:
        messages.warning(request, str(refusal))
        return redirect(INDEX)
    messages.success(request, _("Done. Your profile stays as it is."))
    return redirect("vendors:profile")
