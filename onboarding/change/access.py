"""Who gets to the pages of a change, and where those pages are."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from onboarding.draft.steps import PAYMENT
from onboarding.wizard.failed_page import failed
from vendors.access import vendor_of
from vendors.models import VendorState

PAGE = "changes"
INDEX = "changes:index"


def for_approved(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Only for those who have something to change; a crash is told like one of the wizard."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        vendor = vendor_of(request)
        if vendor.state != VendorState.APPROVED:
            return redirect("onboarding:index")
        try:
            with transaction.atomic():
                return view(request, vendor, *args, **kwargs)
        except (Http404, PermissionDenied, SuspiciousOperation):
            raise
        except Exception as error:
            return failed(request, error, page=PAGE)

    return checked


def nothing_to_change(request: HttpRequest) -> HttpResponse:
    messages.info(
        request, _("Your profile wasn't created in Passport. Please write to Vendor Management to change it.")
    )
    return redirect("vendors:profile")


def step_url(step: str) -> str:
    return reverse("changes:payment") if step == PAYMENT else reverse("changes:step", kwargs={"step": step})
