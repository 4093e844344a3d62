"""The database goes away and comes back while the worker works."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from tests.own_postgres import OwnPostgres, own_postgres, start_command
from tests.waiting import wait_for

UNDER_WAY = 24  # as many as a worker does at once
AWAY = 12  # seconds; as good as 90, because the pauses have reached seconds by then


@pytest.fixture(scope="module")
def empty_postgres(tmp_path_factory) -> Iterator[OwnPostgres]:
    with own_postgres(tmp_path_factory.mktemp("own")) as running:
        yield running


@pytest.fixture
def postgres(empty_postgres, passport) -> OwnPostgres:
    assert start_command(empty_postgres, passport, "migrate", "--verbosity=0").wait() == 0
    empty_postgres.ask("TRUNCATE procrastinate_jobs, procrastinate_workers, identity_user CASCADE")
    return empty_postgres


@pytest.fixture
def worker(postgres, passport) -> Iterator[subprocess.Popen]:
    process = start_command(postgres, passport, "worker", stderr=subprocess.PIPE)
    yield process
    process.kill()
    process.communicate()


def add_vendors(postgres, passport, tmp_path, *, number: int, prefix: str = "n") -> list[str]:
    addresses = [f"{prefix}{count}@mail.example" for count in range(number)]
    file = tmp_path / f"{prefix}.csv"
    file.write_text("name,email\n" + "".join(f"Somebody,{address}\n" for address in addresses))
    command = start_command(postgres, passport, "import_vendors", file, stdout=subprocess.DEVNULL)
    assert command.wait() == 0
    return addresses


def asked_for(passport) -> Counter[str]:
    requests = passport.tenant.requests(operation="invitations")
    return Counter(request["body"]["invitedUserEmailAddress"] for request in requests)


def mailed_by_passport(passport) -> Counter[str]:
    ours = [mail for mail in passport.tenant.mails() if "passport@sandberg.example" in mail["from"]]
    return Counter(mail["to"] for mail in ours)


def are_all_done(postgres) -> bool:
    [(left,)] = postgres.ask(
        "SELECT count(*) FROM procrastinate_jobs WHERE queue_name <> 'upkeep' AND status IN ('todo', 'doing')"
        " AND (scheduled_at IS NULL OR scheduled_at < now() + interval '2 minutes')"
    )
    return left == 0


def restart_fast(postgres):
    postgres.control("restart", "--mode=fast")


def restart_immediate(postgres):
    postgres.control("restart", "--mode=immediate")


def be_away(postgres):
    postgres.control("stop", "--mode=fast")
    time.sleep(AWAY)
    postgres.control("start")


def cut_every_connection(postgres):
    assert postgres.cut_every_connection() > UNDER_WAY / 2


DISASTERS: list[Callable[[OwnPostgres], None]] = [restart_fast, restart_immediate, be_away, cut_every_connection]


@pytest.mark.parametrize("disaster", DISASTERS)
def test_worker_goes_on_and_what_was_under_way_is_done_once(disaster, postgres, passport, worker, tmp_path):
    passport.tenant.fault("invitations", delay=8, count=None)
    addresses = add_vendors(postgres, passport, tmp_path, number=UNDER_WAY)
    wait_for(lambda: len(asked_for(passport)) == UNDER_WAY)

    disaster(postgres)
    passport.tenant.clear_faults()
    addresses += add_vendors(postgres, passport, tmp_path, number=3, prefix="later")

    wait_for(lambda: are_all_done(postgres), timeout=120)
    assert worker.poll() is None
    assert asked_for(passport) == Counter(addresses)
    assert mailed_by_passport(passport) == Counter(addresses)
    assert postgres.ask("SELECT state, count(*) FROM identity_invitation GROUP BY state") == [("sent", len(addresses))]
    assert postgres.ask("SELECT count(*) FROM procrastinate_workers") == [(1,)]


@pytest.mark.parametrize("disaster", [restart_immediate, be_away])
def test_mail_that_is_going_out_meanwhile_goes_out_once(disaster, postgres, passport, worker, tmp_path):
    addresses = add_vendors(postgres, passport, tmp_path, number=4)
    passport.tenant.smtp(delay=4)
    wait_for(lambda: postgres.ask("SELECT 1 FROM procrastinate_jobs WHERE task_name LIKE '%mail_invitation'"))
    time.sleep(1)

    disaster(postgres)

    wait_for(lambda: are_all_done(postgres), timeout=120)
    assert mailed_by_passport(passport) == Counter(addresses)
    assert worker.poll() is None


def test_idle_worker_whose_connections_are_cut_one_by_one_goes_on(postgres, passport, worker, tmp_path):
    wait_for(lambda: postgres.ask("SELECT 1 FROM procrastinate_workers"))
    for _round in range(3):
        connections = postgres.ask(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        for (pid,) in connections:
            postgres.ask("SELECT pg_terminate_backend(%s)", pid)
            time.sleep(0.3)

    addresses = add_vendors(postgres, passport, tmp_path, number=3)

    wait_for(lambda: are_all_done(postgres), timeout=120)
    assert asked_for(passport) == Counter(addresses)
    assert worker.poll() is None


@contextlib.contextmanager
def full_disk(postgres: OwnPostgres, table: str) -> Iterator[None]:
    """What a PostgreSQL answers that finds no room for a table: others can be written, and all of them read."""
    postgres.ask(
        "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION"
        " 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$"
    )
    postgres.ask(f"CREATE TRIGGER no_room BEFORE UPDATE ON {table} EXECUTE FUNCTION no_room()")
    yield
    postgres.ask("DROP FUNCTION no_room CASCADE")


def test_worker_whose_database_has_a_full_disk_tries_less_and_less_often_and_says_why(
    postgres, passport, worker, tmp_path
):
    wait_for(lambda: postgres.ask("SELECT 1 FROM procrastinate_workers"))
    with full_disk(postgres, "procrastinate_jobs"):
        addresses = add_vendors(postgres, passport, tmp_path, number=3)
        time.sleep(AWAY)
        assert worker.poll() is None

    wait_for(lambda: are_all_done(postgres), timeout=120)
    assert asked_for(passport) == Counter(addresses)
    worker.send_signal(signal.SIGTERM)
    _out, said = worker.communicate(timeout=60)
    lines = [json.loads(line)["event"] for line in said.splitlines()]
    tries = [line for line in lines if line.endswith("Trying again.")]
    assert len(tries) <= 6, lines
    assert all(line.startswith("The database has no space left on its disk: ") for line in tries)
    assert not [line for line in lines if line.startswith("The database is back")]


def test_job_whose_fetching_got_lost_is_done_all_the_same(postgres, passport, worker, tmp_path):
    """The database made it ours, but the connection broke before the worker read that."""
    wait_for(lambda: postgres.ask("SELECT 1 FROM procrastinate_workers"))
    passport.tenant.fault("invitations", delay=3, count=None)
    add_vendors(postgres, passport, tmp_path, number=2)
    wait_for(lambda: len(asked_for(passport)) == 2)
    postgres.ask(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status, worker_id)"
        " SELECT 'upkeep', 'identity.tasks.beat', '{\"timestamp\": 1}', 'doing', id FROM procrastinate_workers"
    )
    postgres.ask(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, args)"
        " VALUES ('upkeep', 'identity.tasks.rescue_stalled_jobs', '{\"timestamp\": 2}')"
    )

    beat = "SELECT status::text FROM procrastinate_jobs WHERE args @> '{\"timestamp\": 1}'"
    wait_for(lambda: postgres.ask(beat) == [("succeeded",)])
    assert max(asked_for(passport).values()) == 1


def has_nothing_to_do(postgres) -> bool:
    """Nor will have within seconds: periodic tasks begin with the minute."""
    [(due,)] = postgres.ask(
        "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"
        " AND (scheduled_at IS NULL OR scheduled_at < now() + interval '5 seconds')"
    )
    return due == 0 and 5 < time.time() % 60 < 50


def test_worker_that_is_stopped_while_the_database_is_away_ends_soon(postgres, passport, worker):
    wait_for(lambda: postgres.ask("SELECT 1 FROM procrastinate_workers"))
    time.sleep(1)
    wait_for(lambda: has_nothing_to_do(postgres))
    postgres.control("stop", "--mode=fast")
    try:
        time.sleep(2)
        worker.send_signal(signal.SIGTERM)

        _out, said = worker.communicate(timeout=15)
    finally:
        postgres.control("start")

    assert worker.returncode == 0, said
    assert "Nothing was under way." in said
    assert "Traceback" not in said, said


def test_worker_that_cannot_go_on_for_another_reason_ends_with_1_and_one_line(postgres, passport, worker):
    wait_for(lambda: postgres.ask("SELECT 1 FROM procrastinate_workers"))
    rename = "ALTER FUNCTION procrastinate_fetch_job_v2 RENAME TO"
    postgres.ask(f"{rename} gone")
    try:
        _out, said = worker.communicate(timeout=60)
    finally:
        postgres.ask("ALTER FUNCTION gone RENAME TO procrastinate_fetch_job_v2")

    assert worker.returncode == 1
    last = json.loads(said.strip().splitlines()[-1])["event"]
    assert last.removeprefix("CommandError: ").startswith("The worker stopped: ")


def test_worker_asked_to_stop_finishes_what_is_under_way_and_exits_with_0(postgres, passport, worker, tmp_path):
    passport.tenant.fault("invitations", delay=3, count=None)
    addresses = add_vendors(postgres, passport, tmp_path, number=2)
    wait_for(lambda: len(asked_for(passport)) == 2)

    worker.send_signal(signal.SIGTERM)

    assert worker.wait(timeout=60) == 0
    assert asked_for(passport) == Counter(addresses)
    assert postgres.ask("SELECT DISTINCT state FROM identity_invitation") == [("sent",)]
