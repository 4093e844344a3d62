"""What a report about an email that did not arrive says: about which of ours, and whether that is final.

Anyone can write to the mailbox, so a report is believed about one thing only: that an email we sent has failed.
"""

from __future__ import annotations

import email
import email.policy
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.utils import getaddresses
from itertools import islice

from django.conf import settings
from flufl.bounce import all_failures

from identity.mail import message_ids

log = logging.getLogger(__name__)

_TOKEN = rf"[0-9a-f]{{{message_ids.TOKEN_LENGTH}}}"
_OUR_ID = rf"<[a-z-]{{1,40}}-({_TOKEN})@"
_ID_LINE = re.compile(rf"(?im)^message-id:\s{{0,3}}{_OUR_ID}")
_DELIVERED_TO = ("X-Original-To", "Delivered-To", "Envelope-To", "X-Envelope-To", "To")
_STATUS = re.compile(r"(?im)^(?:status|diagnostic-code):[^\n]{0,80}?\b([245]\.\d{1,3}\.\d{1,3})\b")
_REPLY = re.compile(r"(?m): [245]\d\d[ -]([245]\.\d{1,3}\.\d{1,3})\b")
# RFC 3464 and, for addresses and headers beyond ASCII, RFC 6533.
_STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status")
_ORIGINAL_TYPES = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers")
PARTS = 40
LONGEST_LINE = 998
# Of a report in a server's own words. Our emails are short, so one that quotes them is, and looking for all the words
# that servers have used takes seconds in a long one.
LINES, CHARACTERS = 3000, 100_000


@dataclass(frozen=True)
class Report:
    token: str
    addresses: frozenset[str]  # in lower case, as the report names them
    status: str = ""


def read(raw: bytes) -> Report | None:
    """None for whatever is not a report that an email of ours has failed for good."""
    try:
        return _read(email.message_from_bytes(raw, policy=email.policy.compat32))
    except Exception:
        # One that nobody can make sense of must not keep the others from being read.
        log.exception("A message in the bounce mailbox could not be read")
        return None


def _read(message: Message) -> Report | None:
    if _is_ours(message) or not _may_be_report(message):
        return None
    texts = list(_texts(message))
    token = _token(message, texts)
    if not token:
        return None
    addresses = _failed(message, texts)
    if addresses is None:
        return None
    statuses = [found[1] for text in texts for found in _STATUS.finditer(text)]
    # Exim and OpenSMTPD give 5.0.0 to all, and quote beside it what the other server said.
    statuses += [found[1] for text in texts for found in _REPLY.finditer(text)]
    telling = [status for status in statuses if not status.endswith(".0.0")]
    return Report(token=token, addresses=addresses, status=next(iter([*telling, *statuses]), ""))


def _is_ours(message: Message) -> bool:
    """Our own email, come back to where reports about it go."""
    return re.match(_OUR_ID, str(message.get("Message-ID", "")).strip()) is not None


def _may_be_report(message: Message) -> bool:
    """Absence notices, receipts and lists speak of emails of ours as well, and may quote anything."""
    if message.get_content_type() == "multipart/report":
        return str(message.get_param("report-type", "delivery-status")).lower() == "delivery-status"
    if (
        str(message.get("Auto-Submitted", "")).lower().startswith("auto-replied")
        and "X-Failed-Recipients" not in message
        and not _is_from_a_server(message)
    ):
        return False
    return not any(name in message for name in ("List-Id", "X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress"))


def _is_from_a_server(message: Message) -> bool:
    """People's own absence notices come from people."""
    [(_name, address), *_others] = getaddresses([str(message.get("From", ""))])
    return address.lower().startswith(("mailer-daemon@", "postmaster@"))


def _failed(message: Message, texts: list[str]) -> frozenset[str] | None:
    """The addresses at which it has failed for good; None if at none, as when it is only late."""
    if message.get_content_type() == "multipart/report":
        failed = [
            block
            for block in _blocks(message)
            # OpenSMTPD writes “error”.
            if str(block.get("Action", "")).strip().lower().startswith(("fail", "error"))
        ]
        return frozenset(_recipient(block) for block in failed) if failed else None
    # Mail servers that know no standard for it. Their words are looked for line by line, in lines as people write them.
    lines = [line for text in texts for line in text.splitlines()]
    if len(lines) > LINES or sum(map(len, lines)) > CHARACTERS or any(len(line) > LONGEST_LINE for line in lines):
        return None
    _late, final = all_failures(message)
    return frozenset(address.decode("ascii", "replace").strip().lower() for address in final) or None


def _blocks(message: Message) -> Iterator[Message]:
    for part in islice(message.walk(), PARTS):
        if part.get_content_type() in _STATUS_TYPES and part.is_multipart():
            for block in part.get_payload():
                if isinstance(block, Message):
                    yield from _block_and_more(block)


def _block_and_more(block: Message) -> Iterator[Message]:
    """Python knows the blocks of RFC 3464 apart; in those of RFC 6533 all but the first are the text of the first."""
    yield block
    text = block.get_payload()
    if isinstance(text, str):
        for more in islice(re.split(r"\r?\n\r?\n", text), PARTS):
            yield email.message_from_string(more.lstrip(), policy=email.policy.compat32)


def _recipient(block: Message) -> str:
    address = str(block.get("Original-Recipient") or block.get("Final-Recipient") or "")
    return address.rpartition(";")[2].strip(" <>\r\n\t").lower()


def _texts(message: Message) -> Iterator[str]:
    for part in islice(message.walk(), PARTS):
        if part.get_content_type() in (*_STATUS_TYPES, *_ORIGINAL_TYPES):
            yield part.as_string()
        if not part.is_multipart():
            payload = part.get_payload(decode=True)
            yield payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def _token(message: Message, texts: list[str]) -> str:
    """Of the email that it is about, not of those that this one followed, which may have gone to another address."""
    if "*" in settings.BOUNCE_ADDRESS:
        before, after = (re.escape(part) for part in settings.BOUNCE_ADDRESS.lower().split("*", 1))
        headers = [str(value) for name in _DELIVERED_TO for value in message.get_all(name, [])]
        for _name, address in getaddresses(headers):
            if found := re.fullmatch(rf"{before}({_TOKEN}){after}", address.lower()):
                return found[1]
    for text in texts:
        if found := _ID_LINE.search(text.replace("\r\n", "\n")):
            return found[1]
    found = re.match(_OUR_ID, str(message.get("In-Reply-To", "")).strip())
    return found[1] if found else ""
