"""Where a vendor sees what was corrected in their profile, and can object."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from onboarding.correction import lifecycle as corrections
from onboarding.correction import mail
from onboarding.correction.form import ObjectionForm
from vendors import correspondence
from vendors.access import vendor_of


@require_http_methods(["GET", "HEAD", "POST"])
def correction(request: HttpRequest, reference: str) -> HttpResponse:
    vendor = vendor_of(request)
    found = corrections.find(vendor, reference)
    if found is None:
        raise Http404
    correction, event = found
    form = ObjectionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            corrections.object_to(correction, why=form.cleaned_data["why"])
        except corrections.ObjectedAlready as refusal:
            messages.info(request, str(refusal))
        else:
            messages.success(request, _("Thank you. Vendor Management has been told, and will reply by email."))
        return redirect("corrections:correction", reference)
    context = {
        "correction": correction,
        "source": event.reason,
        "moment": correspondence.moment(event.at, vendor),
        "compared": mail.differences(correction),
        "objection": corrections.objection(vendor, correction),
        "form": form,
    }
    return render(request, "onboarding/correction.html", context)
