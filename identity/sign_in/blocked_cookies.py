"""Forms that come without any cookie: the browser keeps none, so nobody can sign in with it."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse

from identity.failures import cases
from identity.invitations import links
from identity.models import Failure
from identity.sessions import human_presses

REASON = "cookies_blocked"
AGAIN = "second_try"  # the field of the form that is offered after the first


def are_blocked(request: HttpRequest) -> bool:
    """The page that holds the form has set one, and a session or a device would be there too."""
    return not request.COOKIES


def begins_sign_in(request: HttpRequest) -> bool:
    return request.path == reverse("identity:start")


def is_second_try(request: HttpRequest) -> bool:
    return AGAIN in request.POST


def page_of(request: HttpRequest) -> str:
    """The page whose form it was, as far as the form says: that of an invitation, or the plain one."""
    token = request.POST.get("invitation", "")
    return reverse("identity:welcome", args=[token]) if links.from_token(token) else reverse("identity:sign-in")


def report(request: HttpRequest) -> Failure | None:
    """Open a case for the person invited. Without an invitation, or a person who pressed, there is nobody to name."""
    invitation = links.from_token(request.POST.get("invitation", ""))
    if invitation is None or not human_presses.is_a_persons(request):
        return None
    return cases.report(stage=Failure.Stage.SIGN_IN, reason=REASON, user=invitation.user, address=invitation.address)
