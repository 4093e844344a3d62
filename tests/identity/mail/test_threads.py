"""What an email follows, where an answer to it goes, and that its Message-ID never comes again."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core import mail
from django.utils import timezone

from identity.failures import cases, mail_to_vm, without_record
from identity.jobs import heartbeat
from identity.mail import message_ids
from identity.models import DueDate, Failure, FailurePerson
from tests.factories import create_account, create_vendor

pytestmark = pytest.mark.django_db(transaction=True)

VM, OPERATIONS = ["vm@sandberg.example"], ["operations@sandberg.example"]
DORA = "dora@mail.example"


@pytest.fixture(autouse=True)
def worker_lives(transactional_db):
    heartbeat.beat("worker")


def told(failure: Failure | None) -> mail.EmailMessage:
    assert failure is not None
    mail_to_vm.tell(failure.pk)
    return mail.outbox[-1]


def digest(number: int) -> mail.EmailMessage:
    DueDate.objects.all().delete()
    mail_to_vm.tell_digest(message_id=f"digest-{number}")
    return mail.outbox[-1]


def test_follow_ups_and_repeats_of_a_case_follow_its_first_email():
    case = cases.report(stage="invitation", reason="graph_unavailable", address=DORA)
    first = told(case)
    root = first.extra_headers["Message-ID"]
    cases.report(stage="invitation", reason="graph_unavailable", address="gita@mail.example")
    follow_up = told(case)
    cases.report(stage="invitation", reason="graph_unavailable", address=DORA)
    repeat = digest(1)

    assert "References" not in first.extra_headers
    for later in (follow_up, repeat):
        assert later.extra_headers["References"] == later.extra_headers["In-Reply-To"] == root
        assert later.extra_headers["Message-ID"] != root
    cases.resolve(case, how="again")
    again = told(cases.report(stage="invitation", reason="graph_unavailable", address="eva@mail.example"))
    assert again.extra_headers["References"] == root, "a case that is opened again is the same one"


def test_who_answers_an_email_about_a_case_writes_to_whom_it_is_about():
    vendor = create_vendor(state="invited", primary_email=DORA)
    assert told(cases.report(stage="sign_in", reason="declined", user=vendor.user)).reply_to == [DORA]
    claimed = cases.report(
        stage="sign_in", reason="consent_declined", user=vendor.user, claimed_address="eve@x.example"
    )
    assert told(claimed).reply_to == [DORA]
    for reason in ("mail_refused", "change_disputed"):
        case = cases.report(stage="mail", reason=reason, user=vendor.user, address=DORA)
        assert told(case).reply_to == VM, "the mailbox is what is in question"
    typed = cases.report(stage="sign_in", reason="says_cannot_sign_in", typed_address=DORA)
    assert told(typed).reply_to == VM, "anybody can type it"
    gone = create_vendor(primary_email="new@mail.example")
    account = create_account(user=gone.user, address="typo@mail.example")
    type(account).objects.filter(pk=account.pk).update(revoked_at=timezone.now(), revoked_why="withdrawn")
    case = cases.report(stage="sign_in", reason="access_revoked", user=gone.user, address="typo@mail.example")
    assert told(case).reply_to == VM, "a mistyped address is somebody else's"
    assert told(cases.report(stage="sign_in", reason="token_invalid", user=vendor.user)).reply_to == OPERATIONS


def test_email_without_a_record_goes_to_vm_and_operations():
    without_record.tell(stage="sign_in", reason="declined", address=DORA)
    heartbeat.Heartbeat.objects.all().delete()
    heartbeat.tell_worker_is_dead()

    record, worker = mail.outbox
    assert (record.to, record.reply_to) == ([*VM, *OPERATIONS], OPERATIONS)
    assert (worker.to, worker.reply_to) == (OPERATIONS, OPERATIONS)
    assert DORA in record.subject


def test_digest_writes_fifty_out_and_counts_all():
    now = timezone.now()
    rows = [
        Failure(
            subject=f"address:v{n}@mail.example",
            stage="sign_in",
            reason="declined",
            first_seen_at=now,
            last_seen_at=now,
        )
        for n in range(505)
    ]
    people = [
        FailurePerson(
            failure=failure,
            who=failure.subject,
            address=failure.subject[8:],
            is_typed=True,
            waits_for_digest=True,
            first_seen_at=now - dt.timedelta(days=1),
            last_seen_at=now,
        )
        for failure in Failure.objects.bulk_create(rows)
    ]
    FailurePerson.objects.bulk_create(people)

    message = digest(1)

    assert message.subject == "[Passport] Daily summary: 505 cases"
    links = re.findall(r"/admin/identity/failure/(\d+)/change/", message.body)
    assert (len(links), len(set(links))) == (50, 50)
    assert "And 455 more cases." in message.body.splitlines()
    assert message.body.count("/admin/identity/failure/?state__exact=open") == 1
    assert not FailurePerson.objects.filter(reported_at=None).exists()
    count = len(mail.outbox)
    DueDate.objects.all().delete()
    mail_to_vm.tell_digest(message_id="digest-2")
    assert len(mail.outbox) == count, "nobody is told of twice"


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://passport.sandberg.example:8443", "passport.sandberg.example"),
        ("http://127.0.0.1:8000", "[127.0.0.1]"),
        ("http://[::1]:8000", "[IPv6:::1]"),
        ("https://pässe.example", "xn--psse-loa.example"),
    ],
)
def test_message_id_is_the_sites_and_of_this_event_alone(settings, url, domain):
    settings.BASE_URL = url
    at = timezone.now()

    ours = message_ids.of("acceptances", 7, at)

    assert re.fullmatch(rf"<acceptances-[0-9a-f]{{32}}@{re.escape(domain)}>", ours)
    assert ours == message_ids.of("acceptances", 7, at), "when the task runs again"
    # After a restore another row gets the number.
    assert ours != message_ids.of("acceptances", 7, at + dt.timedelta(microseconds=1))
    settings.SECRET_KEY = "another installation's"
    assert ours != message_ids.of("acceptances", 7, at)
