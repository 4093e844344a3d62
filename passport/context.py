"""What every page may show."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from identity import outbound
from identity.mail import invitation_sender
from identity.models import EntraAccount
from identity.sessions import store
from vendors import addresses


def site(request: HttpRequest) -> dict[str, Any]:
    return {
        "organisation_name": settings.ORGANISATION_NAME,
        "vm_email": settings.VM_EMAIL[0],
        "invitation_sender": SimpleLazyObject(invitation_sender.in_words),  # said on a few pages
        "is_on_hold": SimpleLazyObject(outbound.is_held),
        "signed_in_as": SimpleLazyObject(lambda: signed_in_as(request)),
    }


def signed_in_as(request: HttpRequest) -> str:
    """The address that a vendor has signed in with, what Microsoft reported of staff and of who may be a stranger."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return ""
    if user.is_staff:
        return user.email or user.username
    if request.session.get(store.MUST_CONFIRM):
        account = EntraAccount.objects.filter(pk=request.session.get(store.ACCOUNT) or 0).first()
        return account.signed_in_as if account else ""
    vendor = getattr(user, "vendor", None)
    return addresses.signed_in_with(vendor, request.session.get(store.ACCOUNT)) if vendor else user.email
