"""Mail to VM while the mail server takes its time: nobody waits for it, every case is told, and none of them twice."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import email
import email.policy
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.db import connection
from django.utils import timezone

from identity.failures import cases, mail_to_vm
from identity.jobs.retries import RetryLater
from identity.models import Failure, FailurePerson, Heartbeat
from tests.passport_fixture import VM_MAILBOX, in_thread
from tests.real_worker import kill, real_worker
from tests.waiting import wait_for

DORA, GITA, CHEN = "dora@mail.example", "gita@mail.example", "chen@agency.example"


class MailServer:
    """Takes every mail, but the next one only when the test lets it go, if the test says so."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.holds_next = self.refuses = False
        self.let_go = threading.Event()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.refuses:
            return "451 later"
        is_held, self.holds_next = self.holds_next, False
        if is_held:
            await asyncio.to_thread(self.let_go.wait, 15)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.texts.append(message.get_content())
        return "250 OK"

    def mails_about(self, address: str) -> int:
        return sum(address in text.splitlines() for text in self.texts)


@pytest.fixture
def mail_server(transactional_db, settings) -> Iterator[MailServer]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = MailServer()
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    # Or the web process would mail by itself.
    Heartbeat.objects.create(name="worker", beat_at=timezone.now())
    yield server
    controller.stop()


def fails(address: str) -> Failure:
    failure = cases.report(stage="sign_in", reason="declined", address=address)
    assert failure is not None
    return failure


def is_claimed(failure: Failure) -> bool:
    return Failure.objects.filter(pk=failure.pk, mail_claimed_at__isnull=False).exists()


@contextlib.contextmanager
def under_way(mail_server: MailServer, send: Callable[[], None]) -> Iterator[None]:
    """Another worker is in the middle of it and waits for the mail server, for as long as the block lasts."""
    mail_server.holds_next = True
    sender = threading.Thread(target=lambda: in_thread(send))
    sender.start()
    try:
        wait_for(lambda: not mail_server.holds_next)
        yield
        assert sender.is_alive()
    finally:
        mail_server.let_go.set()
        sender.join()


def test_others_report_and_mail_while_one_worker_waits_for_the_mail_server(mail_server):
    slow = fails(DORA)
    with under_way(mail_server, lambda: mail_to_vm.tell(slow.pk)):
        other = fails(GITA)
        mail_to_vm.tell(other.pk)
        fails(DORA)

        assert (mail_server.mails_about(GITA), mail_server.mails_about(DORA)) == (1, 0)

    assert mail_server.mails_about(DORA) == 1
    slow.refresh_from_db()
    assert (slow.count, slow.mailed_count, slow.mail_claimed_at) == (2, 1, None)
    assert slow.mailed_at is not None


def test_nobody_waits_for_a_slow_list(mail_server):
    fails(DORA)
    fails(GITA)
    Failure.objects.update(mail_due_at=timezone.now() - dt.timedelta(minutes=6))
    with under_way(mail_server, lambda: mail_to_vm.tell_overflow(message_id="overflow-1")):
        mail_to_vm.tell(fails(CHEN).pk)

        assert (mail_server.mails_about(CHEN), mail_server.mails_about(DORA)) == (1, 0)

    assert [mail_server.mails_about(address) for address in (DORA, GITA, CHEN)] == [1, 1, 1]


def test_second_worker_leaves_alone_what_the_first_is_mailing(mail_server):
    slow = fails(DORA)
    Failure.objects.update(mail_due_at=timezone.now() - dt.timedelta(minutes=6))
    with under_way(mail_server, lambda: mail_to_vm.tell(slow.pk)):
        with pytest.raises(RetryLater) as later:
            mail_to_vm.tell(slow.pk)
        assert 0 < later.value.seconds <= mail_to_vm.CLAIM_LASTS.total_seconds()
        with pytest.raises(RetryLater):
            mail_to_vm.tell_overflow(message_id="overflow-1")

    mail_to_vm.tell(slow.pk)
    mail_to_vm.tell_overflow(message_id="overflow-1")
    assert mail_server.mails_about(DORA) == 1


def test_worker_killed_while_mailing_leaves_no_case_untold(passport):
    Heartbeat.objects.create(name="worker", beat_at=timezone.now())
    passport.tenant.smtp(fault={"delay": 60, "address": VM_MAILBOX, "count": 1})
    failure = fails(DORA)
    with real_worker(passport) as worker:
        wait_for(lambda: not passport.tenant.smtp()["faults"])
        kill(worker)
    assert is_claimed(failure)

    passport.work()
    assert passport.vm_mail() == [], "it may be on its way yet"

    Failure.objects.update(mail_claimed_at=timezone.now() - mail_to_vm.CLAIM_LASTS)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")
    passport.work()
    passport.work()

    assert len(passport.vm_mail(DORA)) == 1


def test_case_that_comes_back_while_it_is_mailed_is_news_again(mail_server):
    slow = fails(DORA)
    with under_way(mail_server, lambda: mail_to_vm.tell(slow.pk)):
        cases.resolve(slow, how="signed in")
        again = fails(DORA)

    assert again == slow
    again.refresh_from_db()
    assert again.mailed_at is None
    mail_to_vm.tell(again.pk)
    assert mail_server.mails_about(DORA) == 2


def test_mail_that_failed_takes_no_place_of_the_hour(mail_server):
    mail_server.refuses = True
    failure = fails(DORA)

    with pytest.raises(OSError, match="451"):
        mail_to_vm.tell(failure.pk)

    failure.refresh_from_db()
    [person] = failure.people.all()
    assert (failure.mailed_at, failure.mail_claimed_at) == (None, None)
    assert (person.reported_at, person.mail_counted_at) == (None, None)


@pytest.mark.parametrize(("listed", "places_taken"), [(25, 0), (1, 1)])
def test_list_takes_no_place_of_the_hour_and_a_mail_of_its_own_takes_one(mail_server, listed, places_taken):
    """VM reads of the cases that follow at once, also when the list was longer than the limit."""
    for number in range(listed):
        fails(f"v{number}@mail.example")
    Failure.objects.update(mail_due_at=timezone.now() - dt.timedelta(minutes=6))
    mail_to_vm.tell_overflow(message_id="overflow-1")
    assert not Failure.objects.filter(mailed_at=None).exists()
    assert FailurePerson.objects.exclude(mail_counted_at=None).count() == places_taken

    following = [fails(f"w{number}@mail.example") for number in range(mail_to_vm.MAILS_AN_HOUR)]
    for failure in following:
        mail_to_vm.tell(failure.pk)

    at_once = mail_to_vm.MAILS_AN_HOUR - places_taken
    assert [mail_server.mails_about(failure.address) for failure in following] == [1] * at_once + [0] * places_taken


def test_digest_takes_no_place_of_the_hour(mail_server):
    for number in range(mail_to_vm.MAILS_AN_HOUR):
        mail_to_vm.tell(fails(f"v{number}@mail.example").pk)
        fails(f"v{number}@mail.example")
    FailurePerson.objects.update(mail_counted_at=timezone.now() - dt.timedelta(minutes=61))
    mail_to_vm.tell_digest(message_id="digest-1")

    mail_to_vm.tell(fails(DORA).pk)

    assert mail_server.mails_about("v0@mail.example") == 2
    assert mail_server.mails_about(DORA) == 1
