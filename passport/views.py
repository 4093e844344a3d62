"""Pages of the site itself."""

from __future__ import annotations

import datetime as dt
import sys

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_safe

from identity import in_app_browsers, outages
from identity.sessions import resubmission
from identity.sign_in import blocked_cookies
from vendors.access import ShutOut, refusal
from vendors.agreements import acceptances
from vendors.agreements.views import ask_to_accept, must_ask
from vendors.data_requests import lifecycle as data_requests
from vendors.documents.inspection import FilesTooBig
from vendors.models import VendorState
from vendors.onboarding_interface import onboarding
from vendors.privacy import periods

SECURITY_TXT_LASTS = dt.timedelta(days=180)
SECONDS_TO_COME_BACK = 30


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Send people where they belong."""
    user = request.user
    if user.is_staff:
        return redirect("admin:index")
    vendor = getattr(user, "vendor", None)
    if vendor is not None and must_ask(request, acceptances.outstanding(vendor)):
        return ask_to_accept(request)
    if vendor is not None and vendor.is_carried_over:
        return redirect(onboarding().confirmation_url())
    if vendor is not None and vendor.state == VendorState.APPROVED:
        return redirect("vendors:profile")
    return redirect("onboarding:index")


@login_not_required
@require_safe
def help_signing_in(request: HttpRequest) -> HttpResponse:
    return render(request, "help/signing_in.html")


@login_not_required
@require_safe
def help_your_data(request: HttpRequest) -> HttpResponse:
    """What is kept, for how long; and for a vendor who is signed in, the buttons with which to ask for it."""
    vendor = getattr(request.user, "vendor", None)
    may_ask = vendor is not None and not refusal(vendor)
    names = [*periods.OF_A_VENDOR.items(), *periods.OF_A_SECTION.items()]
    context = {
        "kept": {what.value: periods.in_words(name) for what, name in names},
        "may_ask": may_ask,
        "asked": {asked.kind: asked for asked in data_requests.open_of(vendor)} if vendor and may_ask else {},
    }
    return render(request, "help/your_data.html", context)


@login_not_required
@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Whom to tell of a security hole, as in RFC 9116."""
    contact = settings.SECURITY_CONTACT
    if not contact:
        raise Http404
    expires = timezone.now().replace(microsecond=0) + SECURITY_TXT_LASTS
    lines = [
        f"Contact: {contact if ':' in contact else f'mailto:{contact}'}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        f"Canonical: {settings.BASE_URL}{request.path}",
        "Preferred-Languages: en",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token is an old page or blocked cookies: a page that says so, and 400 rather than 403,
    because the person may do what they asked for, only not with this form."""
    if resubmission.is_handed_back(request) and resubmission.comes_from_our_page(request):
        return resubmission.hand_back(request)  # every sign-in makes the tokens of open pages invalid
    if not blocked_cookies.are_blocked(request):
        return render(request, "403_csrf.html", status=400)
    is_second_try = blocked_cookies.is_second_try(request)
    failure = blocked_cookies.report(request) if is_second_try else None
    context = {
        "is_second_try": is_second_try,
        "failure": failure,
        "vm_told": failure is not None,
        "begins_sign_in": blocked_cookies.begins_sign_in(request),
        "invitation": request.POST.get("invitation", ""),
        "next": request.POST.get("next", ""),
        **in_app_browsers.advice(request, path=blocked_cookies.page_of(request)),
    }
    return render(request, "no_cookies.html", context, status=400)


@login_not_required
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        is_text = not isinstance(exception, FilesTooBig)
        return render(request, "too_big.html", {"is_text": is_text}, status=413)
    return render(request, "400.html", status=400)


@login_not_required
def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    template = "identity/contact_vm.html" if isinstance(exception, ShutOut) else "403.html"
    return render(request, template, status=403)


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    """Without the context processors: they ask the database who this is, and it may be what failed."""
    error = sys.exc_info()[1]
    context = {"vm_email": settings.VM_EMAIL[0]}
    if error is not None and outages.is_outage(error):
        page = render_to_string("503.html", context)
        return HttpResponse(page, status=503, headers={"Retry-After": SECONDS_TO_COME_BACK})
    return HttpResponseServerError(render_to_string("500.html", context))
