"""The page of a change that names another account. It stands behind a fresh sign-in."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from identity.redirects import CHECKED, SeeOther, leads_to_the_tenant
from identity.sign_in import step_up
from onboarding.change.access import INDEX, for_approved, nothing_to_change
from onboarding.change.proposal import marks, under_way
from onboarding.change.storage import ChangeStorage
from onboarding.draft.steps import PAYMENT, STEPS, make_form, read
from onboarding.wizard import mistakes
from vendors.documents import lifecycle as documents
from vendors.models import Vendor
from vendors.payment import details as payment_details

STEP_UP = step_up.Purpose.PAYMENT_CHANGE


@leads_to_the_tenant
@require_http_methods(["GET", "HEAD", "POST"])
@for_approved
def payment(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    """Name another account, right after signing in once more. The old one is in force until VM approves."""
    details = getattr(vendor, "payment_details", None)
    if details is None:
        return redirect("vendors:payment")
    is_proven = step_up.is_proven(request, STEP_UP)
    if request.method == "POST" and not is_proven:
        messages.warning(request, _("That took more than five minutes, so nothing was saved. Please sign in again."))
        return redirect("changes:payment")
    storage = ChangeStorage("wizard", request)
    if storage.approved is None:
        return nothing_to_change(request)
    typed = None
    if request.method == "POST":
        typed = dict(request.POST.lists())
    elif is_proven and CHECKED in request.GET:
        typed = mistakes.aside(PAYMENT, vendor, request)
    form = make_form(STEPS[PAYMENT], typed, vendor=vendor, earlier={}, documents={})
    form.fields["method"].choices = payment_details.METHODS  # type: ignore[attr-defined]  # nothing is left for later
    if request.method == "POST" and not form.is_valid():
        mistakes.put_aside(form, PAYMENT, vendor, request)
        return SeeOther(f"{reverse('changes:payment')}?{CHECKED}=1")
    if request.method == "POST":
        step_up.use(request, STEP_UP)
        storage.put(PAYMENT, form.typed())
        storage.save(read(storage.draft, documents=documents.current_documents(vendor)), left_off_at="")
        messages.success(request, _("Saved, but not sent yet. Please check your changes and send them."))
        return redirect(INDEX)
    context = {
        "form": form,
        "details": details,
        "is_proven": is_proven,
        "step_up": STEP_UP,
        "mark": marks(under_way(vendor)).get(PAYMENT),
    }
    return render(request, "onboarding/change_payment.html", context)
