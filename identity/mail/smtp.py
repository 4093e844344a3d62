"""Django's way to the mail server, but whom of several recipients the server refused is not thrown away."""

from __future__ import annotations

import smtplib
from typing import Any

from django.core.mail.backends import smtp

Refused = dict[str, tuple[int, bytes]]


class _Remembering:
    refused: Refused

    def sendmail(self, *args: Any, **kwargs: Any) -> Refused:
        self.refused = super().sendmail(*args, **kwargs)  # type: ignore[misc]
        return self.refused


class _Smtp(_Remembering, smtplib.SMTP):
    pass


class _SmtpSsl(_Remembering, smtplib.SMTP_SSL):
    pass


class EmailBackend(smtp.EmailBackend):
    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _SmtpSsl if self.use_ssl else _Smtp

    def _send(self, email_message: Any) -> bool:
        """With the email go those who did not get it."""
        is_sent = super()._send(email_message)  # type: ignore[misc]  # the stubs do not know it
        if isinstance(self.connection, _Remembering):
            email_message.refused = self.connection.refused
        return bool(is_sent)
