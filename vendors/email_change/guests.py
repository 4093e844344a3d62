"""Guests in the tenant that an email change has left over."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from identity.jobs.queue import defer
from identity.models import EntraAccount
from vendors.models import EmailChange

KEPT_FOR = dt.timedelta(days=1)
AT_ONCE = 1000


def remove_left_over() -> None:
    """Have guests removed from the tenant that opened nothing for a day and that no undo can bring back."""
    left_over = EntraAccount.objects.filter(
        guest=True, guest_removed_at=None, revoked_at__lt=timezone.now() - KEPT_FOR
    ).exclude(user__vendor__email_changes__state=EmailChange.State.OPEN)
    for pk in left_over.values_list("pk", flat=True)[:AT_ONCE]:
        defer("identity.tasks.remove_guest", account_id=pk)
