"""Break-glass: a way into the admin when Entra is down or not yet set up. Operations are told of making and use."""

from __future__ import annotations

import hashlib
import secrets

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from identity import roles
from identity.jobs.queue import defer
from identity.models import EmergencyLink, User
from identity.operator import operator
from identity.sessions import human_presses, store


class UnknownRole(Exception):
    """No such role."""


class SwitchedOff(Exception):
    """Their access is switched off; a link would be a way round it."""

    def __init__(self, email: str) -> None:
        super().__init__(f"Access for {email} is switched off. First run: end_sessions {email} --switch-on --reason …")


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def make_link(email: str, *, role: str, reason: str) -> str:
    """The address of a page that signs `email` in once, within ten minutes, as a user of its own with that role.

    Raise UnknownRole or SwitchedOff.
    """
    if role not in roles.PERMISSIONS:
        raise UnknownRole(role)
    if User.objects.staff().at_address(email).filter(is_active=False).exists():
        raise SwitchedOff(email)
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        user = User.objects.filter(is_emergency=True, email__iexact=email).first()
        if user is None:
            user = User.objects.create_user(email=email, is_emergency=True)
        link = EmergencyLink.objects.create(
            token_hash=_hashed(token),
            user=user,
            role=role,
            reason=reason[:300],
            made_by=operator()[:100],
            created_at=timezone.now(),
        )
        defer("identity.tasks.mail_emergency", link_hash=link.pk, event="made")
    return f"{settings.BASE_URL}{reverse('identity:emergency', args=[token])}"


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def use(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows a button, a person's POST consumes the link."""
    fresh = EmergencyLink.objects.filter(
        pk=_hashed(token),
        used_at=None,
        created_at__gt=timezone.now() - EmergencyLink.LIFETIME,
        user__is_active=True,
    )
    link = fresh.select_related("user").first()
    if link is None:
        raise Http404
    if request.method != "POST" or not human_presses.is_a_persons(request):
        return render(request, "identity/emergency.html", {"link": link})
    with transaction.atomic():
        if not fresh.update(used_at=timezone.now()):
            raise Http404
        link.user.is_staff, link.user.roles = True, [link.role]
        link.user.save(update_fields=["is_staff", "roles"])
        defer("identity.tasks.mail_emergency", link_hash=link.pk, event="used")
    if request.session.session_key:
        request.session.flush()
    login(request, link.user, backend="identity.sign_in.oidc.Permissions")
    store.limit(request.session, for_at_most=store.EMERGENCY)
    return redirect("admin:index")
