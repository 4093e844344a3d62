"""Handing mail to the mail server. Called by tasks only, so that a slow or dead server holds nobody up."""

from __future__ import annotations

import smtplib
import threading
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from identity import outbound

# So that no one's absence notice comes back to Vendor Management: RFC 3834, and what Exchange goes by.
NO_REPLY_BY_A_PROGRAM = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
# The worker runs more tasks at once than a mail server takes connections from one sender.
_connections = threading.BoundedSemaphore(4)


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
    Raise MailRefused for a final refusal, OSError (smtplib's errors are such) for one that may pass, outbound.OnHold
    while only operations may be emailed.
    """
    outbound.check_recipients(to)
    values = {
        "organisation_name": settings.ORGANISATION_NAME,
        "base_url": settings.BASE_URL,
        "vm_email": settings.VM_EMAIL[0],
        "invitation_sender": settings.INVITATION_SENDER,
        **context,
    }
    headers = NO_REPLY_BY_A_PROGRAM | ({"Message-ID": f"<{message_id}@{settings.MAIL_DOMAIN}>"} if message_id else {})
    subject = " ".join(render_to_string(f"{template}_subject.txt", values).split())
    message = EmailMessage(
        subject=subject,
        body=render_to_string(f"{template}.txt", values),
        to=list(to),
        reply_to=list(reply_to or settings.VM_EMAIL),
        headers=headers,
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
