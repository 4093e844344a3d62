"""Handing mail to the mail server. Called by tasks only, so that a slow or dead server holds nobody up."""

from __future__ import annotations

import logging
import re
import smtplib
import threading
from collections.abc import Iterable, Sequence
from email.header import Header
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string
from django.utils.module_loading import import_string

from identity import outbound
from identity.mail import invitation_sender, message_ids, sent, subjects
from identity.mail.smtp import Refused

log = logging.getLogger(__name__)

# So that no one's absence notice comes back to Vendor Management: RFC 3834, and what Exchange goes by.
NO_REPLY_BY_A_PROGRAM = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
# The worker runs more tasks at once than a mail server takes connections from one sender.
_connections = threading.BoundedSemaphore(4)
LONGEST_LINE = 998  # RFC 5322
# Django's does not say whom the server refused.
OURS_INSTEAD = {"django.core.mail.backends.smtp.EmailBackend": "identity.mail.smtp.EmailBackend"}


class MailRefused(Exception):
    """The mail server's final answer: this mailbox takes no mail."""


class FoldedEmail(EmailMessage):
    """Its headers are folded between words only. Python's own way leaves the first line empty before a long one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.refused: Refused = {}  # of its recipients; known when it has been sent

    def message(self, **kwargs: Any) -> Any:
        message: Any = super().message(**kwargs)
        message.policy = message.policy.clone(max_line_length=LONGEST_LINE)
        subject = str(self.subject)
        if not subject.isascii():
            message.replace_header("Subject", Header(subject, "utf-8", header_name="Subject").encode())
        return message


def deliver(
    *,
    to: Sequence[str],
    template: str,
    context: dict[str, Any],
    message_id: str,
    cc: Sequence[str] = (),
    reply_to: Sequence[str] | None = None,
    thread: Sequence[str] = (),
    user_id: int | None = None,
    with_record: bool = True,
) -> None:
    """Render `<template>_subject.txt` and `<template>.txt` and send them: one email, whoever gets a copy.

    `message_id` is one of message_ids.of; `thread` are those of the emails that this one follows; `user_id` says that
    it goes to a person and not to staff. Nothing is written down without `with_record`, for when the database is away.

    Whoever of several recipients is refused is told to settings.REFUSED_RECIPIENT_LISTENER. Raise MailRefused if nobody
    took it and that is final, OSError (smtplib's errors are such) if it may pass, outbound.OnHold while only operations
    may be emailed.
    """
    recipients = [*to, *cc]
    outbound.check_recipients(recipients)
    email = _email(to, template, context, message_id=message_id, cc=cc, reply_to=reply_to, thread=thread)
    if with_record:
        said = {"subject": str(email.subject), "text": str(email.body)}
        sent.note(message_id, to=recipients, user_id=user_id, template=template, **said)
    try:
        with _connections:
            get_connection(OURS_INSTEAD.get(settings.EMAIL_BACKEND)).send_messages([email])
    except OSError as error:
        log.warning("The mail server did not accept an email: kind=%s error=%s", _kind(message_id), _code(error))
        if with_record:
            sent.did_not_go(message_id)
        if not _is_final(error):
            raise
        if with_record and user_id is None:
            _report(recipients, said=_said(error))
        raise MailRefused(_said(error)) from error
    if email.refused:
        codes = ", ".join(str(code) for code, _text in email.refused.values())
        log.warning("The mail server refused %s of %s recipients: %s", len(email.refused), len(recipients), codes)
        if with_record:
            _report(email.refused, said=f"The mail server responded with {codes}.")


def _report(addresses: Iterable[str], *, said: str) -> None:
    listener = import_string(settings.REFUSED_RECIPIENT_LISTENER)
    for address in addresses:
        listener(address, said=said)


def _email(
    to: Sequence[str],
    template: str,
    context: dict[str, Any],
    *,
    message_id: str,
    cc: Sequence[str],
    reply_to: Sequence[str] | None,
    thread: Sequence[str],
) -> FoldedEmail:
    values = {
        "organisation_name": settings.ORGANISATION_NAME,
        "base_url": settings.BASE_URL,
        "vm_email": settings.VM_EMAIL[0],
        "invitation_sender": invitation_sender.in_words(),
        **context,
    }
    headers = NO_REPLY_BY_A_PROGRAM | {"Message-ID": message_id, "From": settings.DEFAULT_FROM_EMAIL}
    followed = " ".join(dict.fromkeys(first for first in thread if first and first != message_id))
    if followed:
        headers |= {"In-Reply-To": followed, "References": followed}
    subject, body = _words(template, values)
    return FoldedEmail(
        subject=subject,
        body=body,
        from_email=envelope_sender(message_id),
        to=list(to),
        cc=list(cc),
        reply_to=list(reply_to or settings.VM_EMAIL),
        headers=headers,
    )


def _words(template: str, values: dict[str, Any]) -> tuple[str, str]:
    """As staff have worded it, or as the templates do; who knows the former is named by settings (EMAIL_WORDING)."""
    subject, body = import_string(settings.EMAIL_WORDING)(template, values) or (
        render_to_string(f"{template}_subject.txt", values),
        render_to_string(f"{template}.txt", values),
    )
    return subjects.one_line(subject), _tidy(body)


def envelope_sender(message_id: str) -> str:
    """Where reports go that it did not arrive; a `*` in the setting becomes the code of this email."""
    address = settings.BOUNCE_ADDRESS or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    return address.replace("*", message_ids.token(message_id), 1)


def _tidy(body: str) -> str:
    """What a template leaves out leaves no gap."""
    lines = "\n".join(line.rstrip() for line in body.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n") + "\n"


def _is_final(error: OSError) -> bool:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _text in error.recipients.values()]
        return bool(codes) and all(500 <= code < 600 for code in codes)
    if isinstance(error, smtplib.SMTPResponseException):
        return 550 <= error.smtp_code <= 554 and not isinstance(error, smtplib.SMTPAuthenticationError)
    return False


def _said(error: OSError) -> str:
    return f"The mail server responded with {_code(error)}."


def _code(error: OSError) -> str:
    """Without the server's own words, which may have anything in them."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return ", ".join(str(code) for code, _text in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return str(error.smtp_code)
    return type(error).__name__


def _kind(message_id: str) -> str:
    return message_id.lstrip("<").partition("@")[0][: -message_ids.TOKEN_LENGTH - 1]
