from __future__ import annotations

import datetime as dt

import pytest
from django.core import mail
from django.utils import timezone

from identity import tasks
from identity.failures import cases as failures
from identity.failures import mail_to_vm, reasons
from identity.models import Failure, Heartbeat, Invitation, User
from tests.factories import create_vendor
from tests.identity.invitations.test_lifecycle import make_due


@pytest.fixture
def worker_lives(db):
    Heartbeat.objects.create(name="worker", beat_at=timezone.now())


@pytest.fixture
def person(db) -> User:
    user = User.objects.create_user()
    Invitation.objects.create(user=user, address="dora@mail.example", state=Invitation.State.SENT)
    return user


def report(person: User, reason: str = "declined") -> Failure:
    failure = failures.report(stage="sign_in", reason=reason, user=person)
    assert failure is not None
    return failure


def test_every_reason_is_complete():
    for code, reason in reasons.CATALOGUE.items():
        assert code == reason.code
        assert reason.stage in Failure.Stage.values
        assert reason.audience in (reasons.VM, reasons.OPERATIONS)
        assert all(str(text).strip() for text in (reason.vm_text, reason.vm_action, reason.person_text))
    named = {*reasons.BY_AADSTS.values(), *reasons.BY_ERROR_CODE.values()}
    assert named <= reasons.CATALOGUE.keys()


OF_PEOPLE = sorted(code for code in reasons.CATALOGUE if not reasons.is_about_running(code))


@pytest.mark.parametrize("code", OF_PEOPLE)
def test_vm_is_mailed_once_with_address_and_reason(code, person, worker_lives):
    failure = failures.report(stage=reasons.get(code).stage, reason=code, user=person)
    mail_to_vm.tell(failure.pk)
    mail_to_vm.tell(failure.pk)

    [message] = mail.outbox
    assert "vm@sandberg.example" in message.to
    assert ("operations@sandberg.example" in message.to) == (reasons.get(code).audience == reasons.OPERATIONS)
    lines = message.body.splitlines()
    assert "dora@mail.example" in lines
    assert code in lines
    assert str(reasons.get(code).vm_action) in message.body


@pytest.mark.parametrize("code", sorted(set(reasons.CATALOGUE) - set(OF_PEOPLE)))
def test_operations_alone_are_mailed_about_the_running_of_passport(code, db, worker_lives):
    failure = failures.report(stage="running", reason=code, detail={"said": "Something was found."})
    mail_to_vm.tell(failure.pk)
    mail_to_vm.tell(failure.pk)

    [message] = mail.outbox
    assert message.to == message.reply_to == ["operations@sandberg.example"]
    assert message.subject.endswith(": 127.0.0.1:8000")
    lines = message.body.splitlines()
    assert {"Something was found.", code, str(reasons.get(code).vm_action)} <= set(lines)


def test_repeat_is_counted_and_not_mailed_again(person, worker_lives):
    first = report(person)
    mail_to_vm.tell(first.pk)
    again = report(person)
    mail_to_vm.tell(again.pk)

    assert (again.pk, again.count) == (first.pk, 2)
    assert len(mail.outbox) == 1


def test_digest_tells_of_repeats(person, worker_lives):
    failure = report(person)
    mail_to_vm.tell(failure.pk)
    report(person)
    report(person)
    mail.outbox.clear()

    tasks.mail_digest(timestamp=1)
    tasks.mail_digest(timestamp=2)

    [message] = mail.outbox
    assert "dora@mail.example" in message.body.splitlines()
    assert "3 times" in message.body


def test_resolved_case_reopens_within_thirty_days_and_is_mailed(person, worker_lives):
    first = report(person)
    mail_to_vm.tell(first.pk)
    failures.resolve(first, how="signed in")
    again = report(person)
    mail_to_vm.tell(again.pk)

    assert (again.pk, again.state, again.count) == (first.pk, Failure.State.OPEN, 2)
    assert len(mail.outbox) == 2


def test_resolved_case_stays_closed_after_thirty_days(person, worker_lives):
    first = report(person)
    failures.resolve(first, how="signed in")
    Failure.objects.update(resolved_at=timezone.now() - dt.timedelta(days=31))

    assert report(person).pk != first.pk


def test_at_most_twenty_mails_an_hour_and_one_list_for_the_rest(db, worker_lives):
    cases = [failures.report(stage="sign_in", reason="declined", address=f"v{n}@mail.example") for n in range(25)]
    for failure in cases:
        mail_to_vm.tell(failure.pk)
    assert len(mail.outbox) == mail_to_vm.MAILS_AN_HOUR
    Failure.objects.update(mail_due_at=timezone.now() - dt.timedelta(minutes=6))

    tasks.mail_overflow(timestamp=1)
    tasks.mail_overflow(timestamp=2)

    assert len(mail.outbox) == mail_to_vm.MAILS_AN_HOUR + 1
    body = mail.outbox[-1].body.splitlines()
    assert [line for line in body if line.startswith("v")] == [f"v{n}@mail.example" for n in range(20, 25)]
    assert not Failure.objects.filter(mailed_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_without_a_worker_the_web_process_mails_by_itself():
    failures.report(stage="sign_in", reason="declined", address="dora@mail.example")

    [to_vm] = [message.subject for message in mail.outbox if message.to == ["vm@sandberg.example"]]
    assert to_vm.endswith(": dora@mail.example")


@pytest.mark.django_db(transaction=True)
def test_case_that_cannot_be_stored_is_mailed_straight_away(settings):
    assert failures.report(stage="sign_in", reason="x" * 70, address="dora@mail.example") is None

    [message] = mail.outbox
    assert "dora@mail.example" in message.body.splitlines()


def test_claimed_address_is_shown_but_never_a_subject(db, worker_lives):
    failure = failures.report(
        stage="sign_in",
        reason="not_invited",
        oid="11111111-2222-4333-8444-555555555555",
        claimed_address="boss@sandberg.example",
    )
    assert failure.subject == "oid:11111111-2222-4333-8444-555555555555"
    assert failure.address == ""


def test_getting_in_resolves_and_leaves_notices(person, worker_lives):
    case, notice = report(person), report(person, "address_differs")

    failures.resolve_for(person, stages=["sign_in"], how="signed in")

    case.refresh_from_db()
    notice.refresh_from_db()
    assert (case.state, notice.state) == (Failure.State.RESOLVED, Failure.State.OPEN)


def test_two_unknown_people_naming_one_vendors_address_become_one_case(db, worker_lives):
    create_vendor(primary_email="dora@mail.example")
    one = Failure.objects.create(
        subject="attempt:1",
        stage="sign_in",
        reason="declined",
        first_seen_at=timezone.now(),
        last_seen_at=timezone.now(),
    )
    two = Failure.objects.create(
        subject="attempt:2",
        stage="sign_in",
        reason="declined",
        first_seen_at=timezone.now(),
        last_seen_at=timezone.now(),
    )
    first = failures.name_address(one, "Dora@mail.example")
    second = failures.name_address(two, "dora@mail.example")

    assert first.pk == second.pk
    second.refresh_from_db()
    assert (second.subject, second.count) == ("address:dora@mail.example", 2)


def test_one_cause_that_hits_many_is_one_case_naming_all(db, worker_lives):
    hit = [User.objects.create_user() for _each in range(3)]
    for number, user in enumerate(hit):
        failures.report(stage="invitation", reason="graph_credential", user=user, address=f"v{number}@mail.example")
    case = Failure.objects.get()
    assert (case.subject, case.count) == ("passport", 3)
    mail_to_vm.tell(case.pk)

    [message] = mail.outbox
    assert [line for line in message.body.splitlines() if line.startswith("v")] == [
        "v0@mail.example",
        "v1@mail.example",
        "v2@mail.example",
    ]
    for user in hit:
        case.refresh_from_db()
        assert case.state == Failure.State.OPEN, "somebody is still out"
        failures.resolve_for(user, stages=["invitation"], how="invitation sent", common="invitation")
    case.refresh_from_db()
    assert case.state == Failure.State.RESOLVED


@pytest.mark.django_db(transaction=True)
def test_operations_are_told_once_that_the_worker_is_dead():
    Heartbeat.objects.create(name="worker", beat_at=timezone.now() - dt.timedelta(minutes=30))
    for number in range(3):
        failures.report(stage="sign_in", reason="declined", address=f"v{number}@mail.example")

    told = [message for message in mail.outbox if message.to == ["operations@sandberg.example"]]
    assert [message.subject for message in told] == ["[Passport] The worker is not running"]
    Heartbeat.objects.filter(name="worker").update(beat_at=timezone.now())
    Heartbeat.objects.filter(name="worker_told_dead").update(beat_at=timezone.now() - dt.timedelta(hours=2))
    Heartbeat.objects.filter(name="worker").update(beat_at=timezone.now() - dt.timedelta(minutes=10))
    failures.report(stage="sign_in", reason="declined", address="v9@mail.example")
    assert len([message for message in mail.outbox if message.to == ["operations@sandberg.example"]]) == 2


def test_dead_mail_server_is_one_case_until_mail_goes_out_again(passport):
    passport.tenant.smtp(down=True)
    vendor = passport.invited("dora@mail.example")
    for _try in range(4):
        make_due()
        passport.work()
    case = Failure.objects.get()
    assert (case.stage, case.reason, case.user) == ("mail", "mail_not_sent", None)
    passport.tenant.smtp(down=False)
    make_due()
    passport.work()

    case.refresh_from_db()
    assert case.state == Failure.State.RESOLVED
    assert passport.person("dora@mail.example").read_mail("has invited you to Passport")
    assert vendor
