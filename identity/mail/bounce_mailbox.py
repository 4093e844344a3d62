"""The mailbox to which mail servers report what did not arrive, read over IMAP. Nothing is deleted there."""

from __future__ import annotations

import contextlib
import imaplib
import re
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

PORTS = {"imap": 143, "imap+tls": 143, "imap+ssl": 993, "imaps": 993}
TIMEOUT = 20  # seconds that one answer may take
LONGEST_READING = 120.0  # seconds that all of it may take; the rest follows the next time
AT_MOST = 500  # messages
READ_OF_EACH = 256 * 1024  # bytes; what a report says is at its beginning, the rest is the email it is about


class Unreachable(Exception):
    """The mailbox cannot be read. The message names no password."""


@dataclass(frozen=True)
class Address:
    scheme: str
    host: str
    port: int
    user: str
    password: str
    folder: str


def parse(url: str) -> Address:
    """Raise ValueError for what is not the address of a mailbox."""
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname or not parts.username or parts.query or parts.fragment:
        raise ValueError("not the address of a mailbox")
    return Address(
        scheme=parts.scheme,
        host=parts.hostname,
        port=parts.port or PORTS[parts.scheme],
        user=unquote(parts.username),
        password=unquote(parts.password or ""),
        folder=unquote(parts.path.strip("/")) or "INBOX",
    )


def unread(url: str) -> Iterator[bytes]:
    """Each new message, or its beginning. It counts as read when the caller asks for the next one.

    Raise Unreachable.
    """
    until = time.monotonic() + LONGEST_READING
    try:
        with _connected(parse(url)) as mailbox:
            for uid in _new(mailbox)[:AT_MOST]:
                yield _beginning(mailbox, uid)
                mailbox.uid("STORE", uid, "+FLAGS.SILENT", r"(\Seen)")
                if time.monotonic() > until:
                    return
    except (OSError, imaplib.IMAP4.error, ValueError) as error:
        raise Unreachable(type(error).__name__) from error


@contextlib.contextmanager
def _connected(address: Address) -> Iterator[imaplib.IMAP4]:
    mailbox: imaplib.IMAP4
    if address.scheme in ("imaps", "imap+ssl"):
        mailbox = imaplib.IMAP4_SSL(
            address.host, address.port, ssl_context=ssl.create_default_context(), timeout=TIMEOUT
        )
    else:
        mailbox = imaplib.IMAP4(address.host, address.port, timeout=TIMEOUT)
    try:
        if address.scheme == "imap+tls":
            mailbox.starttls(ssl.create_default_context())
        mailbox.login(address.user, address.password)
        status, _answer = mailbox.select(_quoted(address.folder))
        if status != "OK":
            raise imaplib.IMAP4.error("no such folder")
        yield mailbox
    finally:
        with contextlib.suppress(OSError, imaplib.IMAP4.error):
            mailbox.logout()


def _quoted(folder: str) -> str:
    escaped = re.sub(r'(["\\])', r"\\\1", folder)
    return f'"{escaped}"'


def _new(mailbox: imaplib.IMAP4) -> list[str]:
    status, answer = mailbox.uid("SEARCH", "UNSEEN")
    if status != "OK":
        raise imaplib.IMAP4.error("cannot be searched")
    return [uid.decode() for uid in (answer[0] or b"").split() if uid.isdigit()]


def _beginning(mailbox: imaplib.IMAP4, uid: str) -> bytes:
    """Empty if the message has been removed in the meantime."""
    _status, answer = mailbox.uid("FETCH", uid, f"(BODY.PEEK[]<0.{READ_OF_EACH}>)")
    literals = [part[1] for part in answer if isinstance(part, tuple)]
    return literals[0] if literals else b""
