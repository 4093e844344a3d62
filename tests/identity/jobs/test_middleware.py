from __future__ import annotations

import datetime as dt

from django.utils import timezone

from identity.models import Invitation
from vendors.models import VendorState


def test_history_names_the_task_that_changed_a_row(passport):
    """The worker withdraws an invitation that is too old, and the vendor goes back to prepared."""
    vendor = passport.invited("dora@mail.example")
    Invitation.objects.update(sent_at=timezone.now() - dt.timedelta(days=91))

    passport.work()

    row = vendor.history.latest("pgh_id")
    assert row.state == VendorState.PREPARED
    assert row.pgh_context.metadata == {"task": "identity.tasks.expire_invitations"}
