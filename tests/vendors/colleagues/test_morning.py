"""The morning email: once a day, to those who own vendors, and only if something is waiting."""

import datetime as dt

import pytest
from django.core import mail
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.factories import create_staff, create_vendor
from vendors.colleagues import absences, morning
from vendors.models import ColleaguePreferences, VendorState

pytestmark = pytest.mark.django_db
TASK = "vendors.tasks.mail_morning"


@pytest.fixture
def otto():
    return create_staff(email="otto@sandberg.example")


def send() -> list:
    """What the tasks that are queued now send."""
    jobs = ProcrastinateJob.objects.filter(task_name=TASK, status="todo")
    for job in jobs:
        morning.mail(**job.args)
    count, mail.outbox[:] = list(mail.outbox), []
    ProcrastinateJob.objects.filter(task_name=TASK).delete()
    return count


def submitted(owner):
    return create_vendor(state=VendorState.SUBMITTED, owner=owner)


def test_owner_is_told_what_is_waiting(otto):
    submitted(otto)
    submitted(create_staff())

    assert morning.queue_due() == 2
    message = next(message for message in send() if message.to == [otto.email])

    assert "Submissions to review: 1 (oldest:" in message.body
    assert "whose=mine" in message.body
    assert "/admin/vendors/absence/" in message.body


def test_once_a_day_by_a_due_date(otto):
    submitted(otto)
    now = timezone.now()

    assert morning.queue_due(now=now) == 1
    assert morning.queue_due(now=now) == 0
    assert ColleaguePreferences.objects.get(user=otto).morning_due_at > now
    assert morning.queue_due(now=now + dt.timedelta(days=1)) == 1


def test_nothing_waiting_is_no_email(otto):
    create_vendor(state=VendorState.PREPARED, owner=otto)

    assert morning.queue_due() == 1
    assert send() == []


def test_who_owns_nothing_gets_none(otto):
    submitted(None)

    assert morning.queue_due() == 0


def test_switched_off(as_vera, vera):
    submitted(vera)
    as_vera.post("/admin/vendors/absence/preferences/", {"first_page": "all"})

    assert morning.queue_due() == 0


def test_switched_off_after_it_was_queued(as_vera, vera):
    submitted(vera)
    morning.queue_due()
    as_vera.post("/admin/vendors/absence/preferences/", {"first_page": "all"})

    assert send() == []


def test_cover_gets_it_while_the_owner_is_away(otto):
    cover, today = create_staff(email="pia@sandberg.example"), timezone.localdate()
    submitted(otto)
    absences.add(otto, starts_on=today, ends_on=today, cover=cover, by=otto)

    morning.queue_due()

    assert [message.to for message in send()] == [[cover.email]]


def test_colleague_who_left_gets_none(otto):
    submitted(otto)
    otto.roles = []
    otto.save()

    morning.queue_due()

    assert send() == []
