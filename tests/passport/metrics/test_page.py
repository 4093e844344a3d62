"""/metrics by the front door: who may read it, and what it says."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import subprocess

import pytest
import yaml
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from identity.jobs import heartbeat
from identity.jobs.queue import defer
from identity.models import Failure, Invitation, SignInAttempt, User
from passport.checks import check_metrics_token
from tests.processes import PROJECT
from tests.test_docs import anchors

TOKEN = "kT3vYw0ZpQ8mRx5nLd7sHb2cJf9gUa4eXi6oVtNq"
OPERATIONS = PROJECT / "docs" / "operations.md"


@pytest.fixture(autouse=True)
def token(settings) -> str:
    settings.METRICS_TOKEN = TOKEN
    return TOKEN


def ask(**headers: str):
    return Client(headers={"Authorization": f"Bearer {TOKEN}"} | headers).get("/metrics")


def numbers() -> dict[str, float]:
    answer = ask()
    assert answer.status_code == 200
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


# Who may read it


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer guessed", TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN}ü"])
def test_only_whoever_has_the_token_reads_it(header):
    answer = ask(Authorization=header)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert "passport_" not in answer.text


def test_without_the_setting_there_is_no_such_page(settings):
    settings.METRICS_TOKEN = ""

    assert ask().status_code == 404
    assert ask(Authorization="Bearer ").status_code == 404


@pytest.mark.django_db
def test_any_host_and_plain_http_will_do(settings):
    settings.SECURE_SSL_REDIRECT = True

    assert ask(Host="10.0.0.7:8000").status_code == 200


def test_nothing_is_sent_to_it():
    answer = Client(headers={"Authorization": f"Bearer {TOKEN}"}).post("/metrics")

    assert answer.status_code == 405


@pytest.mark.parametrize("bad", ["short", "x" * 31, "with a space in it, which no header can carry"])
def test_token_that_can_be_guessed_or_not_be_sent_is_found_by_check(settings, bad):
    settings.METRICS_TOKEN = bad

    assert [message.id for message in check_metrics_token()] == ["passport.E029"]


def test_good_token_is_no_finding():
    assert list(check_metrics_token()) == []


# What it says


@pytest.mark.django_db
def test_numbers_of_an_empty_passport():
    found = numbers()

    assert found["passport_database_up"] == 1
    assert found["passport_worker_last_seen_timestamp_seconds"] == 0
    assert found['passport_failed_jobs{queue="mail"}'] == 0
    assert found['passport_oldest_job_age_seconds{queue="invitations"}'] == 0
    assert found['passport_invitations{state="queued"}'] == 0
    assert found['passport_open_cases{audience="operations"}'] == 0
    assert found['passport_sign_ins_last_hour{outcome="failed"}'] == 0
    assert found["passport_outbound_held"] == 0


@pytest.mark.django_db
def test_jobs():
    now = timezone.now()
    defer("identity.tasks.mail_failure", failure_id=1)
    defer("identity.tasks.mail_failure", failure_id=2, at=now + dt.timedelta(hours=1))
    defer("identity.tasks.mail_digest", timestamp=1)
    defer("identity.tasks.send_invitation", invitation_id="1", at=now - dt.timedelta(minutes=30))
    for job in range(2):
        defer("identity.tasks.beat", timestamp=job)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE task_name LIKE '%beat'")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_events SET at = at - interval '10 minutes'")

    found = numbers()

    assert found["passport_emails_waiting"] == 2, "not the periodic task"
    assert 600 <= found['passport_oldest_job_age_seconds{queue="mail"}'] < 660
    assert 1800 <= found['passport_oldest_job_age_seconds{queue="invitations"}'] < 1860
    assert found['passport_failed_jobs{queue="upkeep"}'] == 2


@pytest.mark.django_db
def test_people_are_counted():
    user = User.objects.create_user()
    Invitation.objects.create(user=user, address="dora@mail.example", state="sent")
    now = timezone.now()
    for number, (outcome, minutes) in enumerate([("failed", 5), ("succeeded", 59), ("", 1), ("failed", 61)]):
        SignInAttempt.objects.create(
            state_hash=str(number), binding_hash="x", outcome=outcome, started_at=now - dt.timedelta(minutes=minutes)
        )
    for subject, reason in [
        ("user:1", "not_invited"),
        ("passport", "graph_credential"),
        ("user:2", "of_another_version"),
    ]:
        Failure.objects.create(
            subject=subject,
            stage="sign_in",
            reason=reason,
            first_seen_at=now,
            last_seen_at=now,
            address="d@mail.example",
        )
    heartbeat.beat("worker")

    found = numbers()

    assert found['passport_invitations{state="sent"}'] == 1
    assert found['passport_sign_ins_last_hour{outcome="failed"}'] == 1
    assert found['passport_sign_ins_last_hour{outcome="succeeded"}'] == 1
    assert found['passport_sign_ins_last_hour{outcome="under_way"}'] == 1
    assert found['passport_open_cases{audience="vm"}'] == 1
    assert found['passport_open_cases{audience="operations"}'] == 2
    assert found["passport_worker_last_seen_timestamp_seconds"] >= now.timestamp()
    assert "mail.example" not in ask().text


def test_what_graph_answered_is_counted_by_whoever_asked(passport):
    passport.tenant.fault("invitations", status=429, headers={"Retry-After": "0"}, count=1)
    passport.invited("dora@mail.example")

    found = numbers()

    assert found['passport_graph_answers_total{kind="token",status="200"}'] == 1
    assert found['passport_graph_answers_total{kind="invitations",status="429"}'] == 1


@pytest.mark.django_db
def test_hold_and_expiries(settings):
    settings.OUTBOUND = "hold"
    settings.ENTRA_CLIENT_SECRET_EXPIRES = f"{timezone.now() + dt.timedelta(days=11):%Y-%m-%d}"
    settings.ENTRA_CLIENT_CERTIFICATE = "/nowhere.pem"

    found = numbers()

    assert found["passport_outbound_held"] == 1
    assert 10 <= found['passport_credential_expires_in_days{credential="client_secret"}'] <= 11
    assert found['passport_credential_expires_in_days{credential="certificate"}'] == 0


@pytest.mark.django_db
def test_requests_are_counted_by_page_and_never_by_path(client):
    before = numbers()
    client.get("/help/signing-in/")
    client.get("/dora@mail.example/")
    client.generic("BREW", "/help/signing-in/")

    found = numbers()

    name = 'passport_requests_total{{method="{}",status="{}",view="{}"}}'.format
    for key, more in [(("GET", 200, "help-signing-in"), 1), (("GET", 404, "none"), 1)]:
        assert found[name(*key)] - before.get(name(*key), 0) == more
    assert any('method="other"' in key for key in found)
    assert found['passport_request_duration_seconds_count{view="help-signing-in"}'] >= 2
    assert "dora" not in ask().text
    assert "BREW" not in ask().text


@pytest.mark.django_db
def test_as_many_statements_whatever_there_is():
    with CaptureQueriesContext(connection) as few:
        ask()
    user = User.objects.create_user()
    for _number in range(5):
        Invitation.objects.create(user=user, address="dora@mail.example", state="accepted")
        defer("identity.tasks.mail_failure", failure_id=1)
    with CaptureQueriesContext(connection) as many:
        ask()

    assert len(few) == len(many) == 11, [query["sql"] for query in many]  # with those of the transaction


def test_says_so_when_the_database_is_away(transactional_db):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE identity_heartbeat RENAME TO away")
    try:
        found = numbers()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE away RENAME TO identity_heartbeat")

    assert found["passport_database_up"] == 0
    assert "passport_outbound_held" not in found
    assert any(name.startswith("passport_requests_total") for name in found)


# What it is for


def rules() -> list[dict]:
    groups = yaml.safe_load((PROJECT / "deploy" / "alerts.yaml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def families() -> set[str]:
    """With the suffixes that belong to a histogram."""
    return {
        name
        for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", ask().text, re.MULTILINE)
        for name in ([f"{name}{ending}" for ending in ("_bucket", "_sum", "_count")] if kind == "histogram" else [name])
    }


@pytest.mark.django_db
def test_alerts_ask_for_numbers_that_there_are(settings):
    settings.ENTRA_CLIENT_SECRET_EXPIRES = "2030-01-31"
    named = {name for rule in rules() for name in re.findall(r"\bpassport_\w+", rule["expr"])}

    assert named
    assert named <= families()


PROMTOOL = shutil.which("promtool")
has_promtool = pytest.mark.skipif(PROMTOOL is None, reason="Prometheus's own program is not on this machine")


@has_promtool
def test_prometheus_understands_the_alerts():
    checked = subprocess.run([str(PROMTOOL), "check", "rules", PROJECT / "deploy" / "alerts.yaml"], capture_output=True)

    assert checked.returncode == 0, checked.stderr


@has_promtool
@pytest.mark.django_db
def test_prometheus_understands_the_numbers():
    checked = subprocess.run([str(PROMTOOL), "check", "metrics"], input=ask().content, capture_output=True)

    assert checked.returncode == 0, checked.stderr


def test_each_alert_says_what_to_do_and_where_to_read_on():
    assert len({rule["alert"] for rule in rules()}) == len(rules()) >= 10
    for rule in rules():
        notes = rule["annotations"]
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert notes["summary"]
        assert notes["description"].endswith(".")
        page, _hash, anchor = notes["runbook_url"].partition("#")
        assert page == "docs/operations.md"
        assert anchor in anchors(OPERATIONS), anchor


@pytest.mark.django_db
def test_the_table_in_the_docs_lists_every_number(settings):
    settings.ENTRA_CLIENT_SECRET_EXPIRES = "2030-01-31"
    listed = set(re.findall(r"^\| `(passport_\w+)", OPERATIONS.read_text(), re.MULTILINE))
    shown = set(re.findall(r"^# TYPE (\S+)", ask().text, re.MULTILINE))

    assert listed == shown
