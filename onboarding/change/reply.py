"""Where the vendor says why a change stays as it was sent."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from onboarding.change.access import INDEX, for_approved
from onboarding.change.proposal import marks, under_way
from onboarding.wizard.reply import reply_page
from vendors.models import Vendor


@require_http_methods(["GET", "HEAD", "POST"])
@for_approved
def reply(request: HttpRequest, vendor: Vendor, step: str) -> HttpResponse:
    mark = marks(under_way(vendor)).get(step)
    if mark is None:
        return redirect(INDEX)
    return reply_page(request, mark, index=INDEX, step_page="changes:step")
