"""Mail to VM and operations about a failure that could not be stored."""

from __future__ import annotations

import logging
import time
import uuid
from collections import deque

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.failures import reasons
from identity.failures.headlines import headline
from identity.mail import delivery, from_outside, message_ids, subjects
from identity.models import Failure

log = logging.getLogger(__name__)

MAILS_AN_HOUR = 20
_sent: deque[float] = deque(maxlen=MAILS_AN_HOUR)  # when this process sent the latest of them


def tell(*, stage: str, reason: str, address: str) -> None:
    """The database cannot take the case: mail VM straight away, and never raise.

    No more than twenty an hour from each process: without a database everybody fails, and nothing counts them.
    """
    now = time.monotonic()
    if len(_sent) == MAILS_AN_HOUR and now - _sent[0] < 3600:
        log.error("VM has not been told of another failure: stage=%s reason=%s", stage, reason)
        return
    _sent.append(now)
    catalogued = reasons.get(reason)
    try:
        delivery.deliver(
            to=list(dict.fromkeys([*settings.VM_EMAIL, *settings.OPERATIONS_EMAIL])),
            template="identity/mail/failure_without_record",
            context={
                "stage": Failure.Stage(stage).label,
                "reason": catalogued,
                "at": timezone.now(),
                "address": from_outside.one_line(address),
                "headline": subjects.about(headline(reason), address or _("address unknown")),
            },
            message_id=message_ids.of("unrecorded", uuid.uuid4()),
            reply_to=settings.OPERATIONS_EMAIL,
            with_record=False,
        )
    except Exception:
        log.exception("VM could not be told of a failure: stage=%s reason=%s", stage, reason)
