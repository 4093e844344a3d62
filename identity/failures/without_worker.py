"""What VM hears while no worker runs: the web process sends the lists that are due."""

from __future__ import annotations

import datetime as dt
import logging

from django.utils import timezone

from identity import outbound
from identity.failures import mail_to_vm, strangers
from identity.jobs import heartbeat
from identity.jobs.retries import RetryLater

log = logging.getLogger(__name__)

LOOKS_EVERY = dt.timedelta(minutes=1)
LOOKED = "lists_without_worker"


def send_overdue() -> None:
    """Called by every failure and every health check. Never raises: neither must fail for it."""
    try:
        if not heartbeat.is_dead("worker") or outbound.is_held():
            return
        now, looked_at = timezone.now(), heartbeat.last(LOOKED)
        if looked_at is not None and looked_at > now - LOOKS_EVERY:
            return
        heartbeat.beat(LOOKED)
        number = int(now.timestamp())
        for kind, tell in (("overflow", mail_to_vm.tell_overflow), ("digest", mail_to_vm.tell_digest)):
            try:
                tell(message_id=f"{kind}-{number}")
            except RetryLater:
                log.info("Another process is sending: %s", kind)
        strangers.close_days_that_are_over()
    except Exception:
        log.exception("The digests that are due could not be sent without a worker")
