"""A vendor asks for their data, or to be erased, with one press. Nothing happens but that VM knows."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from vendors.access import vendor_of
from vendors.data_requests import lifecycle as requests
from vendors.models import DataRequest


def ask(request: HttpRequest) -> HttpResponse:
    vendor = vendor_of(request)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    kind = request.POST.get("kind", "")
    if kind not in DataRequest.BY_A_PRESS:
        raise SuspiciousOperation("The choice was not sent by the page.")
    try:
        asked = requests.ask(vendor, kind=kind)
    except requests.AlreadyOpen:
        messages.info(request, _("You have already asked for this. Your request is being dealt with."))
    else:
        day = {"day": requests.in_words(asked.due_on)}
        messages.success(request, _("We have received your request and will reply by %(day)s.") % day)
    return redirect(f"{reverse('help-your-data')}#rights")
