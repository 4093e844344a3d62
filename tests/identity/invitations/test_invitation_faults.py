"""Inviting under fault: whatever Graph, the worker or the database do, afterwards there is exactly one guest for each
address, and every invitation is sent, refused with a reason, or still queued with the time of its next try.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import signal
import threading
from collections import Counter
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection, transaction
from django.utils import timezone

from identity.invitations import lifecycle as invitations
from identity.jobs import retries
from identity.microsoft import http
from identity.models import EntraAccount, Failure, GraphPause, Invitation, User
from tests.passport_fixture import Passport
from tests.passport_fixture import in_thread as in_new_thread
from tests.real_worker import kill, real_worker
from tests.waiting import somebody_waits_for_us, wait_for
from vendors import lifecycle
from vendors.models import Vendor, VendorState

HTML = {"body": "<html>Sorry</html>", "content_type": "text/html"}
DORA = "dora@mail.example"


def queue(address: str) -> Vendor:
    vendor = lifecycle.add(name="Somebody", primary_email=address, language="en-GB")
    lifecycle.invite(vendor)
    return vendor


def state(address: str) -> tuple[str, str]:
    invitation = Invitation.objects.get(address=address)
    return invitation.state, invitation.reason


def make_due() -> None:
    """As if the time to the next try had passed."""
    Invitation.objects.update(next_try_at=None)
    GraphPause.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")


def asked(passport: Passport, operation: str = "invitations") -> int:
    return len(passport.tenant.requests(operation=operation))


def assert_settled(passport: Passport, addresses: list[str]) -> None:
    """The invariants that hold whatever has happened."""
    guests = Counter(guest["mail"] for guest in passport.tenant.guests())
    assert set(guests.values()) <= {1}, guests
    open_ones = Counter(Invitation.objects.open().values_list("user", flat=True))
    assert set(open_ones.values()) <= {1}
    for invitation in Invitation.objects.filter(address__in=addresses):
        match invitation.state:
            case Invitation.State.SENT:
                assert str(invitation.account.oid) == passport.tenant.guest(invitation.address)["id"]
                assert invitation.account.created_by_passport, f"nobody else made {invitation.address}"
                assert Vendor.objects.get(user=invitation.user).state == VendorState.INVITED
            case Invitation.State.QUEUED:
                assert invitation.next_try_at is not None, invitation
                assert invitation.reason, invitation
            case _:
                assert invitation.state == Invitation.State.REFUSED
                assert Failure.objects.open().filter(user=invitation.user, reason=invitation.reason).exists()
    accounts = EntraAccount.objects.values_list("oid", flat=True)
    assert len(set(accounts)) == len(accounts)


# What Graph answers. All at once, each to its own address: no fault may touch another's invitation.

PASSING: dict[str, dict[str, Any]] = {
    "503": {"status": 503},
    "500": {"status": 500, "body": {"error": {"code": "InternalServerError"}}},
    "502 HTML": {"status": 502, **HTML},
    "504": {"status": 504},
    "reset": {"connection": "reset"},
    "closed": {"connection": "close"},
    "timeout": {"delay": 4},
    "dribble": {"connection": "dribble"},
    "redirect": {"status": 302, "headers": {"Location": "http://127.0.0.1:1/"}},
    "200 empty": {"status": 200, "body": ""},
    "200 HTML": {"status": 200, **HTML},
    "201 half": {"status": 201, "body": '{"id": "x", "invitedUs'},
    "201 list": {"status": 201, "body": []},
    "201 without guest": {"status": 201, "body": {"id": "x"}},
    "201 with a guest that is none": {"status": 201, "body": {"id": "x", "invitedUser": {"id": "admin"}}},
    "endless": {"status": 201, "body": "x" * (http.MAX_BYTES + 1)},
    "committed, then 504": {"status": 504, "after": True},
    "committed, then 500": {"status": 500, "after": True},
    "committed, then reset": {"connection": "reset", "after": True},
    "committed, then half a body": {"connection": "half"},
    "committed, then timeout": {"after": True, "delay": 4},
}
LOOK_UP: dict[str, dict[str, Any]] = {
    "look-up 503": {"status": 503},
    "look-up reset": {"connection": "reset", "count": 2},
    "look-up 200 HTML": {"status": 200, **HTML},
    "look-up timeout": {"delay": 4},
}


def address_of(name: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in name.lower()) + "@mail.example"


def test_passing_trouble(passport, monkeypatch):
    monkeypatch.setattr(http, "TOTAL_SECONDS", 2.0)
    monkeypatch.setattr(retries, "DELAYS", (600,))  # the first round may take longer than the ten seconds of these
    for operation, faults in (("invitations", PASSING), ("users.list", LOOK_UP)):
        for name, fault in faults.items():
            # The look-up's query is encoded once more on its way.
            match = address_of(name) if operation == "invitations" else quote(address_of(name))
            passport.tenant.fault(operation, match=match, **fault)
    addresses = [address_of(name) for name in (*PASSING, *LOOK_UP)]
    for address in addresses:
        queue(address)

    passport.work()

    queued = (Invitation.State.QUEUED, "graph_unavailable")
    assert {address: state(address) for address in addresses} == dict.fromkeys(addresses, queued)
    assert_settled(passport, addresses)
    before = asked(passport), asked(passport, "users.list")
    passport.work()
    assert (asked(passport), asked(passport, "users.list")) == before, "asked before its time"

    # Graph may still be at work on a call that nobody waits for any more; the next try comes after that.
    wait_for(lambda: passport.tenant.guest(address_of("timeout")))
    make_due()
    passport.work()

    assert {address: state(address) for address in addresses} == dict.fromkeys(addresses, (Invitation.State.SENT, ""))
    assert_settled(passport, addresses)
    assert not Failure.objects.exists(), "one try that failed is nobody's business"
    for address in addresses:
        mails = [mail for mail in passport.tenant.mails(address) if mail["source"] == "invitation"]
        assert len(mails) == 1, "also when Graph had mailed before its answer was lost"


FOR_EVER: dict[str, tuple[str, dict[str, Any]]] = {
    "400": ("address_refused", {"status": 400, "body": {"error": {"code": "BadRequest", "message": "no"}}}),
    "member": (
        "address_is_member",
        {
            "status": 400,
            "body": {"error": {"code": "BadRequest", "message": "The invited user already exists in the directory"}},
        },
    ),
    "500 Unable to find target address": (
        "graph_gave_up",
        {"status": 500, "body": {"error": {"code": "InternalServerError", "message": "Unable to find target address"}}},
    ),
    "201 status Error": (
        "invitation_failed",
        {"status": 201, "body": {"status": "Error", "invitedUser": {"id": "0" * 32}}},
    ),
    "201 status Error without a guest": ("invitation_failed", {"status": 201, "body": {"status": "error"}}),
}


def test_final_answers(passport):
    """Refused in VM's words: at once, or after five tries where the answer could have been passing trouble."""
    for name, (_reason, fault) in FOR_EVER.items():
        passport.tenant.fault("invitations", match=address_of(name), count=None, **fault)
    vendors = {name: queue(address_of(name)) for name in FOR_EVER}
    queue(DORA)

    for _try in range(7):
        passport.work()
        make_due()

    for name, (reason, _fault) in FOR_EVER.items():
        assert state(address_of(name)) == (Invitation.State.REFUSED, reason), name
        [failure] = Failure.objects.open().filter(user=vendors[name].user, reason=reason)
        assert failure.address == address_of(name)
    tries = Counter(
        request["body"]["invitedUserEmailAddress"] for request in passport.tenant.requests(operation="invitations")
    )
    assert tries == {
        address_of("400"): 1,
        address_of("member"): 1,
        address_of("500 Unable to find target address"): 5,
        address_of("201 status Error"): 1,
        address_of("201 status Error without a guest"): 1,
        DORA: 1,
    }
    assert state(DORA) == (Invitation.State.SENT, "")


# The token

TOKEN: dict[str, tuple[str, dict[str, Any]]] = {
    "500": ("graph_unavailable", {"status": 500}),
    "503 with Retry-After": ("graph_unavailable", {"status": 503, "headers": {"Retry-After": "120"}}),
    "429": ("graph_unavailable", {"status": 429, "headers": {"Retry-After": "120"}}),
    "timeout": ("graph_unavailable", {"delay": 3}),
    "reset": ("graph_unavailable", {"connection": "reset"}),
    "bad JSON": ("graph_unavailable", {"status": 200, "body": "{"}),
    "HTML": ("graph_unavailable", {"status": 200, **HTML}),
    "401": ("graph_credential", {"status": 401, "body": {"error": "invalid_client", "error_codes": [7000222]}}),
}


@pytest.mark.parametrize(("reason", "fault"), TOKEN.values(), ids=TOKEN)
def test_no_token(passport, monkeypatch, reason, fault):
    monkeypatch.setattr(http, "TOTAL_SECONDS", 1.0)
    # Cleared by hand: every periodic task that speaks to Graph meets the same fault.
    passport.tenant.fault("app_token", count=None, **fault)
    queue(DORA)

    passport.work()

    assert state(DORA) == (Invitation.State.QUEUED, reason)
    assert_settled(passport, [DORA])
    invitation = Invitation.objects.get()
    if "Retry-After" in fault.get("headers", {}):
        assert (invitation.next_try_at - timezone.now()).total_seconds() > 100
    assert asked(passport) == 0
    assert Failure.objects.filter(reason="graph_credential").exists() == (reason == "graph_credential")
    passport.tenant.clear_faults()
    make_due()
    passport.work()

    assert state(DORA) == (Invitation.State.SENT, "")
    assert_settled(passport, [DORA])
    assert not Failure.objects.open().exists()


# Throttled


def in_http_date(seconds: float) -> str:
    return format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("header", "at_least"),
    [
        pytest.param(lambda: {"Retry-After": "90"}, 90, id="seconds"),
        pytest.param(lambda: {"Retry-After": in_http_date(90)}, 88, id="HTTP date"),
        pytest.param(dict, 5, id="none"),
    ],
)
def test_throttled(passport, header, at_least):
    passport.tenant.fault("invitations", status=429, headers=header())
    queue(DORA)

    passport.work()

    assert state(DORA)[0] == Invitation.State.QUEUED
    invitation = Invitation.objects.get()
    assert (invitation.next_try_at - invitation.queued_at).total_seconds() >= at_least
    passport.work()
    assert asked(passport) == 1, "asked before Retry-After ran out"
    make_due()
    passport.work()
    assert state(DORA) == (Invitation.State.SENT, "")
    assert_settled(passport, [DORA])


def test_throttled_three_times(passport):
    passport.tenant.fault("invitations", status=429, headers={"Retry-After": "30"}, count=3)
    queue(DORA)
    for _try in range(4):
        passport.work()
        make_due()

    assert state(DORA) == (Invitation.State.SENT, "")
    assert asked(passport) == 4
    assert not Failure.objects.exists(), "being asked to wait is no failure"


def test_early_job_waits_for_retry_after(passport):
    """A worker that is killed between noting the next try and putting its job off leaves a job that is due."""
    passport.tenant.fault("invitations", status=503, headers={"Retry-After": "90"})
    queue(DORA)
    passport.work()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")

    passport.work()

    assert asked(passport) == 1
    assert_settled(passport, [DORA])


# Not permitted


def test_expired_token_is_renewed_within_the_try(passport):
    passport.tenant.fault("invitations", status=401, body={"error": {"code": "InvalidAuthenticationToken"}})
    queue(DORA)
    passport.work()

    assert state(DORA) == (Invitation.State.SENT, "")
    assert Invitation.objects.get().attempts == 1


@pytest.mark.parametrize(
    ("reason", "fault"),
    [
        pytest.param("graph_credential", {"status": 401}, id="401 for ever"),
        pytest.param("graph_not_permitted", {"status": 403}, id="403"),
        pytest.param(
            "graph_not_permitted",
            {"status": 403, "body": {"error": {"code": "Forbidden", "message": "Guest invitations not allowed"}}},
            id="tenant policy",
        ),
    ],
)
def test_not_permitted(passport, reason, fault):
    """One case for all of them, the queue is kept and goes out by itself when it is repaired."""
    passport.tenant.fault("invitations", count=None, **fault)
    addresses = [DORA, "gita@mail.example"]
    for address in addresses:
        queue(address)
    for _try in range(2):
        passport.work()
        make_due()

    assert {state(address) for address in addresses} == {(Invitation.State.QUEUED, reason)}
    [failure] = Failure.objects.all()
    assert (failure.reason, failure.count) == (reason, 4)
    passport.tenant.clear_faults()
    passport.work()
    assert {state(address) for address in addresses} == {(Invitation.State.SENT, "")}
    assert_settled(passport, addresses)
    assert not Failure.objects.open().exists()


def test_new_guest_appears_late_in_the_look_up(passport):
    """The answer was lost and the directory does not show the guest yet: the second request returns the same one."""
    passport.tenant.settings(replication_seconds=600)
    passport.tenant.fault("invitations", status=504, after=True)
    queue(DORA)
    passport.work()
    make_due()
    passport.work()

    assert state(DORA) == (Invitation.State.SENT, "")
    assert_settled(passport, [DORA])
    assert len(passport.tenant.guests()) == 1


# The worker and the database


KILLS: dict[str, tuple[str, dict[str, Any]]] = {
    "before the call": ("users.list", {"delay": 3}),
    "during the call": ("invitations", {"delay": 2}),
    "after Graph has committed": ("invitations", {"after": True, "delay": 3}),
}


@pytest.mark.parametrize(("operation", "fault"), KILLS.values(), ids=KILLS)
def test_worker_killed(passport, operation, fault):
    passport.tenant.fault(operation, **fault)
    queue(DORA)
    with real_worker(passport) as worker:
        wait_for(lambda: asked(passport, operation))
        kill(worker)
    assert state(DORA)[0] == Invitation.State.QUEUED

    passport.work()

    assert state(DORA) == (Invitation.State.SENT, "")
    wait_for(lambda: all(request["status"] for request in passport.tenant.requests()))
    assert_settled(passport, [DORA])
    assert len(passport.tenant.guests()) == 1


@pytest.mark.parametrize("kept", [False, True], ids=["before it was kept", "before the job was done"])
def test_worker_killed_between_the_answer_and_the_end(passport, kept):
    """A lock that the test holds stops the worker at the very point."""
    passport.tenant.fault("invitations", delay=2)
    vendor = queue(DORA)
    with real_worker(passport) as worker, transaction.atomic():
        wait_for(lambda: asked(passport))
        if kept:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM procrastinate_jobs WHERE status = 'doing' FOR UPDATE")
        else:
            User.objects.select_for_update().get(pk=vendor.user_id)
        wait_for(lambda: passport.tenant.requests(operation="invitations")[0]["status"] == 201)
        if kept:
            wait_for(lambda: state(DORA)[0] == Invitation.State.SENT)
        wait_for(somebody_waits_for_us)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    assert state(DORA)[0] == (Invitation.State.SENT if kept else Invitation.State.QUEUED)
    kill(worker)
    passport.work()

    assert state(DORA) == (Invitation.State.SENT, "")
    assert_settled(passport, [DORA])
    assert len(passport.tenant.guests()) == 1


def test_two_workers_at_once(passport):
    addresses = [f"vendor-{number}@mail.example" for number in range(12)]
    for address in addresses:
        queue(address)
    workers = [threading.Thread(target=passport.work) for _number in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    asked_for = Counter(
        request["body"]["invitedUserEmailAddress"] for request in passport.tenant.requests(operation="invitations")
    )
    assert asked_for == dict.fromkeys(addresses, 1)
    assert_settled(passport, addresses)
    assert {state(address) for address in addresses} == {(Invitation.State.SENT, "")}


def test_same_vendor_invited_twice_at_once(passport):
    vendor = queue(DORA)

    def again() -> None:
        in_new_thread(
            lambda: invitations.invite(vendor.user, address=DORA, language="en-GB", why=Invitation.Why.RESENT)
        )

    threads = [threading.Thread(target=again) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    passport.work()

    assert Counter(Invitation.objects.values_list("state", flat=True)) == {"superseded": 4, "sent": 1}
    assert len(passport.tenant.guests()) == 1


def test_database_restart_in_the_middle(passport):
    """Every connection is cut while Graph is asked. The worker goes on, or whoever starts it again does."""
    passport.tenant.fault("invitations", delay=1.5)
    queue(DORA)
    with real_worker(passport):
        wait_for(lambda: asked(passport))
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        wait_for(lambda: all(request["status"] for request in passport.tenant.requests(operation="invitations")))
        with contextlib.suppress(AssertionError):
            wait_for(lambda: state(DORA)[0] == Invitation.State.SENT, timeout=3)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
    for _start in range(2):
        passport.work()
        make_due()

    assert state(DORA) == (Invitation.State.SENT, "")
    assert_settled(passport, [DORA])
    assert len(passport.tenant.guests()) == 1
