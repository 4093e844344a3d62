"""Each person and each address in a case is told to VM once, whoever else is in it and whatever has become of it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.utils import timezone

from identity.failures import cases, mail_to_vm
from identity.models import DueDate, Failure, FailurePerson, Heartbeat, Invitation, protected_rows
from tests.factories import create_vendor
from tests.passport_fixture import VM_MAILBOX, Passport
from tests.person import Person
from vendors import lifecycle
from vendors.email_change import lifecycle as email_change

DORA, GITA, CHEN, EMIL = "dora@mail.example", "gita@mail.example", "chen@agency.example", "emil@lingua.example"
OPERATIONS = "operations@sandberg.example"


def tries(passport: Passport, address: str, **answers: bool) -> Person:
    """An invited person follows their invitation and signs in at Microsoft."""
    person = passport.person(address)
    message = passport.tenant.wait_for_mail(address, "has invited you")
    person.go(next(line for line in message["text"].splitlines() if "/welcome/" in line))
    person.submit("signin")
    person.authenticate(**answers)
    return person


def minutes_pass(minutes: int) -> None:
    """For everything that waits for a time."""
    by = dt.timedelta(minutes=minutes)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = scheduled_at - %s WHERE status = 'todo'", [by])
    for model, fields in (
        (Failure, ["first_seen_at", "mail_due_at"]),
        (FailurePerson, ["first_seen_at", "last_seen_at", "resolved_at", "mail_counted_at"]),
        (DueDate, ["due_at"]),
    ):
        for row in model.objects.all():
            changed = {name: getattr(row, name) - by for name in fields if getattr(row, name)}
            with protected_rows.lifted():  # of a case, which keeps when it was seen first
                model.objects.filter(pk=row.pk).update(**changed)


def mails_about(passport: Passport, address: str, *, mailbox: str = VM_MAILBOX) -> list[str]:
    return [mail["text"] for mail in passport.tenant.mails(mailbox) if address in mail["text"].splitlines()]


@pytest.fixture
def worker_lives(transactional_db) -> None:
    Heartbeat.objects.create(name="worker", beat_at=timezone.now())


# The second person whom a common cause hits


def test_second_person_hit_by_a_common_cause_is_told_though_the_third_gets_in(passport):
    for address in (DORA, GITA, CHEN):
        passport.invited(address)
    passport.tenant.fault("token", status=503, count=2)
    tries(passport, DORA)
    passport.work()
    assert len(mails_about(passport, DORA)) == 1

    page = tries(passport, GITA).page
    assert "Vendor Management has been told" in page.text
    tries(passport, CHEN)
    case = Failure.objects.get()
    assert case.state == Failure.State.OPEN, "two of them are still out"
    minutes_pass(10)
    passport.work()
    passport.work()

    [text] = mails_about(passport, GITA)
    assert "microsoft_unavailable" in text.splitlines()
    assert len(mails_about(passport, GITA, mailbox=OPERATIONS)) == 1
    assert len(mails_about(passport, DORA)) == 1
    assert mails_about(passport, CHEN) == []


def test_those_who_follow_come_in_one_email_that_says_who_has_got_in_since(passport):
    for address in (DORA, GITA, CHEN):
        passport.invited(address)
    passport.tenant.fault("token", status=503, count=3)
    tries(passport, DORA)
    passport.work()
    tries(passport, GITA)
    tries(passport, CHEN)
    tries(passport, GITA)
    minutes_pass(10)
    passport.work()

    [text] = mails_about(passport, CHEN)
    assert mails_about(passport, GITA) == [text]
    lines = text.splitlines()
    assert "has signed in since then" in lines[lines.index(GITA) + 1]
    assert "since" not in lines[lines.index(CHEN) + 1]


def test_colleague_who_signs_in_shows_that_a_common_cause_is_over(passport):
    passport.tenant.fault("token", status=503)
    passport.staff()
    assert Failure.objects.get().state == Failure.State.OPEN

    passport.staff()
    assert Failure.objects.get().state == Failure.State.RESOLVED


def test_case_closes_when_the_last_one_is_in(passport):
    for address in (DORA, GITA):
        passport.invited(address)
    passport.tenant.fault("token", status=503, count=2)
    tries(passport, DORA)
    tries(passport, GITA)
    tries(passport, GITA)
    assert Failure.objects.get().state == Failure.State.OPEN
    tries(passport, DORA)
    assert Failure.objects.get().state == Failure.State.RESOLVED


def test_invitations_that_a_dead_tenant_holds_up_are_all_named(passport):
    passport.tenant.fault("invitations", status=503, count=None)
    vendor = lifecycle.add(name="", primary_email=DORA, language="en-GB")
    lifecycle.invite(vendor)
    _fail_often(passport)
    later = lifecycle.add(name="", primary_email=GITA, language="en-GB")
    lifecycle.invite(later)
    _fail_often(passport)
    passport.tenant.clear_faults()
    Invitation.objects.update(next_try_at=None)
    minutes_pass(30)
    passport.work()
    passport.work()

    assert len(mails_about(passport, DORA)) == 1
    [text] = mails_about(passport, GITA)
    assert "graph_unavailable" in text
    assert Failure.objects.get().state == Failure.State.RESOLVED


def _fail_often(passport: Passport) -> None:
    for _try in range(4):
        passport.work()
        Invitation.objects.update(next_try_at=None)
        minutes_pass(1)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE queue_name = 'invitations'")


def test_somebody_withdrawn_is_not_waited_for(passport):
    passport.tenant.fault("invitations", status=503, count=None)
    vendor = lifecycle.add(name="", primary_email=DORA, language="en-GB")
    lifecycle.invite(vendor)
    _fail_often(passport)
    assert Failure.objects.get().state == Failure.State.OPEN

    vendor.refresh_from_db()
    lifecycle.withdraw_invitation(vendor)

    assert Failure.objects.get().state == Failure.State.RESOLVED


@pytest.mark.usefixtures("worker_lives")
def test_unknown_people_keep_no_common_case_open(passport):
    """Nobody can tell whether they have got in since."""
    passport.invited(DORA)
    passport.tenant.fault("token", status=503, count=2)
    for _visit in range(2):
        stranger = passport.person(GITA)
        passport.tenant.add_guest(GITA)
        stranger.go(f"{passport.url}/sign-in/")
        stranger.submit("signin")
        stranger.authenticate()
    assert "Which address was your invitation sent to?" in stranger.page.text
    case = Failure.objects.get()
    assert [row.count for row in case.people.all()] == [2]

    passport.signed_in(DORA)

    case.refresh_from_db()
    assert case.state == Failure.State.RESOLVED
    assert not case.people.filter(got_further=True).exists()


def test_somebody_unknown_is_asked_for_their_address_in_a_case_that_begins_with_somebody_known(passport):
    for address in (DORA, GITA):
        passport.invited(address)
    passport.tenant.fault("token", status=503, count=2)
    known = tries(passport, DORA)
    assert "Which address was your invitation sent to?" not in known.page.text
    passport.work()
    unknown = passport.person(GITA)
    unknown.go(f"{passport.url}/sign-in/")
    unknown.submit("signin")
    unknown.authenticate()
    unknown.submit("which-address", address=GITA)
    assert "Vendor Management has been told" in unknown.page.text
    passport.signed_in(GITA)
    minutes_pass(10)
    passport.work()

    [text] = mails_about(passport, GITA)
    lines = text.splitlines()
    assert lines[lines.index(GITA) + 1].strip() == "typed, not proven"
    assert "has signed in since then" in text
    assert Failure.objects.get().state == Failure.State.OPEN, "Dora is still out"


# Closed before anybody was told


@pytest.mark.parametrize("consent", [True, False], ids=["common cause", "own case"])
def test_case_that_a_sign_in_closed_before_the_worker_came_is_told(passport, consent):
    passport.invited(DORA)
    if consent:
        passport.tenant.fault("token", status=503)
    tries(passport, DORA, consent=consent)
    passport.signed_in(DORA)
    assert Failure.objects.get().state == Failure.State.RESOLVED
    passport.work()
    passport.work()

    [text] = mails_about(passport, DORA)
    assert "has signed in since then" in text


def test_failure_and_success_and_failure_before_the_worker_comes_are_told_once(passport):
    passport.invited(DORA)
    tries(passport, DORA, consent=False)
    passport.signed_in(DORA)
    person = passport.person(DORA)
    person.go(f"{passport.url}/sign-in/")
    passport.tenant.fault("token", status=503)
    tries_again = tries(passport, DORA)
    assert tries_again.page.path.startswith("/sign-in/problem/")
    passport.work()
    passport.work()

    assert len(mails_about(passport, DORA)) == 2, "two failures of different kinds"


@pytest.mark.usefixtures("worker_lives")
def test_closed_by_vm_before_it_was_mailed(passport):
    failure = cases.report(stage="sign_in", reason="declined", address=DORA)
    cases.resolve(failure, how="rang them")
    passport.work()

    [text] = mails_about(passport, DORA)
    assert "closed since then" in text


# Another address of the same vendor


def test_second_refused_address_of_a_vendor_is_news(passport):
    vendor = passport.invited(DORA)
    for number, address in enumerate(("gone@mail.example", "gone-too@mail.example")):
        passport.tenant.smtp(fault={"reply": "550 no such mailbox", "address": address, "count": 1})
        vendor.refresh_from_db()
        email_change.start(vendor, new=address, reason="moved")
        passport.work()
        passport.work()
        assert len(mails_about(passport, address)) == 1, number

    [case] = Failure.objects.filter(reason="mail_refused")
    assert case.count == 2
    assert all("mail_refused" in text for address in ("gone@mail.example",) for text in mails_about(passport, address))


@pytest.mark.usefixtures("worker_lives")
def test_same_refused_address_again_is_none(passport):
    vendor = create_vendor(state="invited", primary_email=DORA)
    for _time in range(2):
        cases.report(stage="mail", reason="mail_refused", user=vendor.user, address=DORA)
        passport.work()
    assert len(passport.vm_mail(DORA)) == 1, "the digest tells of the second time"


# A common cause that returns


def test_common_cause_that_returns_names_this_times_people(passport):
    for address in (DORA, GITA):
        passport.invited(address)
    passport.tenant.fault("token", status=503)
    tries(passport, DORA)
    passport.work()
    tries(passport, DORA)
    assert Failure.objects.get().state == Failure.State.RESOLVED
    passport.tenant.fault("token", status=503)
    tries(passport, GITA)
    passport.work()

    assert len(mails_about(passport, DORA)) == 1
    [mail] = [mail for mail in passport.tenant.mails(VM_MAILBOX) if GITA in mail["text"]]
    assert mail["subject"].endswith(f": {GITA}")
    assert DORA not in mail["text"]
    assert Failure.objects.get().address == GITA


# The digest


@pytest.mark.usefixtures("worker_lives")
def test_digest_is_daily_however_often_the_worker_runs(passport):
    vendor = create_vendor(state="invited", primary_email=DORA)

    def fails_again() -> None:
        cases.report(stage="sign_in", reason="declined", user=vendor.user)
        passport.work()

    for _time in range(4):
        fails_again()
    assert len(passport.vm_mail("Daily summary: ")) == 1
    due = DueDate.objects.get(name=mail_to_vm.DIGEST).due_at
    assert (due.hour, due.minute) == (6, 0)
    assert dt.timedelta(0) < due - timezone.now() <= dt.timedelta(days=1)

    minutes_pass(24 * 60)
    passport.work()
    passport.work()
    assert len(passport.vm_mail("Daily summary: ")) == 2


@pytest.mark.usefixtures("worker_lives")
def test_digest_that_could_not_be_sent_is_still_due(passport):
    vendor = create_vendor(state="invited", primary_email=DORA)
    for _time in range(2):
        cases.report(stage="sign_in", reason="declined", user=vendor.user)
        mail_to_vm.tell(Failure.objects.get().pk)
    passport.tenant.smtp(fault={"reply": "451 later", "address": VM_MAILBOX, "count": 1})
    passport.work()
    assert passport.vm_mail("Daily summary: ") == []
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")
    passport.work()
    assert len(passport.vm_mail("Daily summary: ")) == 1


# The hourly limit


def _twenty(passport: Passport, reason: str) -> None:
    for number in range(mail_to_vm.MAILS_AN_HOUR):
        cases.report(stage="sign_in", reason=reason, address=f"v{number}@mail.example")
    passport.work()


@pytest.mark.usefixtures("worker_lives")
@pytest.mark.parametrize(
    ("stage", "reason"),
    [
        ("email_change", "change_disputed"),
        ("mail", "mail_refused"),
        ("sign_in", "client_secret_expired"),
        ("sign_in", "client_secret_wrong"),
        ("invitation", "graph_credential"),
    ],
)
def test_what_is_urgent_goes_at_once_beyond_the_limit(passport, stage, reason):
    _twenty(passport, "declined")
    vendor = create_vendor(state="invited", primary_email=DORA)
    cases.report(stage=stage, reason=reason, user=vendor.user)
    passport.work()

    assert len(mails_about(passport, DORA)) == 1
    assert not FailurePerson.objects.filter(address=DORA, mail_counted_at__isnull=False).exists()


@pytest.mark.usefixtures("worker_lives")
def test_cases_of_operations_use_up_none_of_vms_places(passport):
    _twenty(passport, "staff_acct_missing")
    _twenty(passport, "token_invalid")
    cases.report(stage="sign_in", reason="declined", address=DORA)
    passport.work()

    assert len(mails_about(passport, DORA)) == 1
    minutes_pass(10)
    passport.work()
    told = [line for mail in passport.tenant.mails(VM_MAILBOX) for line in mail["text"].splitlines()]
    for number in range(mail_to_vm.MAILS_AN_HOUR):
        assert told.count(f"v{number}@mail.example") == 2, "of each reason, the rest of them in the list"


@pytest.mark.usefixtures("worker_lives")
def test_mailed_at_is_when_it_was_mailed_also_of_a_list(passport):
    before = timezone.now()
    for number in range(3):
        cases.report(stage="sign_in", reason="declined", address=f"v{number}@mail.example")
    Failure.objects.update(mail_due_at=timezone.now() - dt.timedelta(minutes=6))
    mail_to_vm.tell_overflow(message_id="overflow-1")

    for failure in Failure.objects.all():
        assert before < failure.mailed_at <= timezone.now()


@pytest.mark.usefixtures("worker_lives")
def test_person_who_fails_and_gets_in_again_and_again_keeps_to_the_limit(passport):
    """Each time is news, and each email takes a place of its own."""
    vendor = create_vendor(state="invited", primary_email=DORA)
    for _time in range(mail_to_vm.MAILS_AN_HOUR + 3):
        failure = cases.report(stage="sign_in", reason="declined", user=vendor.user)
        mail_to_vm.tell(failure.pk)
        cases.resolve_for(vendor.user, stages=["sign_in"], how="signed in")

    assert len(passport.vm_mail(DORA)) == mail_to_vm.MAILS_AN_HOUR


# What the person read


def test_token_with_a_good_signature_that_is_refused_names_its_address_as_unproven(passport):
    passport.invited(DORA)
    for number, tampering in enumerate(REFUSED):
        passport.tenant.tamper(**tampering)
        person = passport.person(DORA)
        person.go(f"{passport.url}/sign-in/")
        person.submit("signin")
        person.authenticate()
        assert person.page.path.startswith("/sign-in/problem/"), (number, person.page)
        failure = Failure.objects.latest("last_seen_at")
        assert (failure.user, failure.address, failure.claimed_address) == (None, "", DORA), tampering
    passport.work()

    texts = mails_about(passport, DORA)
    assert texts
    for text in texts:
        lines = text.splitlines()
        assert "not proven" in lines[lines.index(DORA) - 1]


REFUSED: list[dict] = [
    {"claims": {"aud": "11111111-2222-4333-8444-555555555555"}},
    {"claims": {"iss": "https://login.example.com/other/v2.0"}},
    {"claims": {"exp": {"now": -120}}},
    {"claims": {"nbf": {"now": 300}}},
    {"claims": {"nonce": "another"}},
    {"claims": {"ver": "1.0"}},
    {"remove": ["nonce"]},
]


def test_token_with_a_bad_signature_names_nobody(passport):
    passport.invited(DORA)
    passport.tenant.tamper(signature="other_key", claims={"email": "boss@sandberg.example"})
    person = passport.person(DORA)
    person.go(f"{passport.url}/sign-in/")
    person.submit("signin")
    person.authenticate()

    assert Failure.objects.get().claimed_address == ""
