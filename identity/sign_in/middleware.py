"""Default deny, and the silent renewal of a lapsed session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from identity.sessions import devices, resubmission, store
from identity.sign_in import views


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Every page needs somebody signed in, unless its view says otherwise.

    A vendor who asked to stay signed in and whose session has lapsed is sent round the tenant once, without a page.
    """

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        if request.user.is_authenticated:
            if request.session.get(store.MUST_CONFIRM) and request.path not in (
                reverse("identity:own-account"),
                reverse("identity:sign-out"),
                reverse("help-signing-in"),
            ):
                return redirect("identity:own-account")
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Callable[..., Any]
    ) -> HttpResponse:
        if request.method == "POST" and resubmission.is_handed_back(request):
            return resubmission.hand_back(request)
        target = request.get_full_path() if request.method in ("GET", "HEAD") else "/"
        wants_vendor = request.method == "GET" and not request.path.startswith(reverse("admin:index"))
        if wants_vendor and (device := devices.of(request)) is not None:
            return views.renew_silently(request, device.account, next_url=target)
        query = f"?{urlencode({'next': target})}" if target != "/" else ""
        return redirect(f"{reverse('identity:sign-in')}{query}")
