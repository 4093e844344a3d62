"""Guests in the tenant that an email change has left over."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from identity.jobs.queue import defer
from identity.models import EntraAccount
from vendors.models import EmailChange, Vendor

KEPT_FOR = dt.timedelta(days=1)
AT_ONCE = 1000


def remove_left_over() -> None:
    """Have guests removed from the tenant that opened nothing for a day and that nothing can bring back.

    Undoing an email change or reopening a vendor would.
    """
    left_over = (
        EntraAccount.objects.filter(guest=True, guest_removed_at=None, revoked_at__lt=timezone.now() - KEPT_FOR)
        .exclude(user__vendor__email_changes__state=EmailChange.State.OPEN)
        .exclude(revoked_why=EntraAccount.Revoked.CLOSED, user__vendor__state__in=Vendor.CLOSED)
    )
    for pk in left_over.values_list("pk", flat=True)[:AT_ONCE]:
        defer("identity.tasks.remove_guest", account_id=pk)
