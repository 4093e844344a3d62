"""What people tell who cannot sign in. The form is open to everybody, so there is a limit to it."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from identity.failures import cases
from identity.models import Failure, FailurePerson

AN_HOUR = 60
REASON = "says_cannot_sign_in"


def is_flooded() -> bool:
    """As many cases came in within the last hour as Passport takes."""
    lately = Failure.objects.filter(reason=REASON, last_seen_at__gt=timezone.now() - dt.timedelta(hours=1))
    return lately.count() >= AN_HOUR


def report(*, address: str, detail: dict[str, str]) -> Failure | FailurePerson | None:
    """What has the reference to show."""
    return cases.report_typed(stage=Failure.Stage.SIGN_IN, reason=REASON, address=address, detail=detail)
