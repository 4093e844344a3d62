"""The link in the mail to the old address: "this was not me"."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from vendors.email_change import lifecycle as email_change
from vendors.models import EmailChange

_SALT = "vendors.email_change.disputes"


def link(change: EmailChange) -> str:
    return f"{settings.BASE_URL}{reverse('vendors:not-me', args=[signing.dumps(change.pk, salt=_SALT)])}"


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def not_me(request: HttpRequest, token: str) -> HttpResponse:
    """A GET shows a button and changes nothing: mail scanners open links."""
    change = _change(token)
    if change is None:
        return render(request, "vendors/not_me.html", {"is_unreadable": True}, status=404)
    if request.method == "POST":
        email_change.dispute(change)
        return render(request, "vendors/not_me.html", {"is_told": True})
    return render(request, "vendors/not_me.html", {"is_told": change.disputed_at is not None})


def _change(token: str) -> EmailChange | None:
    try:
        pk = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        return None
    return EmailChange.objects.select_related("vendor__user").filter(pk=pk).first()
