"""Whose guest is it? Passport may remove only what it made, and the answer that says so can get lost."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from identity.invitations import sending
from identity.microsoft import http
from identity.models import EntraAccount, GraphPause, Invitation
from tests.passport_fixture import Passport
from vendors import lifecycle
from vendors.models import Vendor

DORA = "dora@mail.example"

LOST: dict[str, dict[str, Any]] = {
    "timeout": {"after": True, "delay": 3},
    "reset": {"after": True, "connection": "reset"},
    "500": {"after": True, "status": 500},
    "504": {"after": True, "status": 504},
    "half an answer": {"connection": "half"},
    "answer without a guest": {"after": True, "status": 201, "body": {"id": "x"}},
}
DEFINITE: dict[str, dict[str, Any]] = {
    "429": {"status": 429, "headers": {"Retry-After": "1"}},
    "403": {"status": 403, "body": {"error": {"code": "Forbidden"}}},
    "401": {"status": 401, "count": 2},
}


def try_again(passport: Passport) -> EntraAccount:
    """As if the time to the next try had passed."""
    Invitation.objects.update(next_try_at=None)
    GraphPause.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")
    passport.work()
    invitation = Invitation.objects.get(state=Invitation.State.SENT)
    assert invitation.asked_at is None
    assert invitation.account is not None
    return invitation.account


def queued(passport: Passport) -> Vendor:
    vendor = passport.invited(DORA)
    assert Invitation.objects.get().state == Invitation.State.QUEUED
    return vendor


@pytest.mark.parametrize("fault", LOST.values(), ids=LOST)
def test_guest_whose_answer_was_lost_is_passports(passport, monkeypatch, fault):
    monkeypatch.setattr(http, "TOTAL_SECONDS", 2.0)
    passport.tenant.fault("invitations", **fault)
    queued(passport)

    assert try_again(passport).created_by_passport


@pytest.mark.parametrize("seconds", [60, -60], ids=["ahead", "behind"])
def test_microsofts_clock_is_not_ours(passport, seconds):
    passport.tenant.settings(clock_offset=seconds)
    passport.tenant.fault("invitations", after=True, status=504)
    queued(passport)

    assert try_again(passport).created_by_passport


def test_two_answers_lost_one_after_the_other(passport):
    passport.tenant.fault("invitations", after=True, status=504)
    passport.tenant.fault("invitations", after=True, status=504)
    queued(passport)
    with pytest.raises(Invitation.DoesNotExist):
        try_again(passport)

    assert try_again(passport).created_by_passport


def test_invitation_sent_again_before_the_answer_was_known(passport):
    passport.tenant.fault("invitations", after=True, status=504)
    vendor = queued(passport)
    lifecycle.resend_invitation(vendor)

    assert try_again(passport).created_by_passport


@pytest.mark.parametrize("fault", DEFINITE.values(), ids=DEFINITE)
def test_guest_that_it_made_after_a_definite_refusal_is_not_claimed(passport, fault):
    passport.tenant.fault("invitations", **fault)
    queued(passport)
    passport.tenant.add_guest(DORA)

    assert not try_again(passport).created_by_passport


def test_guest_that_it_made_after_the_lost_call_did_nothing_is_not_claimed(passport):
    passport.tenant.fault("invitations", status=503)
    queued(passport)
    Invitation.objects.update(asked_at=timezone.now() - dt.timedelta(hours=1))
    passport.tenant.add_guest(DORA)

    assert not try_again(passport).created_by_passport


def test_guest_that_was_there_before_is_not_claimed(passport):
    passport.tenant.add_guest(DORA)
    passport.tenant.fault("invitations", after=True, status=504)
    queued(passport)

    assert not try_again(passport).created_by_passport


def test_another_persons_lost_answer_proves_nothing(passport):
    passport.tenant.fault("invitations", match="gita", after=True, status=504)
    passport.invited("gita@mail.example")
    passport.tenant.add_guest(DORA)
    vendor = passport.invited(DORA)

    assert not EntraAccount.objects.get(user=vendor.user).created_by_passport


def test_without_the_right_to_look_a_lost_answer_proves_nothing(passport):
    passport.tenant.fault("invitations", after=True, status=504)
    queued(passport)
    passport.tenant.settings(permissions=["User.Invite.All"])

    assert not try_again(passport).created_by_passport


def test_no_token_is_no_call(passport):
    """Nothing was asked, so the guest that is there at the next look is somebody else's."""
    passport.invited("gita@mail.example")
    vendor = lifecycle.add(name="", primary_email=DORA, language="en-GB")
    lifecycle.invite(vendor)
    # The look-up still has its token; the one for the invitation is refused and cannot be renewed.
    passport.tenant.fault("invitations", status=401)
    passport.tenant.fault("app_token", status=503)
    invitation = Invitation.objects.get(user=vendor.user)
    with pytest.raises(Exception, match="again in"):
        sending.send(invitation)
    invitation.refresh_from_db()

    assert (invitation.state, invitation.asked_at) == (Invitation.State.QUEUED, None)
