"""Mail to VM about a failure that could not be stored."""

from __future__ import annotations

import logging
import time
from collections import deque

from django.conf import settings

from identity.mail import delivery, from_outside

log = logging.getLogger(__name__)

MAILS_AN_HOUR = 20
_sent: deque[float] = deque(maxlen=MAILS_AN_HOUR)  # when this process sent the latest of them


def tell(*, stage: str, reason: str, address: str) -> None:
    """The database cannot take the case: mail VM straight away, and never raise.

    No more than twenty an hour from each process: without a database everybody fails, and nothing counts them.
    """
    now = time.monotonic()
    if len(_sent) == MAILS_AN_HOUR and now - _sent[0] < 3600:
        log.error("VM is not told of another failure: stage=%s reason=%s", stage, reason)
        return
    _sent.append(now)
    try:
        delivery.deliver(
            to=settings.VM_EMAIL,
            template="identity/mail/failure_without_record",
            context={"stage": stage, "reason": reason, "address": from_outside.one_line(address)},
        )
    except Exception:
        log.exception("VM could not be told of a failure: stage=%s reason=%s", stage, reason)
