"""The link of an invitation, which leads to the page with the button."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core import signing
from django.urls import reverse

from identity.models import Invitation

_SALT = "identity.invitation"


def token(invitation: Invitation) -> str:
    """What names the invitation in links. Signed, not secret: it opens a page with a button."""
    return signing.dumps(invitation.pk.hex, salt=_SALT)


def from_token(text: str) -> Invitation | None:
    """The invitation that a link names; None when it is unreadable."""
    try:
        pk = uuid.UUID(signing.loads(text, salt=_SALT))
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return Invitation.objects.select_related("user", "account").filter(pk=pk).first()


def welcome_url(invitation: Invitation) -> str:
    return f"{settings.BASE_URL}{reverse('identity:welcome', args=[token(invitation)])}"
