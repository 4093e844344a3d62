"""How a case gets to VM: when it waits, how many mails an hour, who else is told, and what if it cannot be stored."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from identity.failures import cases, mail_to_vm
from identity.models import Failure, FailurePerson, Heartbeat, Session, SignInAttempt
from identity.sandbox.client import is_of_kind
from tests.journeys.database import column_missing
from tests.passport_fixture import VM_MAILBOX, Passport, in_thread
from tests.person import Person
from vendors import lifecycle

DORA = "dora@mail.example"
OPERATIONS = "operations@sandberg.example"


def jobs_are_due() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")


def presses_sign_in(passport: Passport, person: Person) -> None:
    person.go(f"{passport.url}/sign-in/")
    person.submit("signin")


def age(attempts: Any, by: dt.timedelta) -> None:
    for attempt in attempts:
        SignInAttempt.objects.filter(pk=attempt.pk).update(started_at=attempt.started_at - by)


# Silence


@pytest.fixture
def silent(passport, settings) -> Failure:
    """Dora has been in before; now she went to Microsoft and did not come back."""
    passport.invited(DORA)
    person = passport.signed_in(DORA, stay="yes")
    person.browser.cookies.clear("localhost.local", "/", "passport_session")
    passport.tenant.end_sessions()
    long_ago = timezone.now() - dt.timedelta(days=3)
    SignInAttempt.objects.update(started_at=long_ago, claimed_at=long_ago)
    presses_sign_in(passport, person)
    attempts = SignInAttempt.objects.filter(outcome="")
    assert len(attempts) == 1
    age(attempts, settings.SIGN_IN_SILENCE * 2)
    passport.work()
    return Failure.objects.get(reason="did_not_come_back")


def test_silence_of_somebody_who_has_got_in_before_waits_for_the_digest(passport, silent):
    passport.work()
    assert passport.vm_mail() == []
    FailurePerson.objects.update(first_seen_at=silent.first_seen_at - dt.timedelta(hours=23))
    passport.work()
    assert passport.vm_mail() == [], "they may still get in within a day"

    FailurePerson.objects.update(first_seen_at=silent.first_seen_at - dt.timedelta(hours=25))
    passport.work()
    passport.work()

    [message] = passport.vm_mail()
    assert DORA in message["text"].splitlines()
    assert "did_not_come_back" in message["text"].splitlines()


def test_silence_is_dropped_when_they_get_in_within_a_day(passport, silent):
    passport.signed_in(DORA)
    day = dt.timedelta(hours=25)
    FailurePerson.objects.update(first_seen_at=silent.first_seen_at - day, resolved_at=timezone.now() - day)

    passport.work()

    silent.refresh_from_db()
    assert silent.state == Failure.State.RESOLVED
    assert passport.vm_mail() == []


def test_silence_of_a_browser_that_nobody_knows_is_none(passport, settings):
    presses_sign_in(passport, passport.person(DORA))
    age(SignInAttempt.objects.all(), settings.SIGN_IN_SILENCE * 2)

    passport.work()

    assert SignInAttempt.objects.get().outcome == "silent"
    assert not Failure.objects.exists()


def test_attempt_that_is_under_way_is_not_silent_yet(passport, settings):
    passport.invited(DORA)
    person = passport.person(DORA)
    message = passport.tenant.wait_for_mail(DORA, "has invited you")
    person.go(next(line for line in message["text"].splitlines() if "/welcome/" in line))
    person.submit("signin")
    age(SignInAttempt.objects.all(), settings.SIGN_IN_SILENCE - dt.timedelta(minutes=1))

    passport.work()

    assert not Failure.objects.exists()


# Nobody knows who it was


def test_without_an_address_the_mail_waits_ten_minutes_and_goes_with_the_digest(passport):
    passport.invited(DORA)
    person = passport.person(DORA)
    presses_sign_in(passport, person)
    person.authenticate(consent=False)
    failure = Failure.objects.get()
    assert 590 < (failure.mail_due_at - failure.first_seen_at).total_seconds() <= 600
    passport.work()
    assert passport.vm_mail() == []

    FailurePerson.objects.update(first_seen_at=failure.first_seen_at - dt.timedelta(minutes=10))
    passport.work()

    [message] = passport.vm_mail("Daily summary: 1 case")
    assert failure.reason in message["text"].splitlines()
    assert failure.reference in message["text"]


# Not too many mails


def test_no_more_than_twenty_an_hour_even_if_many_fail_at_once(passport):
    """The worker runs several tasks at the same time, and there may be several workers."""
    Heartbeat.objects.create(name="worker", beat_at=timezone.now())
    for number in range(40):
        cases.report(stage="sign_in", reason="declined", address=f"v{number:02}@mail.example")
    workers = [threading.Thread(target=passport.work) for _number in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert len(passport.vm_mail()) == mail_to_vm.MAILS_AN_HOUR
    Failure.objects.filter(mailed_at=None).update(mail_due_at=timezone.now() - dt.timedelta(minutes=6))
    passport.work()

    *_single, rest = passport.vm_mail()
    told = [line for message in passport.vm_mail() for line in message["text"].splitlines() if line.startswith("v")]
    assert sorted(told) == [f"v{number:02}@mail.example" for number in range(40)], "each once"
    assert rest["text"].splitlines().count("declined") == 20


def test_same_failure_many_times_at_once_is_one_case_with_its_count(passport):
    vendor = passport.invited(DORA)
    ready = threading.Barrier(6)

    def fails() -> None:
        ready.wait(10)
        cases.report(stage="sign_in", reason="declined", user=vendor.user)

    threads = [threading.Thread(target=lambda: in_thread(fails)) for _number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    passport.work()
    passport.work()

    assert Failure.objects.get().count == 6
    assert len(passport.vm_mail(DORA)) == 1


def test_list_of_the_rest_goes_to_operations_when_something_in_it_is_theirs(passport):
    Heartbeat.objects.create(name="worker", beat_at=timezone.now())
    long_ago = timezone.now() - dt.timedelta(minutes=6)
    for reason in ("declined", "staff_acct_missing"):
        cases.report(stage="sign_in", reason=reason, address=f"{reason}@mail.example".replace("_", "-"))
    Failure.objects.update(mail_due_at=long_ago)

    mail_to_vm.tell_overflow(message_id="overflow-1")

    for mailbox in (VM_MAILBOX, OPERATIONS):
        [message] = passport.tenant.mails(mailbox)
        assert "staff_acct_missing" in message["text"].splitlines()


# Everybody is hit


def test_dead_tenant_is_one_case_told_once_to_vm_and_operations(passport):
    passport.tenant.fault("invitations", status=503, count=None)
    for address in (DORA, "gita@mail.example", "chen@agency.example"):
        vendor = lifecycle.add(name="", primary_email=address, language="en-GB")
        lifecycle.invite(vendor)
    for _try in range(5):
        passport.work()
        vendor.user.invitations.model.objects.update(next_try_at=None)
        jobs_are_due()

    case = Failure.objects.get()
    assert (case.reason, case.subject, case.count) == ("graph_unavailable", "passport", 3)
    everybody = sorted([DORA, "gita@mail.example", "chen@agency.example"])
    assert sorted(case.people.values_list("address", flat=True)) == everybody
    for mailbox in (VM_MAILBOX, OPERATIONS):
        lines = [line for mail in passport.tenant.mails(mailbox) for line in mail["text"].splitlines()]
        assert sorted(line for line in lines if line in everybody) == everybody, "each once"
    passport.tenant.clear_faults()
    passport.work()
    case.refresh_from_db()
    assert case.state == Failure.State.RESOLVED


def test_sign_in_of_a_dead_tenant_is_one_case_however_many_try(passport):
    passport.tenant.fault("token", status=503, count=None)
    people = [DORA, "gita@mail.example", "chen@agency.example"]
    for address in people:
        passport.invited(address)
        person = passport.person(address)
        message = passport.tenant.wait_for_mail(address, "has invited you")
        person.go(next(line for line in message["text"].splitlines() if "/welcome/" in line))
        person.submit("signin")
        person.authenticate()
        assert person.page.path.startswith("/sign-in/problem/"), person.page
    passport.work()

    case = Failure.objects.get()
    assert (case.reason, case.count) == ("microsoft_unavailable", 3)
    assert len(passport.tenant.mails(OPERATIONS)) == 1
    passport.tenant.clear_faults()
    for address in people:
        case.refresh_from_db()
        assert case.state == Failure.State.OPEN, "somebody is still out"
        passport.signed_in(address)
    case.refresh_from_db()
    assert case.state == Failure.State.RESOLVED


# VM's own mailbox


def test_mail_to_vm_that_is_refused_is_one_case_for_operations(passport):
    passport.tenant.smtp(fault={"reply": "550 no such mailbox", "address": VM_MAILBOX})
    Heartbeat.objects.create(name="worker", beat_at=timezone.now())
    failure = cases.report(stage="sign_in", reason="declined", address=DORA)
    passport.work()
    passport.work()

    case = Failure.objects.exclude(pk=failure.pk).get()
    assert (case.reason, case.address) == ("staff_mail_refused", VM_MAILBOX)
    assert passport.vm_mail() == []
    told = [mail for mail in passport.tenant.mails(OPERATIONS) if is_of_kind(mail, "failure")]
    assert [VM_MAILBOX in mail["text"].splitlines() for mail in told] == [True], "the digest tells of the next times"
    failure.refresh_from_db()
    assert failure.mailed_at is None, "VM has not been told"


# The case cannot be stored


def test_sign_in_that_fails_while_no_case_can_be_stored_is_mailed_directly(passport):
    passport.invited(DORA)
    person = passport.person(DORA)
    presses_sign_in(passport, person)
    with column_missing("identity_failure", "subject"):
        person.authenticate(consent=False)

        assert person.page.status == 503
        assert "You are not signed in" in person.page.text
        assert "Vendor Management has been told" not in person.page.text

    [message] = passport.vm_mail()
    assert "consent_declined" in message["text"].splitlines()
    assert not Failure.objects.exists()
    passport.signed_in(DORA)


@pytest.mark.parametrize(
    ("table", "column"),
    [("identity_signinattempt", "outcome"), ("identity_entraaccount", "revoked_at"), ("identity_session", "sid")],
)
def test_database_trouble_at_any_point_leaves_nobody_half_in(passport, table, column):
    passport.invited(DORA)
    person = passport.person(DORA)
    presses_sign_in(passport, person)
    with column_missing(table, column):
        person.authenticate()

        assert person.page.path.startswith("/sign-in/problem/"), person.page
        assert "Vendor Management has been told" in person.page.text

    assert person.go(f"{passport.url}/onboarding/").path == "/sign-in/"
    assert Failure.objects.get().reason == "unexpected_error"
    passport.signed_in(DORA)


def test_sign_in_that_fails_at_its_very_end_leaves_no_session(passport):
    """The commit fails. Django would write the session once more with the answer, outside the transaction."""
    passport.invited(DORA)
    person = passport.person(DORA)
    presses_sign_in(passport, person)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;"
            "CREATE CONSTRAINT TRIGGER refuse AFTER UPDATE ON identity_entraaccount"
            " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
        try:
            person.authenticate()
        finally:
            cursor.execute("DROP FUNCTION refuse CASCADE")

    assert person.page.path.startswith("/sign-in/problem/"), person.page
    assert not Session.objects.exists()
    assert person.go(f"{passport.url}/onboarding/").path == "/sign-in/"
    passport.signed_in(DORA)


def test_failed_sign_in_leaves_the_session_that_was_there(passport):
    passport.invited(DORA)
    person = passport.signed_in(DORA)
    passport.tenant.tamper(signature="bad")
    presses_sign_in_again = person.browser.post(
        f"{passport.url}/auth/login/entra/",
        {"csrfmiddlewaretoken": person.browser.cookies["passport_csrf"]},
        headers={"Referer": passport.url},
        allow_redirects=False,
    )
    person.go(presses_sign_in_again.headers["Location"])

    assert person.page.path.startswith("/sign-in/problem/"), person.page
    assert person.go(f"{passport.url}/onboarding/").path == "/onboarding/"


@pytest.mark.django_db
def test_mails_without_a_record_are_no_more_than_twenty_an_hour():
    for number in range(30):
        cases.report(stage="sign_in", reason="x" * 70, address=f"v{number}@mail.example")

    assert len(mail.outbox) == mail_to_vm.MAILS_AN_HOUR
