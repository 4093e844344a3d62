"""Emails that come back, and recipients that are refused: over real SMTP and real IMAP."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator

import pytest
from django.utils import timezone

from identity import tasks
from identity.failures import cases, mail_to_vm
from identity.models import Failure, Heartbeat, Invitation, SentEmail
from identity.privacy import retention
from tests.factories import create_vendor
from tests.identity.mail.servers import Envelope, Mailbox, SmtpServer, imap_server, smtp_server

DORA, GITA = "dora@mail.example", "gita@mail.example"
VM, SECOND_VM, OPERATIONS = "vm@sandberg.example", "vm2@sandberg.example", "operations@sandberg.example"


@pytest.fixture
def mail_server(transactional_db, settings) -> Iterator[SmtpServer]:
    with smtp_server() as (server, port):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        Heartbeat.objects.create(name="worker", beat_at=timezone.now())
        yield server


@pytest.fixture
def mailbox(settings) -> Iterator[Mailbox]:
    with imap_server() as box:
        settings.BOUNCE_ADDRESS = "bounces@sandberg.example"
        settings.BOUNCE_MAILBOX = box.url
        yield box


def reminded(mail_server: SmtpServer, address: str = DORA) -> Envelope:
    """An email to somebody who was invited, which the first mail server took."""
    vendor = create_vendor(state="invited", primary_email=address)
    invitation = Invitation.objects.filter(user=vendor.user).first() or Invitation.objects.create(
        user=vendor.user, address=address, why="first", state="sent", sent_at=timezone.now(), queued_at=timezone.now()
    )
    Invitation.objects.filter(pk=invitation.pk).update(state="sent", sent_at=timezone.now())
    tasks.mail_reminder(str(invitation.pk), 1)
    [envelope] = mail_server.to(address)
    return envelope


def report(
    original: bytes, *, to: str, action: str = "failed", status: str = "5.1.1", about: str = DORA, text: str = ""
) -> bytes:
    """As RFC 3464 has it."""
    return (
        (
            f"Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.mail.example\r\nTo: {to}\r\nSubject: Undelivered\r\n"
            "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b1"\r\n\r\n'
            f"--b1\r\nContent-Type: text/plain\r\n\r\nYour message did not arrive.\r\n{text}\r\n"
            "--b1\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.mail.example\r\n\r\n"
            f"Final-Recipient: rfc822; {about}\r\nAction: {action}\r\nStatus: {status}\r\n\r\n"
            "--b1\r\nContent-Type: message/rfc822\r\n\r\n"
        ).encode()
        + original
        + b"\r\n--b1--\r\n"
    )


def qmail(original: bytes, *, to: str) -> bytes:
    return (
        f"From: MAILER-DAEMON@old.example\r\nTo: {to}\r\nSubject: failure notice\r\n\r\n"
        "Hi. This is the qmail-send program at old.example.\r\n"
        "I'm afraid I wasn't able to deliver your message to the following addresses.\r\n"
        "This is a permanent error; I've given up. Sorry it didn't work out.\r\n\r\n"
        f"<{DORA}>:\r\nSorry, no mailbox here by that name. (#5.1.1)\r\n\r\n"
        "--- Below this line is a copy of the message.\r\n\r\n"
    ).encode() + original


@pytest.mark.parametrize("form", [report, qmail])
@pytest.mark.parametrize("address", ["bounces@sandberg.example", "bounces+*@sandberg.example"])
def test_email_that_comes_back_is_a_case_once(mail_server, mailbox, settings, form, address):
    settings.BOUNCE_ADDRESS = address
    sent = reminded(mail_server)
    assert ("*" in address) != (sent.sender == address)
    original = sent.raw if "*" not in address else b"Subject: without a name\r\n\r\nHello\r\n"
    mailbox.messages += [form(original, to=sent.sender)] * 2

    tasks.read_bounces(timestamp=1)
    tasks.read_bounces(timestamp=2)

    [case] = Failure.objects.filter(reason="mail_refused")
    assert (case.stage, case.address, case.count, case.user) == ("mail", DORA, 1, case.user)
    assert case.user is not None
    assert form is qmail or case.detail["said"] == "It bounced (5.1.1). The mailbox does not exist."
    assert mailbox.seen == {1, 2}
    mail_to_vm.tell(case.pk)
    told = mail_server.to(VM)[-1].raw.decode()
    assert DORA in told
    assert case.detail["said"] in told


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        ("4.2.2", "The mailbox is full."),
        ("4.4.7", "Their mail server could not be reached for days."),
        ("5.4.1", "The mailbox probably does not exist."),
        ("5.4.6", ""),
        (
            "5.7.26",
            "Their mail server refuses our email, perhaps as spam. Operations should check SPF, DKIM and DMARC.",
        ),
    ],
)
def test_case_says_in_words_why_it_came_back(mail_server, mailbox, status, meaning):
    sent = reminded(mail_server)
    mailbox.messages.append(report(sent.raw, to=sent.sender, status=status))

    tasks.read_bounces(timestamp=1)

    assert Failure.objects.get().detail["said"] == f"It bounced ({status}). {meaning}".rstrip()


def test_what_the_other_server_said_tells_more_than_a_status_for_everything(mail_server, mailbox):
    sent = reminded(mail_server)
    said = b"Status: 5.0.0\r\nDiagnostic-Code: smtp; 550 5.1.1 User unknown\r\n"
    by_exim = report(sent.raw, to=sent.sender, status="5.0.0").replace(b"Status: 5.0.0\r\n", said)
    other = reminded(mail_server, GITA)
    quoted = f"{GITA}: 550 5.1.1 <{GITA}>: User unknown"
    by_opensmtpd = report(other.raw, to=other.sender, about=GITA, status="5.0.0", text=quoted)
    mailbox.messages += [by_exim, by_opensmtpd]

    tasks.read_bounces(timestamp=1)

    told = {case.address: case.detail["said"] for case in Failure.objects.all()}
    assert told == dict.fromkeys([DORA, GITA], "It bounced (5.1.1). The mailbox does not exist.")


def test_what_is_no_report_of_a_failure_of_ours_is_no_case(mail_server, mailbox):
    sent = reminded(mail_server)
    ours = sent.raw.partition(b"Message-ID: ")[2].partition(b"\r\n")[0]
    absent = (
        b"From: dora@mail.example\r\nSubject: Out of office\r\nAuto-Submitted: auto-replied\r\nIn-Reply-To: " + ours
    )
    read = sent.raw.replace(b"\r\n\r\n", b"\r\n\r\nfailed addresses follow:\r\n dora@mail.example\r\n", 1)
    mailbox.messages += [
        report(b"Message-ID: <reminder-" + b"0" * 32 + b"@[127.0.0.1]>\r\n\r\nforged", to=sent.sender),
        report(b"Subject: about nothing\r\n\r\nforged", to=sent.sender, about=GITA),
        report(b"References: " + ours + b"\r\n\r\nof another email", to=sent.sender),
        report(sent.raw, to=sent.sender, action="delayed", status="4.4.1"),
        report(sent.raw, to=sent.sender, action="relayed", status="2.0.0"),
        report(sent.raw, to=sent.sender).replace(
            b"report-type=delivery-status", b"report-type=disposition-notification"
        ),
        absent + b"\r\n\r\nI am away. failed addresses follow:\r\n dora@mail.example\r\n" + sent.raw,
        read,
        b"",
        b"\xff\xfe\x00" * 300,
        b'Content-Type: multipart/report; boundary="x"\r\n\r\n' + b"--x\r\n" * 3000,
        report(sent.raw, to=sent.sender, text="x" * 5_000_000),
        b"From: a@b.example\r\nSubject: x\r\n\r\nMessage-ID: " + ours + b"\r\n" + b"a" * 200_000,
    ]
    begun = time.monotonic()
    tasks.read_bounces(timestamp=1)

    assert not Failure.objects.exists()
    assert len(mailbox.seen) == len(mailbox.messages), "none of them is looked at twice"
    assert time.monotonic() - begun < 10
    mailbox.messages.append(report(sent.raw, to=sent.sender))
    tasks.read_bounces(timestamp=2)
    assert Failure.objects.get().reason == "mail_refused", "the next one is read all the same"


def test_email_to_one_of_ours_that_comes_back_is_for_operations(mail_server, mailbox, settings):
    settings.VM_EMAIL = [VM, SECOND_VM]
    mail_to_vm.tell(cases.report(stage="sign_in", reason="declined", address=DORA).pk)
    [sent] = mail_server.envelopes
    mailbox.messages += [
        report(sent.raw, to=sent.sender, about=GITA),
        report(sent.raw, to=sent.sender, about=SECOND_VM),
    ]

    tasks.read_bounces(timestamp=1)

    case = Failure.objects.get(reason="staff_mail_refused")
    assert (case.address, case.user, case.count) == (SECOND_VM, None, 1)


@pytest.mark.parametrize("reply", ["550 no such mailbox", "451 later"])
def test_one_of_several_recipients_refused_is_a_case_and_a_log_line(mail_server, settings, caplog, reply):
    settings.VM_EMAIL = [VM, SECOND_VM]
    mail_server.refuses[SECOND_VM] = reply
    told = cases.report(stage="sign_in", reason="declined", address=DORA)

    mail_to_vm.tell(told.pk)

    [sent] = mail_server.envelopes
    assert (sent.recipients, sent.sender) == ([VM], "passport@sandberg.example")
    case = Failure.objects.get(reason="staff_mail_refused")
    assert (case.address, reply[:3] in case.detail["said"]) == (SECOND_VM, True)
    assert any("refused 1 of 2 recipients" in line for line in caplog.messages)
    mail_to_vm.tell(case.pk)
    assert mail_server.envelopes[-1].recipients == [VM, OPERATIONS]
    case.refresh_from_db()
    assert case.count == 2, "the email about it was refused there as well, and that is no new case"


def test_mailbox_that_cannot_be_read_is_told_to_operations_after_half_an_hour(mail_server, mailbox, settings):
    settings.BOUNCE_MAILBOX = mailbox.url.replace(mailbox.password, "wrong")
    tasks.read_bounces(timestamp=1)
    assert not Failure.objects.exists(), "it may be back in a minute"

    Heartbeat.objects.filter(name="bounces").update(beat_at=timezone.now() - dt.timedelta(minutes=31))
    tasks.read_bounces(timestamp=2)
    case = Failure.objects.get()
    assert (case.reason, case.state) == ("bounce_mailbox_unreachable", "open")
    assert "wrong" not in str(case.detail)

    settings.BOUNCE_MAILBOX = mailbox.url
    tasks.read_bounces(timestamp=3)
    case.refresh_from_db()
    assert case.state == "resolved"


def test_on_hold_and_without_a_mailbox_nothing_is_read(mail_server, mailbox, settings):
    settings.OUTBOUND = "hold"
    tasks.read_bounces(timestamp=1)
    settings.OUTBOUND, settings.BOUNCE_MAILBOX = "send", ""
    tasks.read_bounces(timestamp=2)
    reminded(mail_server)

    assert mailbox.asked == []


def test_who_got_what_is_forgotten_after_a_month(mail_server, mailbox):
    reminded(mail_server)
    reminded(mail_server, GITA)
    SentEmail.objects.filter(address=DORA).update(sent_at=timezone.now() - dt.timedelta(days=31), template="")

    assert retention.purge()["sent_emails"] == 1
    assert SentEmail.objects.get().address == GITA
