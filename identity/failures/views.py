"""What somebody who is not signed in reads about it, and the form with which they ask for help."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from identity import in_app_browsers, networks
from identity.failures import cases, people, public_form, reasons
from identity.failures.forms import CannotSignInForm, WhichAddressForm
from identity.models import Failure, FailurePerson
from identity.sessions import devices, human_presses

# In the page's query:
UNKNOWN = "unknown"  # nobody knows who was sent there
SAID = "said"  # the reason that Microsoft named, if the browser can be believed


def problem_page(
    request: HttpRequest,
    reason_code: str,
    *,
    failure: Failure | FailurePerson | None,
    vm_told: bool,
    status: int = 200,
    asks_address: bool = False,
    form: WhichAddressForm | None = None,
) -> HttpResponse:
    reason = reasons.get(reason_code)
    retry_url = "" if reason_code in reasons.NO_RETRY else reverse("identity:sign-in")
    return render(
        request,
        "identity/problem.html",
        {
            "failure": failure,
            "title": _("You are not signed in"),
            "text": _text(request, reason),
            "says_who_knows": reason.code in reasons.SAYS_WHO_KNOWS,
            "vm_told": vm_told,
            "retry_url": retry_url,
            "ask_address": asks_address,
            "form": form,
            **in_app_browsers.advice(request, refused=reason_code == "in_app_browser"),
        },
        status=status,
    )


def _text(request: HttpRequest, reason: reasons.Reason) -> str:
    """Of what only the browser says, the person reads as much as if it were proven: sentences of ours, whoever asks."""
    text = str(reason.person_text)
    said = reasons.CATALOGUE.get(request.GET.get(SAID, "")) if reason.code == reasons.UNPROVEN else None
    return f"{text} {said.person_text}" if said and said.stage == reason.stage else text


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def problem(request: HttpRequest, reference: str) -> HttpResponse:
    """What went wrong, for the person. Shows nothing about anybody, so the reference is all it takes."""
    failure = Failure.objects.filter(reference=reference.upper()).first() or get_object_or_404(
        FailurePerson.objects.select_related("failure"), reference=reference.upper()
    )
    if failure.user_id is None and _is_over(request, networks.PROBLEM_PAGE):
        return too_many(request)
    if isinstance(failure, FailurePerson):
        return problem_page(request, failure.failure.reason, failure=failure, vm_told=True)
    asks_address = _asks_address(request, failure)
    form = None
    if request.method == "POST":
        form = WhichAddressForm(request.POST)
        if form.is_valid():
            named = cases.name_address(failure, form.cleaned_data["address"])
            return redirect("identity:sign-in-problem", named.reference)
    return problem_page(request, failure.reason, failure=failure, vm_told=True, asks_address=asks_address, form=form)


def _asks_address(request: HttpRequest, failure: Failure) -> bool:
    """Of a cause that hit many, the page's address says whether Passport knows who is looking."""
    if failure.subject == people.COMMON:
        return UNKNOWN in request.GET
    return not (failure.address or failure.user_id)


@login_not_required
@csrf_exempt  # it works in a browser that keeps no cookies, and there is nothing here that another site could abuse
@require_http_methods(["GET", "HEAD", "POST"])
def cannot_sign_in(request: HttpRequest) -> HttpResponse:
    form = CannotSignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if _is_over(request, networks.PUBLIC_FORM):
            return too_many(request)
        detail = form.detail(pressed=human_presses.is_a_persons(request))
        failure = public_form.report(address=form.cleaned_data["address"], detail=detail)
        text = reasons.get(public_form.REASON).person_text
        context = {"failure": failure, "vm_told": bool(failure), "text": text}
        return render(request, "identity/cannot_sign_in_sent.html", context)
    return render(request, "identity/cannot_sign_in.html", {"form": form})


def too_many(request: HttpRequest) -> HttpResponse:
    """Not recorded: there were too many from this network. The page says whom to write to."""
    return render(request, "identity/too_many.html", status=429)


def too_many_starts(request: HttpRequest) -> HttpResponse:
    """Nothing went wrong that could have been recorded: the sign-in was not begun."""
    return render(request, "identity/too_many.html", {"is_start": True}, status=429)


def _is_over(request: HttpRequest, kind: str) -> bool:
    """Nobody is sent away on whose device a vendor stays signed in."""
    return devices.of(request) is None and networks.is_over(request, kind)
