"""The daily self-check: quiet when all is well, a case for operations when not, and a sign of life for elsewhere."""

from __future__ import annotations

import datetime as dt
import json
import re
import threading
from collections.abc import Iterator
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.utils import timezone
from procrastinate.contrib.django import app

from identity import outbound
from identity.failures import reasons
from identity.models import DueDate, Failure, Heartbeat, Installation
from passport.self_check import daily, disk, upkeep
from tests.factories import create_draft, create_vendor
from tests.passport_fixture import VM_MAILBOX, Passport

OPERATIONS_MAILBOX = "operations@sandberg.example"
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def there(request, settings, media_root) -> None:
    """Everything that a well installation has."""
    media_root.mkdir()
    settings.ENTRA_CLIENT_SECRET_EXPIRES = (timezone.now() + dt.timedelta(days=365)).date().isoformat()


def fall_due() -> None:
    DueDate.objects.update_or_create(name=daily.NAME, defaults={"due_at": timezone.now()})


def check() -> list[str]:
    """As the worker does when it is due. The reasons of the cases that are open afterwards."""
    fall_due()
    daily.run_if_due()
    return sorted(Failure.objects.open().values_list("reason", flat=True))


def due_at() -> dt.datetime:
    return DueDate.objects.get(name=daily.NAME).due_at


def to_operations(passport: Passport) -> list[dict]:
    return passport.tenant.mails(OPERATIONS_MAILBOX)


def by_hand(*arguments: str) -> tuple[str, int]:
    out = StringIO()
    try:
        call_command("self_check", *arguments, stdout=out, stderr=StringIO())
    except SystemExit as stop:
        return out.getvalue(), int(str(stop.code))
    return out.getvalue(), 0


def set_clock_wrong(passport: Passport, *, by: dt.timedelta) -> None:
    passport.tenant.fault("discovery", headers={"Date": format_datetime(timezone.now() - by, usegmt=True)}, count=None)


# When


@pytest.mark.django_db
def test_first_one_is_due_in_the_morning_after_the_start():
    daily.run_if_due()

    assert (due_at().hour, due_at().minute) == (5, 0)
    assert timezone.now() < due_at() <= timezone.now() + 24 * HOUR


def test_quiet_when_all_is_well_and_then_due_next_morning(passport):
    fall_due()

    passport.work()

    assert not Failure.objects.exists()
    assert to_operations(passport) == passport.tenant.mails(VM_MAILBOX) == []
    assert due_at().hour == 5
    findings, code = by_hand("--json")
    assert code == 0
    assert {each["state"] for each in json.loads(findings)} == {"ok"}


def test_looks_again_within_the_hour_while_something_is_wrong(passport):
    set_clock_wrong(passport, by=5 * HOUR)

    check()

    assert timezone.now() + 0.9 * HOUR < due_at() <= timezone.now() + HOUR


# What


def test_operations_alone_are_emailed_once_and_the_case_closes_when_it_is_well(passport):
    passport.work()  # so that it lives
    set_clock_wrong(passport, by=dt.timedelta(seconds=95))

    assert check() == ["clock_wrong"]
    assert check() == ["clock_wrong"]

    passport.work()
    [mail] = to_operations(passport)
    assert mail["subject"] == f"[Passport] Clock wrong: {passport.url.removeprefix('http://')}"
    assert "clock is 9" in mail["text"]
    assert "seconds ahead of Microsoft's" in mail["text"]
    assert str(reasons.get("clock_wrong").vm_action) in mail["text"]
    assert passport.tenant.mails(VM_MAILBOX) == []
    assert Failure.objects.get().count == 1, "found again, it is no news"

    passport.tenant.clear_faults()
    assert check() == []
    assert Failure.objects.get().resolved_how == "the self-check no longer finds a problem"


@pytest.mark.parametrize(("seconds", "expected"), [(-95, ["clock_wrong"]), (-50, []), (50, []), (62, ["clock_wrong"])])
def test_clock_may_be_a_minute_off(passport, seconds, expected):
    set_clock_wrong(passport, by=dt.timedelta(seconds=seconds))

    assert check() == expected


def test_clock_that_cannot_be_compared_is_no_problem(passport):
    passport.tenant.fault("discovery", connection="reset", count=None)

    assert check() == []


def test_mail_server_that_refuses_operations(passport):
    passport.tenant.smtp(fault={"reply": "451 not now", "address": OPERATIONS_MAILBOX})

    assert check() == ["self_check_email"]
    assert Failure.objects.get().detail == {"said": "The mail server refused 1 of 1 recipients (451)."}

    passport.tenant.smtp(faults=[])
    assert check() == []
    assert to_operations(passport) == [], "it only asks whether the server would take an email"


def test_mail_server_that_is_away(passport):
    passport.tenant.smtp(down=True)
    try:
        assert check() == ["self_check_email"]
    finally:
        passport.tenant.smtp(down=False)


def test_credential_that_entra_refuses(passport, settings):
    settings.ENTRA_CLIENT_SECRET = settings.GRAPH_CLIENT_SECRET = "another"

    assert check() == ["self_check_entra"]
    assert "401 invalid_client" in Failure.objects.get().detail["said"]
    assert "another" not in str(Failure.objects.get().detail)


def test_backup_that_is_too_old(passport):
    assert check() == [], "who has never made one with Passport makes them in another way"

    made = Heartbeat.objects.create(name="backup", beat_at=timezone.now() - dt.timedelta(hours=37))
    assert check() == ["backup_too_old"]

    made.beat_at = timezone.now() - dt.timedelta(hours=35)
    made.save()
    assert check() == []


def test_every_task_that_deletes_at_night_is_looked_for():
    app.perform_import_paths()
    nightly = {
        periodic.task.name
        for periodic in app.periodic_registry.periodic_tasks.values()
        if re.search(r"\.(forget|purge|sweep|erase)_", periodic.task.name) and "/" not in periodic.cron
    }

    assert nightly == set(upkeep.DELETING)


def test_nightly_deletion_that_does_not_run(passport):
    outbound.claim()
    Installation.objects.update(claimed_at=timezone.now() - dt.timedelta(days=2))

    assert check() == ["purge_not_run"]
    assert set(upkeep.DELETING) <= set(Failure.objects.get().detail["said"].removesuffix(".").replace(",", "").split())

    passport.work()
    assert check() == []


def test_disk_that_fills_up(passport, monkeypatch):
    monkeypatch.setattr(disk, "FREE_BYTES", 10**18)

    assert check() == ["disk_filling"]
    assert "GB is free" in Failure.objects.get().detail["said"]


def test_values_that_no_key_opens(passport, settings):
    create_draft(vendor=create_vendor(), answers={"about": {"name": "Dora"}})
    assert check() == []

    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

    assert check() == ["rows_unreadable"]
    assert "onboarding.Draft.answers" in Failure.objects.get().detail["said"]


def test_part_that_fails_hides_none_of_the_others(passport, monkeypatch):
    def fail():
        raise RuntimeError

    monkeypatch.setitem(daily.LOOKS, "clock", fail)
    passport.tenant.smtp(fault={"reply": "451 later"})

    assert check() == ["self_check_email", "self_check_failed"]


# Expiry dates: each number of days once


def test_each_milestone_of_an_expiry_date_is_told_once(passport, settings):
    passport.work()
    settings.ENTRA_CLIENT_SECRET_EXPIRES = (timezone.now() + dt.timedelta(days=21)).date().isoformat()
    assert check() == ["client_secret_expires"]
    passport.work()
    Failure.objects.get().people.update(topic="2000-01-01 60")  # as it was told a month ago

    check()
    check()
    passport.work()
    Failure.objects.update(mail_due_at=timezone.now())  # a further email may wait for some minutes
    passport.work()

    told = Failure.objects.get().people.values_list("topic", flat=True)
    assert sorted(told) == ["2000-01-01 60", f"{settings.ENTRA_CLIENT_SECRET_EXPIRES} 30"]

    settings.ENTRA_CLIENT_SECRET_EXPIRES = (timezone.now() + dt.timedelta(days=300)).date().isoformat()
    assert check() == []


# A sign of life


class Monitor(BaseHTTPRequestHandler):
    heard: list[str]
    status = 200

    def do_GET(self) -> None:
        self.heard.append(f"{self.command} {self.path}")
        self.send_response(self.status)
        if self.status == 302:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def monitor(settings) -> Iterator[type[Monitor]]:
    kind = type("OwnMonitor", (Monitor,), {"heard": []})
    with HTTPServer(("127.0.0.1", 0), kind) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        settings.HEARTBEAT_URL = f"http://127.0.0.1:{server.server_port}/ping/secret-id"
        yield kind
        server.shutdown()
        thread.join()


def test_monitor_hears_when_all_is_well_and_nothing_when_not(passport, monitor):
    check()
    assert monitor.heard == ["GET /ping/secret-id"]

    set_clock_wrong(passport, by=HOUR)
    check()
    assert monitor.heard == ["GET /ping/secret-id"]


@pytest.mark.parametrize("status", [302, 500])
def test_monitor_that_answers_otherwise_is_no_problem(passport, monitor, status, caplog):
    monitor.status = status

    assert check() == []

    assert monitor.heard == ["GET /ping/secret-id"], "no redirects"
    assert f"HEARTBEAT_URL responded with {status}" in caplog.text
    assert "secret-id" not in caplog.text


# On hold


def test_copy_on_hold_tells_operations_of_itself_but_neither_monitor_nor_vm(passport, monitor, settings):
    passport.work()
    outbound.claim()
    Installation.objects.update(claimed_at=timezone.now() - dt.timedelta(days=9))
    Heartbeat.objects.create(name="backup", beat_at=timezone.now() - dt.timedelta(days=9))
    settings.OUTBOUND = "hold"
    passport.tenant.forget_requests()

    assert check() == [], "what the nights of the original were like does not matter here"
    assert monitor.heard == []

    set_clock_wrong(passport, by=HOUR)
    assert check() == ["clock_wrong"]
    passport.work()
    assert len(to_operations(passport)) == 1
    assert passport.tenant.mails(VM_MAILBOX) == []
    assert passport.tenant.requests() == [], "nothing is asked of Graph"


# By hand


def test_by_hand_it_closes_cases_but_opens_none(passport, settings):
    set_clock_wrong(passport, by=HOUR)
    said, code = by_hand()
    assert (code, "clock" in said) == (1, True)
    assert not Failure.objects.exists()

    check()
    passport.tenant.clear_faults()
    assert by_hand()[1] == 0
    assert not Failure.objects.open().exists()


def test_vm_staff_see_what_was_found_on_the_page_of_the_case(passport):
    set_clock_wrong(passport, by=HOUR)
    check()

    person = passport.staff()
    person.go(f"{passport.url}/admin/identity/failure/{Failure.objects.get().pk}/change/")

    assert "This machine's clock is 3" in person.page.text.replace("&#x27;", "'")
    assert "Passport itself" in person.page.text
    assert "Unknown person" not in person.page.text
