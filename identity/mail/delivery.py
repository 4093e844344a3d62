"""Handing mail to the mail server. Called by tasks only, so that a slow or dead server holds nobody up."""

from __future__ import annotations

import logging
import smtplib
import threading
import time
from collections import deque
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

log = logging.getLogger(__name__)

# The worker runs more tasks at once than a mail server takes connections from one sender.
_connections = threading.BoundedSemaphore(4)

WITHOUT_RECORD_AN_HOUR = 20
_without_record: deque[float] = deque(maxlen=WITHOUT_RECORD_AN_HOUR)  # when this process sent the latest of them


class MailRefused(Exception):
    """The mail server's final answer: this mailbox takes no mail."""


def deliver(
    *,
    to: Sequence[str],
    template: str,
    context: dict[str, Any],
    reply_to: Sequence[str] | None = None,
    message_id: str = "",
) -> None:
    """Render `<template>_subject.txt` and `<template>.txt` and send them.

    `message_id` stays the same when the task is tried again, so that a second copy can be recognised as one.
    Raise MailRefused for a final refusal, OSError (smtplib's errors are such) for one that may pass.
    """
    values = {
        "organisation_name": settings.ORGANISATION_NAME,
        "base_url": settings.BASE_URL,
        "vm_email": settings.VM_EMAIL[0],
        "invitation_sender": settings.INVITATION_SENDER,
        **context,
    }
    subject = " ".join(render_to_string(f"{template}_subject.txt", values).split())
    message = EmailMessage(
        subject=subject,
        body=render_to_string(f"{template}.txt", values),
        to=list(to),
        reply_to=list(reply_to or settings.VM_EMAIL),
        headers={"Message-ID": f"<{message_id}@{settings.MAIL_DOMAIN}>"} if message_id else {},
    )
    try:
        with _connections:
            message.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _text in error.recipients.values()]
        if codes and all(500 <= code < 600 for code in codes):
            raise MailRefused(f"The mail server answered {codes[0]}.") from error
        raise
    except smtplib.SMTPResponseException as error:
        if 550 <= error.smtp_code <= 554 and not isinstance(error, smtplib.SMTPAuthenticationError):
            raise MailRefused(f"The mail server answered {error.smtp_code}.") from error
        raise


def one_line(text: str) -> str:
    """Text from outside for a line of its own: no control or direction characters, not endless."""
    return "".join(character for character in text if character.isprintable())[:300]


def failure_without_record(*, stage: str, reason: str, address: str) -> None:
    """The database cannot take the case: mail VM straight away, and never raise.

    No more than twenty an hour from each process: without a database everybody fails, and nothing counts them.
    """
    now = time.monotonic()
    if len(_without_record) == WITHOUT_RECORD_AN_HOUR and now - _without_record[0] < 3600:
        log.error("VM is not told of another failure: stage=%s reason=%s", stage, reason)
        return
    _without_record.append(now)
    try:
        deliver(
            to=settings.VM_EMAIL,
            template="identity/mail/failure_without_record",
            context={"stage": stage, "reason": reason, "address": one_line(address)},
        )
    except Exception:
        log.exception("VM could not be told of a failure: stage=%s reason=%s", stage, reason)
