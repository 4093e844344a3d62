"""The first page of the onboarding: the task list, and after sending what happens next."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from onboarding.draft import progress
from onboarding.draft.steps import CHECK, COMPLETED, STEPS, read
from onboarding.models import Draft, Submission
from onboarding.submission import lifecycle as submissions
from onboarding.submission import section_reviews, turnaround
from onboarding.submission.summary import sections
from onboarding.wizard import downloads
from onboarding.wizard.failed_page import failed
from vendors.access import vendor_of
from vendors.agreements import acceptances
from vendors.documents import lifecycle as documents
from vendors.models import Vendor, VendorState


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The task list while there is something to fill in, the state of the matter afterwards."""
    vendor = vendor_of(request)
    if vendor.state == VendorState.APPROVED:
        return redirect("vendors:profile")
    try:
        return where_it_stands(request, vendor)
    except Exception as error:
        return failed(request, error, page=progress.INDEX)


def where_it_stands(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    if vendor.state in Draft.EDITABLE_IN:
        return task_list(request, vendor)
    if vendor.state == VendorState.SUBMITTED:
        outstanding = acceptances.outstanding(vendor)
        submission = Submission.objects.filter(vendor=vendor).order_by("-submitted_at").first()
        if submission:
            return status_page(request, vendor, submission, outstanding)
    return render(request, "identity/contact_vm.html", status=403)


def status_page(
    request: HttpRequest, vendor: Vendor, submission: Submission, outstanding: list[acceptances.Outstanding]
) -> HttpResponse:
    expected_on = turnaround.expected_on(submission.submitted_at.date())
    context = {
        "vendor": vendor,
        "submission": submission,
        "sections": sections(submission.answers),
        "moment": turnaround.sent(submission),
        "waiting_agreements": outstanding,
        "usual_time": turnaround.usual_time(),
        "expected_on": expected_on,
        "is_late": timezone.now().date() > expected_on,
        "downloads": downloads.urls(),
    }
    return render(request, "onboarding/submitted.html", context)


def task_list(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    draft, _created = Draft.objects.get_or_create(vendor=vendor)
    draft.vendor = vendor
    reading = read(draft, documents=documents.current_documents(vendor))
    sent_back = submissions.sent_back_to(vendor)
    marks = section_reviews.marked(sent_back)
    left = [mark.step for mark in section_reviews.unanswered(marks.values(), draft)]
    go_on = progress.goes_on_at(draft.current_step, reading)
    if go_on == CHECK.name and left:
        go_on = left[0]
    steps = progress.listing(reading, current="", asked=left)
    context = {
        "vendor": vendor,
        "steps": steps,
        "to_change": [{**step, "mark": marks[step["name"]]} for step in steps if step["name"] in marks],
        "has_begun": bool(draft.answers),
        "completed_count": sum(state == COMPLETED for state in reading.states.values()),
        "step_count": len(reading.questions),
        "sent_back": sent_back,
        "go_on_url": reverse("onboarding:step", kwargs={"step": go_on}),
        "go_on_title": STEPS[go_on].title,
        "usual_time": turnaround.usual_time(),
    }
    return render(request, "onboarding/index.html", context)
