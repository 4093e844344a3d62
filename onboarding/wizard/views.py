"""Where the vendor stands: the task list, what to answer VM, and what comes after sending."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from onboarding.draft import progress
from onboarding.draft.steps import CHECK, COMPLETED, QUESTIONS, STEPS, read
from onboarding.forms import ReplyForm
from onboarding.models import Draft, SectionReview, Submission
from onboarding.submission import section_reviews, turnaround
from onboarding.submission import submit as submission
from onboarding.submission.summary import sections
from onboarding.wizard.wizard import EDITABLE, failed
from vendors.access import vendor_of
from vendors.agreements import acceptances
from vendors.agreements.views import ask_to_accept, must_ask
from vendors.documents import lifecycle as documents
from vendors.models import Vendor, VendorState


@never_cache
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
    if vendor.state in EDITABLE:
        return task_list(request, vendor)
    if vendor.state in (VendorState.SUBMITTED, VendorState.DECLINED):
        waiting = acceptances.outstanding(vendor)
        if must_ask(request, waiting):
            return ask_to_accept(request)
        sent = Submission.objects.filter(vendor=vendor).order_by("-submitted_at").first()
        if sent and vendor.state == VendorState.SUBMITTED:
            return status_page(request, vendor, sent, waiting)
        return render(request, "onboarding/declined.html", {"vendor": vendor, "submission": sent})
    return render(request, "identity/contact_vm.html", status=403)


def status_page(
    request: HttpRequest, vendor: Vendor, sent: Submission, waiting: list[acceptances.Outstanding]
) -> HttpResponse:
    expected_on = turnaround.expected_on(sent.submitted_at.date())
    context = {
        "vendor": vendor,
        "submission": sent,
        "sections": sections(sent.answers),
        "waiting_agreements": waiting,
        "usual_time": turnaround.usual_time(),
        "expected_on": expected_on,
        "is_late": timezone.now().date() > expected_on,
        "downloads": {"html": reverse("onboarding:answers-html"), "json": reverse("onboarding:answers-json")},
    }
    return render(request, "onboarding/submitted.html", context)


def task_list(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    draft, _created = Draft.objects.get_or_create(vendor=vendor)
    draft.vendor = vendor
    reading = read(draft, documents=documents.current_documents(vendor))
    returned = submission.asked(vendor)
    marks = submission.marks(returned)
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
        "done_count": sum(state == COMPLETED for state in reading.states.values()),
        "step_count": len(QUESTIONS),
        "returned": returned,
        "go_on_url": reverse("onboarding:step", kwargs={"step": go_on}),
        "go_on_title": STEPS[go_on].title,
        "usual_time": turnaround.usual_time(),
    }
    return render(request, "onboarding/index.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reply(request: HttpRequest, step: str) -> HttpResponse:
    """A word to VM on a section that it asked to change."""
    vendor = vendor_of(request)
    mark = submission.marks(submission.asked(vendor)).get(step)
    if mark is None:
        return redirect("onboarding:index")
    return answer(request, mark, index="onboarding:index", step_page="onboarding:step")


def answer(request: HttpRequest, mark: SectionReview, *, index: str, step_page: str) -> HttpResponse:
    form = ReplyForm(request.POST or None, initial={"reply": mark.reply}, label_suffix="")
    if form.is_valid():
        section_reviews.reply(mark, form.cleaned_data["reply"])
        messages.success(request, _("Saved. Vendor Management reads it when you send again."))
        return redirect(index)
    context = {
        "form": form,
        "mark": mark,
        "title": STEPS[mark.step].title,
        "index_url": reverse(index),
        "step_url": reverse(step_page, kwargs={"step": mark.step}),
    }
    return render(request, "onboarding/reply.html", context)
