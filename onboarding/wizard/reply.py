"""Where the vendor says why something stays as it is that VM asked to change."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from onboarding.draft.steps import STEPS
from onboarding.forms import ReplyForm
from onboarding.models import SectionReview
from onboarding.submission import lifecycle as submissions
from onboarding.submission import section_reviews
from vendors.access import vendor_of


@require_http_methods(["GET", "HEAD", "POST"])
def reply(request: HttpRequest, step: str) -> HttpResponse:
    mark = section_reviews.marked(submissions.sent_back_to(vendor_of(request))).get(step)
    if mark is None:
        return redirect("onboarding:index")
    return reply_page(request, mark, index="onboarding:index", step_page="onboarding:step")


def reply_page(request: HttpRequest, mark: SectionReview, *, index: str, step_page: str) -> HttpResponse:
    """`index` and `step_page` name the URLs that it leads back to."""
    form = ReplyForm(request.POST or None, initial={"reply": mark.reply}, label_suffix="")
    if form.is_valid():
        section_reviews.reply(mark, form.cleaned_data["reply"])
        messages.success(request, _("Saved. Vendor Management will read it when you send your answers again."))
        return redirect(index)
    context = {
        "form": form,
        "mark": mark,
        "title": STEPS[mark.step].title,
        "index_url": reverse(index),
        "step_url": reverse(step_page, kwargs={"step": mark.step}),
    }
    return render(request, "onboarding/reply.html", context)
