"""What people tell who cannot sign in."""

from __future__ import annotations

from typing import Any

from identity.failures import cases
from identity.models import Failure, FailurePerson

REASON = "says_cannot_sign_in"


def report(*, address: str, detail: dict[str, Any]) -> Failure | FailurePerson | None:
    """What has the reference to show."""
    return cases.report_typed(stage=Failure.Stage.SIGN_IN, reason=REASON, address=address, detail=detail)
