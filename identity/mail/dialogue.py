"""Speaking to the mail server without sending anything: would it take an email?"""

from __future__ import annotations

import contextlib
import smtplib
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.mail import get_connection

from identity.mail import delivery, message_ids

_SMTP = "django.core.mail.backends.smtp.EmailBackend"


class NoMailServer(Exception):
    """EMAIL_URL names none: emails go to a file, the screen or nowhere."""


def problem(recipients: Sequence[str] = ()) -> str:
    """Why the server would not take an email for them; empty if it would. Raise NoMailServer.

    A real conversation as far as RCPT, with TLS and sign-in where EMAIL_URL says so, and then RSET: it shows that the
    server can be reached, knows us, and accepts the sender and each recipient. Whether it would deliver is not known.
    """
    if settings.EMAIL_BACKEND != _SMTP:
        raise NoMailServer
    connection: Any = get_connection(delivery.OURS_INSTEAD[_SMTP])
    try:
        connection.open()
        server: smtplib.SMTP = connection.connection
        server.ehlo_or_helo_if_needed()
        return _refusal(server, recipients) if recipients else ""
    except smtplib.SMTPAuthenticationError as error:
        return f"The mail server refused the user name or password ({error.smtp_code})."
    except OSError as error:  # smtplib's errors are such
        code = error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else type(error).__name__
        return f"The mail server cannot be used ({code})."
    finally:
        with contextlib.suppress(OSError):
            connection.close()


def _refusal(server: smtplib.SMTP, recipients: Sequence[str]) -> str:
    code, _text = server.mail(delivery.envelope_sender(message_ids.of("self-check", *recipients)))
    if code != 250:
        return f"The mail server refused the sender ({code})."
    codes = [server.rcpt(address)[0] for address in recipients]
    refused = [str(code) for code in codes if code not in (250, 251)]
    server.rset()
    if refused:
        return f"The mail server refused {len(refused)} of {len(codes)} recipients ({', '.join(refused)})."
    return ""
