"""The old address is told of an email change, with a link to say "this was not me"."""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.urls import reverse

from identity.failures import mail_to_person
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


def tell_old_address(email_change_id: int) -> None:
    """The old address learns that the vendor's address was changed, not to which one."""
    change = EmailChange.objects.select_related("vendor__user").filter(pk=email_change_id).first()
    if change is None or change.state in (EmailChange.State.UNDONE, EmailChange.State.SUPERSEDED):
        return
    mail_to_person.to_person(
        change.vendor.user,
        address=change.old,
        template="vendors/mail/email_changed",
        context={
            "change": change,
            "not_me_url": link(change),
            "help_url": f"{settings.BASE_URL}{reverse('help-signing-in')}",
        },
        message_id=f"email-changed-{change.pk}",
    )
