"""Where people arrive: the page with the button that leads to Microsoft, with their invitation or without one."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from identity import in_app_browsers
from identity.failures import cases, reasons
from identity.invitations import links
from identity.models import Failure, Invitation
from identity.redirects import leads_to_the_tenant, safe_next
from identity.sessions import human_presses, store

ASKS = "asks_for_invitation"


def sign_in_page(request: HttpRequest) -> HttpResponse:
    """With no invitation: who is signed in already has no use for it."""
    next_url = safe_next(request, request.GET.get("next", ""))
    if request.user.is_authenticated:
        return redirect(next_url or "home")
    ended_at = request.session.get(store.ENDED_ELSEWHERE)
    context = {
        "next": next_url,
        "ended_elsewhere": store.moment(ended_at),
        **in_app_browsers.advice(request, path=request.get_full_path()),
    }
    return render(request, "identity/sign_in.html", context)


@login_not_required
@leads_to_the_tenant
@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: HttpRequest, token: str) -> HttpResponse:
    """Where the invitation mails lead. Looking at it changes nothing, so mail scanners may."""
    invitation = links.from_token(token)
    if invitation is None:
        return redirect("identity:sign-in") if request.method == "POST" else sign_in_page(request)
    if request.user.is_authenticated and request.user.pk == invitation.user_id:
        return redirect("home")
    withdrawn = invitation.state == Invitation.State.WITHDRAWN
    vm_told = has_asked = False
    if request.method == "POST":
        if not withdrawn:
            return redirect(request.path)
        if human_presses.is_a_persons(request):  # else the page is shown once more
            vm_told, has_asked = _ask_for_invitation(invitation), True
    return render(
        request,
        "identity/sign_in.html",
        {
            "invitation_token": "" if withdrawn else token,
            "invited_address": masked(invitation.address),
            "withdrawn": withdrawn,
            "vm_told": vm_told,
            "vm_told_text": reasons.get(ASKS).person_text if vm_told else "",
            "has_asked": has_asked,
            **in_app_browsers.advice(request, path=request.path),
        },
    )


def _ask_for_invitation(invitation: Invitation) -> bool:
    stored = cases.report(stage=Failure.Stage.SIGN_IN, reason=ASKS, user=invitation.user, address=invitation.address)
    return stored is not None


def masked(address: str) -> str:
    """Enough for its owner to know it by, too little for anybody else: a…@example.com."""
    local, _at, domain = address.partition("@")
    return f"{local[:1]}…@{domain}"
