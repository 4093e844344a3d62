"""What strangers can make Passport say to VM: little, once a day, and never in operations' name."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import requests
from django.core.management import call_command
from django.utils import timezone

from identity.failures import entra_log, reasons, without_worker
from identity.models import DueDate, Failure, FailurePerson, Heartbeat, SignInAttempt, protected_rows
from tests.clients import signed_in
from tests.factories import create_failure, create_staff, create_vendor
from tests.identity.failures.test_everyone_is_told import DORA, GITA, OPERATIONS, mails_about, minutes_pass, tries
from tests.passport_fixture import Passport
from tests.person import Person
from tests.waiting import wait_for
from vendors.diagnosis import explanation

FORM = "/help/cannot-sign-in/"


@pytest.fixture(autouse=True)
def worker_lives(transactional_db) -> None:
    Heartbeat.objects.create(name="worker", beat_at=timezone.now())


def begins_and_declines(passport: Passport, *, person: Person | None = None, answer: str = "") -> Person:
    """A stranger presses "Sign in" and makes up what Microsoft answers."""
    person = person or passport.person(GITA)
    person.go(f"{passport.url}/sign-in/")
    response = person.browser.post(
        f"{passport.url}/auth/login/entra/",
        {"csrfmiddlewaretoken": person.browser.cookies["passport_csrf"]},
        headers={"Referer": passport.url},
        allow_redirects=False,
    )
    state = re.search(r"[?&]state=([^&]+)", response.headers["Location"])[1]
    person.go(f"{passport.url}/auth/complete/entra/?{answer or 'error=access_denied'}&state={state}")
    return person


def names(person: Person, address: str) -> None:
    person.submit("which-address", address=address)


def test_many_who_begin_and_decline_share_one_case_told_in_the_digest(passport):
    for _time in range(5):
        begins_and_declines(passport)
    passport.work()
    case = Failure.objects.get()
    assert (case.reason, case.count, case.user, case.address) == ("declined", 5, None, "")
    assert case.subject == f"unknown:{timezone.now():%Y-%m-%d}"
    assert passport.vm_mail() == []

    minutes_pass(10)
    passport.work()
    begins_and_declines(passport)
    minutes_pass(10)
    passport.work()
    [mail] = passport.vm_mail()
    assert mail["subject"] == "[Passport] Daily summary: 1 case"
    assert "declined" in mail["text"].splitlines()
    assert "5 times" in mail["text"]
    assert not FailurePerson.objects.exclude(mail_counted_at=None).exists(), "outside the twenty"


def test_another_day_is_another_case(passport):
    begins_and_declines(passport)
    with protected_rows.lifted():
        Failure.objects.update(subject="unknown:2026-01-01")
    begins_and_declines(passport)

    assert Failure.objects.count() == 2


def days_pass(case: Failure) -> None:
    with protected_rows.lifted():
        Failure.objects.filter(pk=case.pk).update(subject="unknown:2026-01-01")


def test_case_of_strangers_closes_by_itself_when_it_has_been_told_and_its_day_is_over(passport):
    for _time in range(3):
        begins_and_declines(passport)
    case = Failure.objects.get()
    days_pass(case)
    passport.work()
    case.refresh_from_db()
    assert case.state == Failure.State.OPEN, "nobody was told"

    minutes_pass(10)
    passport.work()
    [mail] = passport.vm_mail()
    assert "This case closes automatically at the end of the day it covers." in mail["text"]
    case.refresh_from_db()
    assert (case.state, case.count, case.resolved_by) == (Failure.State.RESOLVED, 3, None)
    page = signed_in(create_staff()).get(f"/admin/identity/failure/{case.pk}/change/").text
    assert "the day it covers has ended" in page
    assert "<td>3</td>" in page


def test_case_of_today_and_one_with_news_stay_open(passport):
    begins_and_declines(passport)
    minutes_pass(10)
    passport.work()
    case = Failure.objects.get()
    assert case.state == Failure.State.OPEN, "its day goes on"

    begins_and_declines(passport)
    days_pass(case)
    passport.work()
    case.refresh_from_db()
    assert case.state == Failure.State.OPEN, "it happened again since the digest"


def test_case_that_operations_have_to_repair_stays_open(passport):
    case = create_failure(reason="tls_error")
    days_pass(case)
    case.people.update(reported_at=timezone.now(), told_count=case.count)
    passport.work()

    case.refresh_from_db()
    assert case.state == Failure.State.OPEN


# Without a worker


def test_web_process_sends_the_digest_that_is_due_when_no_worker_runs(passport):
    begins_and_declines(passport)
    case = Failure.objects.get()
    minutes_pass(10)
    ready(passport)
    assert passport.vm_mail() == [], "the worker will send it"

    Heartbeat.objects.update(beat_at=timezone.now() - dt.timedelta(minutes=6))
    ready(passport)
    [mail] = wait_for(passport.vm_mail)
    assert "declined" in mail["text"].splitlines()
    assert DueDate.objects.get().due_at > timezone.now()
    Heartbeat.objects.filter(name=without_worker.LOOKED).delete()
    ready(passport)
    wait_for(lambda: Heartbeat.objects.filter(name=without_worker.LOOKED).exists())
    assert len(passport.vm_mail()) == 1, "once a day"
    assert case.people.get().reported_at


def test_web_process_sends_the_list_that_the_hourly_limit_held_back_when_no_worker_runs(passport):
    case = create_failure(user=create_vendor(primary_email=DORA).user, address=DORA)
    long_ago = timezone.now() - dt.timedelta(minutes=6)
    Failure.objects.filter(pk=case.pk).update(mail_due_at=long_ago)
    Heartbeat.objects.update(beat_at=long_ago)

    begins_and_declines(passport)  # any failure that the web process sees will do

    wait_for(lambda: mails_about(passport, DORA))


def test_nothing_is_sent_without_a_worker_while_traffic_is_on_hold(passport, settings):
    begins_and_declines(passport)
    minutes_pass(10)
    Heartbeat.objects.update(beat_at=timezone.now() - dt.timedelta(minutes=6))
    settings.OUTBOUND = "hold"

    without_worker.send_overdue()

    assert passport.vm_mail() == []


def ready(passport: Passport) -> None:
    assert requests.get(f"{passport.url}/readyz", timeout=20).status_code == 200


def test_digest_lists_each_address_that_strangers_typed_once_and_marks_them(passport):
    person = begins_and_declines(passport)
    names(person, "b@nowhere.example")
    for address in ("a@nowhere.example", "A@nowhere.example"):
        names(begins_and_declines(passport, person=person), address)
    minutes_pass(10)
    passport.work()

    [mail] = passport.vm_mail()
    lines = mail["text"].splitlines()
    for address in ("a@nowhere.example", "b@nowhere.example"):
        assert lines.count(address) == 1
        assert lines[lines.index(address) + 1].strip() == "typed, not proven"
    assert Failure.objects.count() == 1


def test_digest_lists_two_hundred_addresses_and_then_the_number(passport):
    names(begins_and_declines(passport), "x0@nowhere.example")
    case = Failure.objects.get()
    now = timezone.now()
    FailurePerson.objects.bulk_create(
        FailurePerson(
            failure=case,
            who=f"address:x{number}@nowhere.example",
            address=f"x{number}@nowhere.example",
            is_typed=True,
            waits_for_digest=True,
            first_seen_at=now,
            last_seen_at=now,
        )
        for number in range(1, 230)
    )
    minutes_pass(10)
    passport.work()

    [mail] = passport.vm_mail()
    assert len([line for line in mail["text"].splitlines() if line.endswith("@nowhere.example")]) == 200
    assert "and 30 more" in mail["text"]
    assert not FailurePerson.objects.filter(reported_at=None).exists()


@pytest.mark.parametrize("state", ["prepared", "invited", "onboarding"])
def test_vendors_address_that_was_typed_is_a_case_of_its_own_at_once(passport, state):
    create_vendor(state=state, primary_email=DORA)
    begins_and_declines(passport)
    person = begins_and_declines(passport)
    names(person, "Dora@mail.example")
    passport.work()

    own = Failure.objects.get(subject=f"address:{DORA}")
    assert own.reference in person.page.text
    assert (own.user, own.is_typed, own.count) == (None, True, 1)
    assert Failure.objects.get(subject__startswith="unknown:").count == 1
    [mail] = passport.vm_mail()
    assert own.reference in mail["text"]
    assert "Address (typed, not proven):" in mail["text"]
    assert "not proven" in mail["subject"]


def test_page_tells_nobody_whose_address_it_is(passport):
    """Vendor or not: another reference, the same page, and the same again for the same address."""
    create_vendor(state="invited", primary_email=DORA)
    seen: dict[str, set[str]] = {}
    pages = set()
    for address in (DORA, "a@nowhere.example", DORA, "a@nowhere.example"):
        person = begins_and_declines(passport)
        shared = person.page.path
        names(person, address)
        reference = person.page.path.split("/")[-2]
        assert person.page.path != shared
        seen.setdefault(address, set()).add(reference)
        pages.add(person.page.text.replace(reference, ""))

    assert [len(references) for references in seen.values()] == [1, 1]
    assert len(pages) == 1


def test_public_form_with_an_address_of_nobody_joins_the_days_case(client, passport):
    for number in range(3):
        client.post(FORM, {"address": f"x{number}@nowhere.example"})
    passport.work()
    case = Failure.objects.get()
    assert (case.reason, case.count) == ("says_cannot_sign_in", 3)
    assert passport.vm_mail() == []

    minutes_pass(10)
    passport.work()
    [mail] = passport.vm_mail()
    for number in range(3):
        assert f"x{number}@nowhere.example" in mail["text"].splitlines()


def test_signed_account_that_nobody_invited_is_a_case_of_its_own(passport):
    passport.tenant.add_guest(GITA)
    person = passport.person(GITA)
    person.go(f"{passport.url}/sign-in/")
    person.submit("signin")
    person.authenticate()
    passport.work()

    assert len(mails_about(passport, GITA)) == 1
    names(person, DORA)
    passport.work()
    [text] = mails_about(passport, DORA)
    assert "Address (typed, not proven):" in text
    assert GITA in text.splitlines()


# Operations believe the back channel alone

OURS = sorted(
    {number for number, code in reasons.BY_AADSTS.items() if reasons.get(code).audience == reasons.OPERATIONS}
)


def test_no_number_in_a_url_opens_a_case_for_operations(passport):
    person = passport.person(GITA)
    answers = [f"error=invalid_client&error_description=AADSTS{number}:+x" for number in OURS]
    answers += [f"error={error}" for error in ("server_error", "invalid_request", "unauthorized_client", "new")]
    for answer in answers:
        begins_and_declines(passport, person=person, answer=answer)
    minutes_pass(10)
    passport.work()

    case = Failure.objects.get()
    assert (case.reason, case.count) == ("microsoft_refused", len(answers))
    assert passport.tenant.mails(OPERATIONS) == []
    assert len(passport.vm_mail()) == 1


def test_made_up_expiry_of_the_secret_does_not_hide_the_real_one(passport):
    begins_and_declines(passport, answer="error=invalid_client&error_description=AADSTS7000222:+x")
    passport.invited(DORA)
    passport.tenant.fault(
        "token", status=401, body={"error": "invalid_client", "error_description": "AADSTS7000222: expired"}
    )
    tries(passport, DORA)
    passport.work()

    assert len(mails_about(passport, DORA, mailbox=OPERATIONS)) == 1
    assert Failure.objects.filter(reason="client_secret_expired").get().count == 1


def test_what_the_browser_brought_does_not_hide_what_the_log_says(passport):
    passport.invited(DORA)
    passport.tenant.authorize_fault(error="access_denied", error_description="AADSTS53003: blocked by policy")
    tries(passport, DORA)
    assert Failure.objects.get().reason == "microsoft_refused"
    passport.tenant.add_sign_in(DORA, 53003)

    assert entra_log.collect() == 1
    assert Failure.objects.filter(reason="conditional_access").exists()


# Typed, not proven: wherever VM reads it

TYPED = "typed, not proven"


def test_typed_address_is_marked_in_the_admin_and_in_the_commands(client, capsys):

    vendor = create_vendor(state="invited", primary_email=DORA)
    case = create_failure(address=DORA, reason="says_cannot_sign_in")
    client.force_login(create_staff())
    pages = {
        "list": "/admin/identity/failure/",
        "case": f"/admin/identity/failure/{case.pk}/change/",
        "vendor": f"/admin/vendors/vendor/{vendor.pk}/explain/",
        "address": f"/admin/vendors/vendor/explain/?email={DORA}",
    }
    for name, url in pages.items():
        assert TYPED in client.get(url).content.decode(), name

    call_command("failures")
    assert f"{DORA} ({TYPED})" in capsys.readouterr().out
    call_command("explain_sign_in", DORA)
    assert TYPED in capsys.readouterr().out


def test_strangers_typed_address_is_found_and_marked(client, passport):
    person = begins_and_declines(passport)
    names(person, "x@nowhere.example")
    reference = person.page.path.split("/")[-2]
    client.force_login(create_staff())
    case = Failure.objects.get()

    for url in (
        f"/admin/identity/failure/{case.pk}/change/",
        "/admin/vendors/vendor/explain/?email=x@nowhere.example",
    ):
        page = client.get(url).content.decode()
        assert "x@nowhere.example" in page
        assert TYPED in page
    for term in (reference, "x@nowhere"):
        assert case.reference in client.get(f"/admin/identity/failure/?q={term}").content.decode()


def test_address_of_an_invitation_is_not_called_typed(client, passport):
    passport.invited(DORA)
    tries(passport, DORA, consent=False)
    passport.work()
    client.force_login(create_staff())

    [text] = mails_about(passport, DORA)
    assert TYPED not in text
    assert TYPED not in client.get(f"/admin/identity/failure/{Failure.objects.get().pk}/change/").content.decode()


def test_attempts_of_strangers_are_nobody_elses(passport):
    """They hang on the case that strangers share, and no vendor's page lists them."""
    vendor = create_vendor(state="invited", primary_email=DORA)
    for _time in range(2):
        begins_and_declines(passport)
    names(begins_and_declines(passport), DORA)

    known = explanation.explain(vendor)
    assert [case.subject for case in known.failures] == [f"address:{DORA}"]
    assert known.attempts == []
    assert SignInAttempt.objects.count() == 3
