"""After a 429 nobody asks before its time is up: the limit is the tenant's, not that of one worker."""

from __future__ import annotations

import threading

import pytest
from django.utils import timezone

from identity.microsoft import graph, throttling
from identity.models import Failure, GraphPause, Invitation
from tests.passport_fixture import Passport, in_thread
from tests.real_worker import real_worker
from tests.waiting import wait_for
from vendors import lifecycle


def queue(address: str) -> Invitation:
    vendor = lifecycle.add(name="", primary_email=address, language="en-GB")
    return lifecycle.invite(vendor)


def asked(passport: Passport) -> list[str]:
    return [request["body"]["invitedUserEmailAddress"] for request in passport.tenant.requests(operation="invitations")]


@pytest.mark.parametrize("status", [429, 503])
def test_what_one_worker_was_told_another_keeps(passport, status):
    passport.tenant.fault("invitations", status=status, headers={"Retry-After": "60"})
    queue("dora@mail.example")
    with real_worker(passport):
        wait_for(lambda: GraphPause.objects.filter(pk="invitations").exists())
    queue("gita@mail.example")

    passport.work()

    assert asked(passport) == ["dora@mail.example"]
    gita = Invitation.objects.get(address="gita@mail.example")
    assert gita.state == Invitation.State.QUEUED
    assert 30 < (gita.next_try_at - timezone.now()).total_seconds() <= 62


@pytest.mark.django_db
def test_shorter_pause_does_not_end_a_longer_one():
    throttling.begin("invitations", seconds=90)
    throttling.begin("invitations", seconds=2.5)

    assert 80 < throttling.left("invitations") <= 90
    assert throttling.left("users") == 0


@pytest.mark.django_db(transaction=True)
def test_pauses_that_begin_at_once():
    threads = [
        threading.Thread(target=lambda number=number: in_thread(lambda: throttling.begin("users", seconds=number)))
        for number in (30, 60, 90)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert 80 < throttling.left("users") <= 90


@pytest.mark.parametrize("status", [429, 503])
def test_throttled_token_endpoint_is_left_alone_by_everybody(passport, status):
    """A second request for a token would be answered, so whoever sends an invitation has asked too soon."""
    passport.tenant.fault("app_token", status=status, headers={"Retry-After": "60"})
    for address in ("dora@mail.example", "gita@mail.example"):
        queue(address)

    passport.work()

    assert set(Invitation.objects.values_list("state", flat=True)) == {"queued"}
    assert sum(Invitation.objects.values_list("attempts", flat=True)) == (0 if status == 429 else 1)
    with pytest.raises(graph.Throttled):
        graph.app_token()


def test_long_pause_is_told(passport):
    """A few seconds are nobody's business; two hours without an invitation are."""
    passport.tenant.fault("invitations", status=429, headers={"Retry-After": "7200"})
    queue("dora@mail.example")

    passport.work()

    assert Failure.objects.get().reason == "graph_unavailable"
    assert Invitation.objects.get().attempts == 0
