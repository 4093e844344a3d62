from __future__ import annotations

import datetime as dt
import time

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from identity import tasks
from identity.jobs import heartbeat, worker
from identity.jobs.worker import CONCURRENCY_ONCE
from identity.models import Heartbeat, Invitation, User
from vendors import lifecycle


def jobs(status: str, task: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE status = %s AND task_name LIKE %s", [status, f"%{task}"]
        )
        return cursor.fetchone()[0]


def test_once_runs_every_periodic_task_and_says_so(passport):
    tally = passport.work()

    assert tally.failed == 0
    assert tally.done >= 8
    assert not heartbeat.is_dead("worker")
    assert str(tally).startswith(f"done {tally.done}, failed 0, waiting 0")


def test_rolled_back_transaction_defers_nothing(passport):
    with transaction.atomic():
        tasks.mail_failure.defer(failure_id=1)
        transaction.set_rollback(True)
    assert jobs("todo", "mail_failure") == 0


def test_job_of_a_killed_worker_is_taken_up_again(passport):
    vendor = User.objects.create_user()
    invitation = Invitation.objects.create(user=vendor, address="dora@mail.example")
    tasks.send_invitation.defer(invitation_id=str(invitation.pk))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 minute') RETURNING id"
        )
        dead = cursor.fetchone()[0]
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s", [dead])

    passport.work()

    invitation.refresh_from_db()
    assert invitation.state == Invitation.State.SENT


def test_once_does_not_wait_for_ever_for_room_on_the_disk_of_the_database(passport, monkeypatch):
    monkeypatch.setattr(worker, "PATIENCE_ONCE", 2.0)
    vendor = lifecycle.add(name="Dora", primary_email="dora@mail.example", language="en-GB")
    lifecycle.invite(vendor)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION"
            " 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER no_room BEFORE UPDATE ON identity_invitation FOR EACH ROW"
            " WHEN (NEW.state = 'sent') EXECUTE FUNCTION no_room()"
        )
    try:
        began = time.monotonic()
        tally = passport.work()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION no_room CASCADE")

    assert time.monotonic() - began < 30
    assert len(passport.tenant.requests(operation="invitations")) == 1
    assert tally.waiting == 1
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")
    passport.work()
    assert Invitation.objects.get().state == Invitation.State.SENT


def test_slow_graph_does_not_make_invitations_wait_for_each_other(passport):
    passport.tenant.fault("invitations", delay=2, count=None)
    for number in range(CONCURRENCY_ONCE):
        vendor = lifecycle.add(name="", primary_email=f"n{number}@mail.example", language="en-GB")
        lifecycle.invite(vendor)
    passport.work()

    asked = sorted(float(request["at"]) for request in passport.tenant.requests(operation="invitations"))
    assert len(asked) == CONCURRENCY_ONCE
    assert asked[-1] - asked[0] < 2, "the last was asked for only when the first was done"


@pytest.mark.django_db
def test_worker_counts_as_dead_after_five_minutes():
    assert heartbeat.is_dead("worker")
    Heartbeat.objects.create(name="worker", beat_at=timezone.now() - dt.timedelta(minutes=4))
    assert not heartbeat.is_dead("worker")
    Heartbeat.objects.update(beat_at=timezone.now() - dt.timedelta(minutes=6))
    assert heartbeat.is_dead("worker")


@pytest.mark.parametrize("command", ["createsuperuser", "changepassword"])
def test_nobody_gets_a_password(command):
    with pytest.raises(CommandError, match="no passwords"):
        call_command(command)


def test_stalled_periodic_job_that_is_queued_again_does_not_stop_the_rescue(passport):
    """Two jobs cannot hold one queueing lock; the stalled one gives way and the others are rescued all the same."""
    invitation = Invitation.objects.create(user=User.objects.create_user(), address="dora@mail.example")
    tasks.expire_invitations.configure(queueing_lock="expire_invitations").defer(timestamp=1)
    tasks.send_invitation.defer(invitation_id=str(invitation.pk))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing'")
    tasks.expire_invitations.configure(queueing_lock="expire_invitations").defer(timestamp=2)

    passport.work()

    invitation.refresh_from_db()
    assert invitation.state == Invitation.State.SENT
    assert jobs("doing", "") == 0
