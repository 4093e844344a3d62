"""Reports as mail servers write them, and what is made to look like one."""

from __future__ import annotations

import base64
from functools import partial

import pytest

from identity.mail import bounce_reports, message_ids
from tests.growth import assert_in_proportion

DORA = "dora@mail.example"
OURS = message_ids.of("reminder", 1)
ORIGINAL = f"Message-ID: {OURS}\r\nSubject: x\r\nTo: {DORA}\r\n\r\nHello\r\n"
IN_ITS_OWN_WORDS = f"From: MAILER-DAEMON@mx.example\r\nSubject: Delivery failed\r\n\r\nMessage-ID: {OURS}\r\n"


def report(
    original: str = ORIGINAL,
    *,
    kind: str = "message/delivery-status",
    original_kind: str = "message/rfc822",
    recipient: str = f"rfc822; {DORA}",
    action: str = "failed",
) -> str:
    return (
        'From: MAILER-DAEMON@mx.example\r\nContent-Type: multipart/report; boundary="b1"\r\n\r\n'
        f"--b1\r\nContent-Type: {kind}\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: {recipient}\r\nAction: {action}\r\nStatus: 5.1.1\r\n\r\n"
        f"--b1\r\nContent-Type: {original_kind}\r\n\r\n{original}\r\n--b1--\r\n"
    )


@pytest.mark.parametrize(
    "raw",
    [
        report(),
        report().replace("\r\n", "\n"),
        report(original_kind="text/rfc822-headers"),
        report(
            base64.encodebytes(ORIGINAL.encode()).decode(),
            original_kind="text/rfc822-headers\r\nContent-Transfer-Encoding: base64",
        ),
        report(ORIGINAL.replace("Message-ID: ", "Message-Id:\r\n\t")),
        report(action="Failed (expired)"),
        report(action="error"),
        report(
            kind="message/global-delivery-status", original_kind="message/global-headers", recipient=f"utf-8; {DORA}"
        ),
    ],
    ids=["RFC 3464", "line ends", "headers", "encoded", "folded", "comment", "OpenSMTPD", "RFC 6533"],
)
def test_what_mail_servers_write_is_read(raw):
    assert bounce_reports.read(raw.encode()) == bounce_reports.Report(OURS[10:42], frozenset({DORA}), "5.1.1")


def test_report_in_a_servers_own_words_may_say_that_a_program_replied():
    text = (
        "This message was created automatically by mail delivery software.\r\n\r\n"
        "A message that you sent could not be delivered to one or more of\r\n"
        "its recipients. This is a permanent error. The following address\r\nfailed:\r\n\r\n"
        f"{DORA}:\r\nreason: 550 mailbox unavailable\r\n\r\n"
        f"--- The header of the original message is following. ---\r\n\r\nMessage-ID: {OURS}\r\n"
    )
    by_server = f"From: Mail <mailer-daemon@mx.example>\r\nAuto-Submitted: auto-replied\r\n\r\n{text}"

    assert bounce_reports.read(by_server.encode()) == bounce_reports.Report(OURS[10:42], frozenset({DORA}))
    assert bounce_reports.read(by_server.replace("mailer-daemon@", "dora@").encode()) is None


@pytest.mark.parametrize("lines", ["\r\n", " \r\n", f"<{DORA}>\r\n", f"{' ' * 990}\r\n"])
def test_long_ones_in_no_standard_form_cost_no_time(lines):
    """Whoever got one email can send as many as they like that look like a report about it."""

    def raw(length: int) -> bytes:
        return f"{IN_ITS_OWN_WORDS}failed addresses follow:\r\n{lines * (length // len(lines))}".encode()

    assert bounce_reports.read(raw(250_000)) is None
    assert_in_proportion(lambda length: partial(bounce_reports.read, raw(length)), length=250_000)
