"""The page "Where you're signed in": a vendor's own browsers, and ending them right after signing in once more."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from identity.redirects import leads_to_the_tenant
from identity.sessions import active_sessions
from identity.sign_in import step_up
from vendors import correspondence, signing_out
from vendors.access import vendor_of
from vendors.models import Vendor

STEP_UP = step_up.Purpose.SESSIONS


@leads_to_the_tenant
@require_http_methods(["GET", "HEAD", "POST"])
def own_sessions(request: HttpRequest) -> HttpResponse:
    """Everyone who may come in sees it; whoever found an open browser ends nothing."""
    vendor = vendor_of(request)
    this, is_proven = request.session.session_key, step_up.is_proven(request, STEP_UP)
    if request.method == "POST":
        _end(request, vendor, this=this, is_proven=is_proven)
        return redirect("vendors:sessions")
    sessions = active_sessions.with_remembered(vendor.user, this=this)
    clock = correspondence.clock(vendor)
    context = {
        "vendor": vendor,
        "sessions": [
            {
                "session": session,
                "since": session.since and clock(session.since),
                "last_seen": session.last_seen_at and clock(session.last_seen_at),
                "ends": clock(session.ends_at),
            }
            for session in sessions
        ],
        "has_others": any(not session.is_this for session in sessions),
        "is_proven": is_proven,
        "step_up": STEP_UP,
    }
    return render(request, "vendors/own_sessions.html", context)


def _end(request: HttpRequest, vendor: Vendor, *, this: str | None, is_proven: bool) -> None:
    handle = request.POST.get("session", "")
    if not is_proven:
        messages.warning(
            request, _("That took more than five minutes, so no browser was signed out. Please sign in again.")
        )
    elif handle or "others" in request.POST:
        if ended := signing_out.sign_out_elsewhere(vendor, this=this, handle=handle):
            message = ngettext(
                "You've been signed out of %(count)s browser.", "You've been signed out of %(count)s browsers.", ended
            )
            messages.success(request, message % {"count": ended})
        else:
            messages.info(request, _("That browser had already been signed out."))
