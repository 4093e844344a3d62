from __future__ import annotations

import datetime as dt
from email.utils import format_datetime

import pytest
import requests

from identity import graph


def answer(retry_after: str) -> requests.Response:
    response = requests.Response()
    response.headers["Retry-After"] = retry_after
    return response


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("120", 120.0), ("2.128", 2.128), ("", None), ("soon", None), ("-5", 0.0), ("9999999", 86400.0), ("nan", None)],
)
def test_retry_after_in_seconds(header, seconds):
    assert graph._retry_after(answer(header)) == seconds


def test_retry_after_as_a_date():
    then = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=90)
    assert 85 < graph._retry_after(answer(format_datetime(then, usegmt=True))) <= 90


@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        ({"status": 429, "headers": {"Retry-After": "3"}}, graph.Unavailable),
        ({"status": 500, "body": {"error": {"code": "InternalServerError"}}}, graph.ServerError),
        ({"status": 502, "body": "<html>bad gateway</html>", "content_type": "text/html"}, graph.Unavailable),
        ({"status": 403, "body": {"error": {"code": "Forbidden"}}}, graph.NotPermitted),
        ({"status": 400, "body": {"error": {"code": "BadRequest", "message": "no"}}}, graph.Refused),
        ({"status": 201, "body": "{"}, graph.Unavailable),
        ({"status": 302, "headers": {"Location": "http://127.0.0.1:1/"}}, graph.Unavailable),
        ({"connection": "reset"}, graph.Unavailable),
        ({"connection": "half"}, graph.Unavailable),
    ],
)
def test_each_kind_of_answer_is_told_apart(passport, fault, raised):
    passport.tenant.fault("invitations", **fault)
    with pytest.raises(graph.GraphError) as caught:
        graph.invite("dora@mail.example", redirect_url="http://localhost/", language="en-GB")
    assert type(caught.value) is raised
    assert "dora" not in caught.value.said


def test_stale_app_token_is_renewed_once(passport):
    graph.invite("dora@mail.example", redirect_url="http://localhost/", language="en-GB")
    passport.tenant.expire_app_tokens()

    again = graph.invite("dora@mail.example", redirect_url="http://localhost/", language="en-GB")

    assert str(again.oid) == passport.tenant.guest("dora@mail.example")["id"]


def test_wrong_secret_is_a_credential_refused(passport, settings):
    settings.GRAPH_CLIENT_SECRET = "wrong"
    with pytest.raises(graph.CredentialRefused, match="7000215"):
        graph.has_user_at("dora@mail.example")
