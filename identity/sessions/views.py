"""Staying signed in, signing out, and hearing from Entra that somebody has signed out elsewhere."""

from __future__ import annotations

from csp.decorators import csp_exempt
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_GET, require_http_methods

from identity.compiled_queries import Compiled, Given
from identity.microsoft import authority
from identity.models import Device, EntraAccount, Session
from identity.redirects import leads_to_the_tenant, safe_next
from identity.sessions import devices, store

GUEST = Compiled(lambda: EntraAccount.objects.filter(pk=Given("id"), guest=True))


@require_http_methods(["GET", "HEAD", "POST"])
def stay_signed_in(request: HttpRequest) -> HttpResponse:
    """Passport's own question: Microsoft never shows guests its "Stay signed in?". Leaving it means No."""
    next_url = safe_next(request, request.GET.get("next", "")) or reverse("home")
    account = GUEST.first(id=request.session.get(store.ACCOUNT) or 0)
    interactive_at = request.session.get(store.INTERACTIVE_AT)
    if account is None or interactive_at is None:
        return redirect(next_url)
    if request.method != "POST":
        return render(request, "identity/stay_signed_in.html", {"next": next_url})
    response = redirect(next_url)
    if request.POST.get("stay") == "yes":
        store.stay(request.session, interactive_at=interactive_at)
        devices.remember(request, response, account, interactive_at=interactive_at)
    else:
        store.limit(request.session, for_at_most=store.ABSOLUTE)
        devices.forget(request, response)
    return response


@login_not_required
@leads_to_the_tenant
@require_http_methods(["GET", "HEAD", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """GET asks, POST does, and ends the session at Entra as well. A device alone would come back by itself."""
    if not request.user.is_authenticated and devices.of(request) is None:
        return redirect("identity:sign-in")
    if request.method != "POST":
        return render(request, "identity/sign_out.html")
    hint = request.session.get(store.LOGOUT_HINT, "")
    through_entra = bool(request.session.get(store.ACCOUNT)) or not request.user.is_authenticated
    response = redirect(authority.end_session_url(logout_hint=hint) if through_entra else "identity:sign-in")
    # Not "cookies": that would clear those of every other site of the same domain.
    response["Clear-Site-Data"] = '"cache", "storage"'
    devices.forget(request, response)
    logout(request)
    return response


@login_not_required
@csp_exempt()
@xframe_options_exempt
@require_GET
def front_channel_logout(request: HttpRequest) -> HttpResponse:
    """Entra calls this in a hidden frame when somebody signs out elsewhere. No cookie comes along, only `sid`."""
    sid = request.GET.get("sid", "")
    issuer = request.GET.get("iss", "")
    if sid and len(sid) <= 64 and issuer in ("", authority.issuer()):
        devices.end_all(Device.objects.filter(sessions__sid=sid))
        Session.objects.filter(sid=sid).delete()
    return HttpResponse("", content_type="text/plain")
