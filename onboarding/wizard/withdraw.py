"""The page on which a vendor takes the application back, and the one they find afterwards."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from identity.sessions import devices
from identity.typed.fields import Prose
from onboarding.draft.retention import DECIDED_KEPT_FOR
from onboarding.models import Submission
from onboarding.submission import withdrawal
from vendors import lifecycle
from vendors.access import vendor_of
from vendors.privacy import periods

# In the session of somebody who is signed out by now: the page names nobody.
DONE = "withdrawn"


class WithdrawForm(forms.Form):
    reason = Prose(
        label=gettext_lazy("Would you like to tell us why?"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": gettext_lazy("Shorten this to 1,000 characters or fewer.")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest) -> HttpResponse:
    """GET says what will happen, POST does it."""
    vendor = vendor_of(request)
    if not vendor.can("withdraw"):
        return redirect("home")
    form = WithdrawForm(request.POST if request.method == "POST" else None, label_suffix="")
    if request.method == "POST" and form.is_valid():
        try:
            withdrawal.withdraw(vendor, reason=form.cleaned_data["reason"])
        except lifecycle.WrongState:
            messages.info(
                request, _("Vendor Management has already made a decision, so your application wasn't withdrawn.")
            )
            return redirect("home")
        response = redirect("onboarding:withdrawn")
        devices.forget(request, response)
        logout(request)
        request.session[DONE] = True
        return response
    context = {
        "vendor": vendor,
        "form": form,
        "has_sent": Submission.objects.filter(vendor=vendor).exists(),
        "draft_days": DECIDED_KEPT_FOR.days,
        "kept_for": periods.in_words("KEEP_DECLINED_MONTHS"),
    }
    return render(request, "onboarding/withdraw.html", context)


@login_not_required
@require_safe
def withdrawn(request: HttpRequest) -> HttpResponse:
    if not request.session.get(DONE):
        return redirect("home")
    return render(request, "onboarding/withdrawn.html", {"draft_days": DECIDED_KEPT_FOR.days})
