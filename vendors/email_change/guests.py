"""Guests in the tenant that an email change has left over."""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, OuterRef
from django.utils import timezone

from identity.jobs.queue import defer
from identity.models import EntraAccount, Invitation
from vendors.models import EmailChange, Vendor

KEPT_FOR = dt.timedelta(days=1)
AT_ONCE = 1000


def remove_left_over() -> None:
    """Have guests removed from the tenant that opened nothing for a day and that nothing can bring back.

    Undoing an email change or reopening a vendor would. A guest that was there before, and was only bound by an import
    that has been withdrawn, stays as it was found.
    """
    invited = Invitation.objects.filter(account=OuterRef("pk"))
    left_over = (
        EntraAccount.objects.filter(guest=True, guest_removed_at=None, revoked_at__lt=timezone.now() - KEPT_FOR)
        .exclude(user__vendor__email_changes__state=EmailChange.State.OPEN)
        .exclude(revoked_why=EntraAccount.Revoked.CLOSED, user__vendor__state__in=Vendor.CLOSED)
        .exclude(~Exists(invited), revoked_why=EntraAccount.Revoked.WITHDRAWN)
    )
    for pk in left_over.values_list("pk", flat=True)[:AT_ONCE]:
        defer("identity.tasks.remove_guest", account_id=pk)
