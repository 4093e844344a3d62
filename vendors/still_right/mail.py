"""The email that asks whether the profile is still right, and its reminders."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from identity.failures import mail_to_person
from identity.mail import message_ids
from vendors import correspondence
from vendors.models import ProfileCheck


def ask(check_id: int, *, reminder: int) -> None:
    """Unless the vendor has answered, or may not come in, since it was queued."""
    check = ProfileCheck.objects.open().select_related("vendor__user").filter(pk=check_id).first()
    if check is None:
        return
    first = message_ids.of("still-right", check.pk, check.asked_at, 0)
    mail_to_person.to_person(
        check.vendor.user,
        address=check.vendor.address,
        template="vendors/mail/still_right",
        context={
            "greeting": correspondence.greeting(check.vendor),
            "is_reminder": bool(reminder),
            "is_yearly": check.by_id is None and not check.vendor.is_carried_over,
            "asked_on": correspondence.moment(check.asked_at, check.vendor).day,
            "due_on": correspondence.moment(check.due_at, check.vendor).day,
            "url": f"{settings.BASE_URL}{reverse('vendors:profile')}",
        },
        message_id=message_ids.of("still-right", check.pk, check.asked_at, reminder),
        thread=[first] if reminder else [],
    )
