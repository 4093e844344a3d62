from __future__ import annotations

import json

import pytest
from django.core.management import call_command
from django.utils import timezone

from identity.failures import cases
from identity.models import Failure, Heartbeat

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def two_cases() -> None:
    Heartbeat.objects.create(name="worker", beat_at=timezone.now())
    cases.report(stage="sign_in", reason="declined", address="dora@mail.example")
    done = cases.report(stage="sign_in", reason="not_invited", oid="1" * 8, claimed_address="chen@agency.example")
    cases.resolve(done, how="test")


def test_json_alone_with_the_published_fields(capsys):
    call_command("failures", "--json")

    listed = json.loads(capsys.readouterr().out)
    assert {each["reason"] for each in listed} == {"declined", "not_invited"}
    assert listed[0].keys() == {
        "reference",
        "stage",
        "reason",
        "address",
        "claimed_address",
        "count",
        "state",
        "first_seen_at",
        "last_seen_at",
        "advice",
    }


def test_only_open_ones(capsys):
    call_command("failures", "--json", "--open")

    [case] = json.loads(capsys.readouterr().out)
    assert (case["address"], case["state"]) == ("dora@mail.example", "open")


def test_table_shows_reference_and_address_whole(capsys):
    call_command("failures")

    shown = capsys.readouterr().out
    assert Failure.objects.get(reason="declined").reference in shown
    assert "dora@mail.example" in shown
    assert "chen@agency.example" in shown


def test_what_to_do_is_said_once_for_each_reason(capsys):
    cases.report(stage="sign_in", reason="declined", address="emil@mail.example")
    call_command("failures")

    lines = capsys.readouterr().out.splitlines()
    said = [line.partition(":")[0] for line in lines if line.startswith(("declined: ", "not_invited: "))]
    assert sorted(said) == ["declined", "not_invited"]


def test_operations_read_which_runbook_to_follow(capsys):
    cases.report(stage="sign_in", reason="client_secret_expired")
    call_command("failures")

    assert "Operations: follow “The secret has expired” in docs/operations.md." in capsys.readouterr().out


def test_none_is_said(capsys):
    Failure.objects.all().delete()
    call_command("failures")

    assert capsys.readouterr().out == "No cases.\n"
