"""The link in the mail to the old address: "this was not me"."""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.urls import reverse

from vendors.models import EmailChange

_SALT = "vendors.email_change.disputes"


def link(change: EmailChange) -> str:
    return f"{settings.BASE_URL}{reverse('vendors:not-me', args=[signing.dumps(change.pk, salt=_SALT)])}"


def disputed_change(token: str) -> EmailChange | None:
    """None when the link cannot be read."""
    try:
        pk = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        return None
    return EmailChange.objects.select_related("vendor__user").filter(pk=pk).first()
