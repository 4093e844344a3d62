"""A mail server that is down is one case: listed in the admin meanwhile, and emailed once the server is back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from identity.failures import cases
from identity.jobs import side_effects
from identity.jobs.retries import TELL_AFTER_ATTEMPTS
from identity.models import Failure


def watch(call_next: Callable[[], Any], context: Any, worker: Any) -> Any:
    """Around every task that sends mail (settings.TASK_MIDDLEWARE)."""
    if context.job.queue not in ("mail", "operations"):
        return call_next()
    try:
        result = call_next()
    except OSError as error:  # smtplib's exceptions are such
        if context.job.attempts == TELL_AFTER_ATTEMPTS:
            cases.report(
                stage=Failure.Stage.MAIL,
                reason="mail_not_sent",
                detail={"error": type(error).__name__, "task": context.job.task_name},
            )
        raise
    side_effects.keep(lambda: cases.resolve_common("mail_not_sent", how="email is going out again"))
    return result
