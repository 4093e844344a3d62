"""What `manage.py check` says of the settings for email that comes back."""

from __future__ import annotations

import pytest
from django.core.checks import run_checks

from identity.mail import bounce_mailbox

SECURE = "imap+ssl://bounces%40example.com:p%2Fw@mail.example.com/INBOX/reports"


@pytest.mark.parametrize(
    ("address", "mailbox", "expected"),
    [
        ("", "", set()),
        ("bounces@example.com", SECURE, set()),
        ("bounces+*@example.com", "imap://b:p@127.0.0.1:1143", set()),
        ("bounces+*+*@exa mple", "", {"passport.E015"}),
        ("Bounces <bounces@example.com>", "", {"passport.E015"}),
        (f"{'b' * 33}*@example.com", "", {"passport.E015"}),
        ("", SECURE, {"passport.W004"}),
        ("bounces@example.com", "mail.example.com", {"passport.E016"}),
        ("bounces@example.com", "imap+ssl://mail.example.com", {"passport.E016"}),
        ("bounces@example.com", "imap+ssl://b:secret@mail.example.com:x", {"passport.E016"}),
        ("bounces@example.com", "https://b:secret@mail.example.com", {"passport.E016"}),
        ("bounces@example.com", "imap://b:secret@mail.example.com", {"passport.E016"}),
    ],
)
def test_settings_of_email_that_comes_back_are_checked(settings, address, mailbox, expected):
    settings.BOUNCE_ADDRESS, settings.BOUNCE_MAILBOX = address, mailbox

    said = [message for message in run_checks() if message.id in ("passport.E015", "passport.E016", "passport.W004")]

    assert {message.id for message in said} == expected
    assert "secret" not in str(said)


def test_mailbox_is_read_from_its_address():
    mailbox = bounce_mailbox.parse(SECURE)

    assert (mailbox.host, mailbox.port, mailbox.user) == ("mail.example.com", 993, "bounces@example.com")
    assert (mailbox.password, mailbox.folder) == ("p/w", "INBOX/reports")
