from __future__ import annotations

import datetime as dt
import time
from email.utils import format_datetime

import pytest
import requests

from identity.microsoft import graph
from identity.models import Failure, Invitation
from tests.waiting import wait_for
from vendors import lifecycle


def answer(retry_after: str) -> requests.Response:
    response = requests.Response()
    response.headers["Retry-After"] = retry_after
    return response


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        ("2.128", 2.128),
        ("", None),
        ("soon", None),
        ("-5", 0.0),
        ("9999999", 9999999.0),
        ("1e300", 366 * 86400.0),
        ("nan", None),
    ],
)
def test_retry_after_in_seconds(header, seconds):
    assert graph._retry_after(answer(header)) == seconds


def test_retry_after_as_a_date():
    then = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=90)
    assert 85 < graph._retry_after(answer(format_datetime(then, usegmt=True))) <= 90


def test_retry_after_as_a_date_is_read_by_the_clock_of_whoever_says_it():
    theirs = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)  # or ours is an hour ahead
    response = answer(format_datetime(theirs + dt.timedelta(seconds=90), usegmt=True))
    response.headers["Date"] = format_datetime(theirs, usegmt=True)
    assert graph._retry_after(response) == 90


@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        ({"status": 429, "headers": {"Retry-After": "3"}}, graph.Throttled),
        ({"status": 500, "body": {"error": {"code": "InternalServerError"}}}, graph.ServerError),
        ({"status": 502, "body": "<html>bad gateway</html>", "content_type": "text/html"}, graph.AnswerLost),
        ({"status": 403, "body": {"error": {"code": "Forbidden"}}}, graph.NotPermitted),
        ({"status": 400, "body": {"error": {"code": "BadRequest", "message": "no"}}}, graph.Refused),
        ({"status": 201, "body": "{"}, graph.AnswerLost),
        ({"status": 302, "headers": {"Location": "http://127.0.0.1:1/"}}, graph.Unavailable),
        ({"connection": "reset"}, graph.AnswerLost),
        ({"connection": "half"}, graph.AnswerLost),
    ],
)
def test_each_kind_of_answer_is_told_apart(passport, fault, raised):
    passport.tenant.fault("invitations", **fault)
    with pytest.raises(graph.GraphError) as caught:
        graph.invite("dora@mail.example", redirect_url="http://localhost/", language="en-GB")
    assert type(caught.value) is raised
    assert "dora" not in caught.value.summary


def test_stale_app_token_is_renewed_once(passport):
    graph.invite("dora@mail.example", redirect_url="http://localhost/", language="en-GB")
    passport.tenant.expire_app_tokens()

    again = graph.invite("dora@mail.example", redirect_url="http://localhost/", language="en-GB")

    assert str(again.oid) == passport.tenant.guest("dora@mail.example")["id"]


def test_wrong_secret_is_a_credential_refused(passport, settings):
    settings.GRAPH_CLIENT_SECRET = "wrong"
    with pytest.raises(graph.CredentialRefused, match="7000215"):
        graph.users_at("dora@mail.example")


def invite(address: str) -> graph.Invited:
    return graph.invite(address, redirect_url="http://localhost/", language="en-GB")


def test_throttled_request_holds_back_the_next_one_until_the_time_is_up(passport):
    passport.tenant.fault("invitations", status=429, headers={"Retry-After": "1.2"})
    with pytest.raises(graph.Throttled):
        invite("dora@mail.example")
    refused_at = time.monotonic()
    invite("ana@mail.example")

    assert time.monotonic() - refused_at >= 1.2


def test_during_a_long_pause_nothing_is_asked_for(passport):
    passport.tenant.fault("invitations", status=429, headers={"Retry-After": "120"})
    for _ in range(2):
        with pytest.raises(graph.Throttled) as caught:
            invite("dora@mail.example")

    assert 119 < caught.value.retry_after <= 120
    assert len(passport.tenant.requests(operation="invitations")) == 1
    assert not graph.users_at("dora@mail.example"), "the limit of invitations is none for other requests"


def test_throttled_often_is_no_failure_and_no_invitation_is_sent_early_twice_or_never(passport):
    """A limit of 5 in 1 s for 20 invitations: many are refused, all are sent, and nothing within a pause."""
    passport.tenant.settings(invitations_per_window=5, window_seconds=1)
    for number in range(20):
        vendor = lifecycle.add(name="", primary_email=f"n{number}@mail.example", language="en-GB")
        lifecycle.invite(vendor)

    def all_sent() -> bool:
        passport.work()
        return not Invitation.objects.filter(state="queued").exists()

    wait_for(all_sent)

    assert set(Invitation.objects.values_list("state", "attempts")) == {("sent", 1)}
    asked = passport.tenant.requests(operation="invitations")
    taken = [request for request in asked if request["status"] == 201]
    assert (len(taken), len({request["body"]["invitedUserEmailAddress"] for request in taken})) == (20, 20)
    assert len(passport.tenant.guests()) == 20
    assert len(asked) > 20, "the limit was never reached"
    assert not Failure.objects.exists()
