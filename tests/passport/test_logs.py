"""What the web process and the worker say, as in production: every line is JSON, and none of it is personal."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from django.conf import settings as django_settings
from django.db import connection

from identity.models import Invitation
from tests import processes
from tests.passport_fixture import Passport
from tests.waiting import wait_for
from vendors import lifecycle
from vendors.models import Vendor

pytestmark = pytest.mark.processes

DORA = "dora@mail.example"
PIA = "pia.lost@mail.example"
WEB = "from gunicorn.app.wsgiapp import run\nrun()"
WORKER = "import manage\nmanage.main()"
TOKEN = "a-token-for-prometheus-of-forty-characters"


class Program:
    """One of Passport's, with the settings of this test, and everything it says."""

    def __init__(self, passport: Passport, output: Path, code: str, *arguments: str) -> None:
        here = {
            "GRAPH_URL": passport.tenant.url,
            "ENTRA_AUTHORITY": passport.tenant.url,
            "EMAIL_PORT": passport.tenant.smtp_port,
            "METRICS_TOKEN": TOKEN,
            "ENTRA_CLIENT_SECRET_EXPIRES": "2020-01-31",
        }
        self.output = output
        set_up = f"vars(settings).update({here!r})\n"
        with output.open("w") as log:
            self.process = processes.start(
                set_up + code, *arguments, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )

    def stop(self) -> list[dict[str, Any]]:
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=60) == 0
        return self.lines()

    def lines(self) -> list[dict[str, Any]]:
        """Every one of them is JSON, or this fails."""
        return [json.loads(line) for line in self.output.read_text().splitlines()]


@pytest.fixture
def started() -> Iterator[list[Program]]:
    programs: list[Program] = []
    yield programs
    for program in programs:
        program.process.kill()
        program.process.wait()


def see_nothing_personal(text: str) -> None:
    for secret in ["mail.example", "Lovelace", "one-time-code", TOKEN, "a-secret-of-the-tests", "not-me-token"]:
        assert secret not in text, secret


def test_every_line_of_the_worker_is_json_and_each_task_has_one(passport, tmp_path, started):
    passport.tenant.fault("invitations", status=500, count=1)
    vendors = [lifecycle.add(name="Ada Lovelace", primary_email=address, language="en-GB") for address in (DORA, PIA)]
    for vendor in vendors:
        lifecycle.invite(vendor)
    worker = Program(passport, tmp_path / "worker.log", WORKER, "worker")
    started.append(worker)

    wait_for(lambda: Invitation.objects.filter(state=Invitation.State.SENT).exists())
    wait_for(lambda: "trying again" in worker.output.read_text() and ".mail_invitation" in worker.output.read_text())
    lines = worker.stop()

    assert any("The client secret expired on" in line["event"] for line in lines), "the system check at the start"
    assert {"Worker started. It runs up to 24 tasks at once.", "Worker stopped."} <= {line["event"] for line in lines}
    sending = [line for line in lines if line["event"] == "task" and line["task"].endswith(".send_invitation")]
    assert {line["result"] for line in sending} == {"done", "trying again"}
    done = next(line for line in sending if line["result"] == "done")
    assert done["arguments"]["invitation_id"] in map(str, Invitation.objects.values_list("pk", flat=True))
    assert done["job"] > 0
    assert done["queue"] == "invitations"
    assert 0 < done["duration_ms"] < 60_000
    again = next(line for line in sending if line["result"] == "trying again")
    assert again["level"] == "info"
    assert again["error"] == "RetryLater"
    runs = [(line["job"], line["attempt"]) for line in lines if line["event"] == "task"]
    assert len(runs) == len(set(runs))
    see_nothing_personal(worker.output.read_text())


@pytest.fixture
def web(passport, tmp_path, started) -> Program:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    web = Program(passport, tmp_path / "web.log", WEB, "passport.wsgi", "--bind", f"127.0.0.1:{port}")
    started.append(web)
    web.url = f"http://127.0.0.1:{port}"
    wait_for(lambda: is_up(web.url))
    return web


def is_up(url: str) -> bool:
    try:
        return requests.get(f"{url}/livez", timeout=5).ok
    except requests.RequestException:
        return False


def test_every_line_of_the_web_process_is_json_and_each_request_has_one(passport, web):
    see_counts_outlive_a_process(web)
    lines_before = len(web.lines())
    passport.invited(DORA)
    dora = passport.signed_in(DORA)
    number = Vendor.objects.get().user_id
    cookies = {cookie.name: cookie.value for cookie in dora.browser.cookies}
    requests.get(f"{web.url}/sign-in/?next=/profile/&login_hint={DORA}")
    requests.get(f"{web.url}/welcome/not-me-token/?code=one-time-code", allow_redirects=False)
    requests.get(f"{web.url}/nothing/{DORA}/?address={PIA}")
    requests.get(f"{web.url}{django_settings.STATIC_URL}passport/passport.css")
    requests.get(f"{web.url}/profile/", cookies=cookies, allow_redirects=False)
    requests.get(f"{web.url}/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    requests.get(f"{web.url}/metrics", headers={"Authorization": "Bearer guessed"})
    requests.get(web.url, headers={"Host": "evil.example"})
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE identity_session RENAME TO away")
    try:
        requests.get(f"{web.url}/profile/", cookies=cookies)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE away RENAME TO identity_session")
    lines = web.stop()

    told = [line for line in lines[lines_before:] if line["event"] == "request"]
    assert [(line["method"], line["path"], line["view"], line["status"]) for line in told] == [
        ("GET", "/sign-in/", "identity:sign-in", 200),
        ("GET", "/welcome/…/", "identity:welcome", 200),
        ("GET", "/nothing/…@…/", "none", 404),
        ("GET", "/static/passport/passport.css", "static", 200),
        ("GET", "/profile/", "vendors:profile", 302),
        ("GET", "/metrics", "metrics", 401),
        ("GET", "/", "none", 400),
        ("GET", "/profile/", "none", 500),
    ]
    assert [line["user_id"] for line in told if line["path"] == "/profile/"] == [number, None]
    assert len({line["request_id"] for line in told}) == len(told)
    assert all(0 < line["duration_ms"] < 60_000 and line["timestamp"] for line in told)
    broken = next(line for line in lines if "exception" in line)
    assert broken["request_id"] == told[-1]["request_id"]
    assert "identity_session" in broken["exception"]
    assert any("Starting gunicorn" in line["event"] for line in lines)
    assert not [line for line in lines if line["logger"] == "stderr"]
    assert not list(Path(tempfile.gettempdir()).glob(f"passport-metrics-*-{web.process.pid}"))
    see_nothing_personal(web.output.read_text())


def see_counts_outlive_a_process(web: Program) -> None:
    """They are those of all processes, and what takes the place of a killed one goes on in its files."""
    for _number in range(20):
        requests.get(f"{web.url}/sign-in/")
    assert count(web) == 20
    first = next(re.search(r"\d+", line["event"])[0] for line in web.lines() if "Booting worker" in line["event"])
    directory = next(Path(tempfile.gettempdir()).glob(f"passport-metrics-*-{web.process.pid}"))

    subprocess.run(["kill", "-9", first], check=True)
    wait_for(lambda: sum("Booting worker" in line["event"] for line in web.lines()) == 3)
    for _number in range(20):
        requests.get(f"{web.url}/sign-in/")

    assert count(web) == 40
    assert {path.name for path in directory.iterdir()} <= {
        f"{kind}_{slot}.db" for kind in ("counter", "histogram") for slot in (0, 1)
    }


def count(web: Program) -> float:
    time.sleep(0.1)  # a request is counted when its answer is on its way
    answer = requests.get(f"{web.url}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    counted = re.search(
        r'^passport_requests_total\{method="GET",status="200",view="identity:sign-in"\} (\S+)$', answer, re.MULTILINE
    )
    return float(counted[1])


TROUBLE = """
import sys, threading, warnings
from passport import logs
logs.take_over(debug=False)
warnings.warn("a warning")
print("a print\\nof two lines", file=sys.stderr)
def fail():
    raise ValueError("in a thread, of dora@mail.example")
thread = threading.Thread(target=fail)
thread.start()
thread.join()
raise ValueError("at /welcome/not-me-token/?code=one-time-code")
"""


def test_what_python_itself_says_is_json():
    ended = subprocess.run([sys.executable, "-c", TROUBLE], cwd=processes.PROJECT, capture_output=True, text=True)

    assert ended.returncode == 1
    lines = [json.loads(line) for line in ended.stderr.splitlines()]
    assert [line["logger"] for line in lines] == ["py.warnings", "stderr", "passport.process", "passport.process"]
    assert lines[1]["event"] == "a print\nof two lines"
    assert "ValueError: in a thread" in lines[2]["exception"]
    assert "ValueError: at /welcome/…/" in lines[3]["exception"]
    see_nothing_personal(ended.stderr)
