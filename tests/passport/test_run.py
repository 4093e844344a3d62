import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from onboarding.management.commands.demo_data import STAFF
from onboarding.management.demo_people import PEOPLE
from passport import loopback
from passport.run import personas
from tests.passport.processes import Running, kill_processes_in, processes_in
from tests.processes import PROJECT
from tests.waiting import wait_for

pytestmark = pytest.mark.processes


def free_port() -> int:
    """A free port whose successor is free too."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            with contextlib.suppress(OSError, OverflowError):
                second.bind(("127.0.0.1", port + 1))
                return port


@pytest.fixture
def checkout(tmp_path) -> Iterator[Path]:
    checkout = tmp_path / "fresh checkout"
    for name in ["passport", "identity", "vendors", "onboarding"]:
        shutil.copytree(PROJECT / name, checkout / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ["manage.py", "gunicorn.conf.py"]:
        shutil.copy(PROJECT / name, checkout)
    subprocess.run(
        [sys.executable, "passport/first_run.py"],
        cwd=checkout,
        check=True,
        env={"PORT": str(free_port()), "SANDBOX_PORT": str(free_port())},
    )
    yield checkout
    kill_processes_in(checkout)


def environment(checkout: Path) -> dict[str, str]:
    """Without the variables of the settings under test."""
    written = {line.partition("=")[0] for line in (checkout / ".env").read_text().splitlines()}
    return {name: os.environ[name] for name in os.environ.keys() - written - {"DJANGO_SETTINGS_MODULE"}}


def run(checkout: Path) -> Running:
    return Running([sys.executable, "-m", "passport.run"], cwd=checkout, env=environment(checkout))


def setting(checkout: Path, name: str) -> str:
    return re.findall(f"^{name}=(.*)$", (checkout / ".env").read_text(), re.MULTILINE)[0]


@pytest.mark.sandbox
def test_run_says_whom_to_sign_in_as_again_and_again_and_leaves_no_process_behind(checkout):
    base_url = setting(checkout, "BASE_URL")

    for stop, exit_code in [(signal.SIGINT, 130), (signal.SIGTERM, 143)]:
        running = run(checkout)
        said = running.wait_for("Ready.")
        assert f"{base_url}/admin/" in said
        see_people(said, [*STAFF, *((person.address, person.to_try) for person in PEOPLE)])
        assert urllib.request.urlopen(f"{base_url}/readyz").status == 200
        assert urllib.request.urlopen(f"{base_url}/sign-in/").status == 200

        running.process.send_signal(stop)
        assert running.process.wait(timeout=60) == exit_code
        assert processes_in(checkout) == []


@pytest.mark.sandbox
def test_run_starts_again_what_is_killed_and_leaves_nothing_when_it_is_killed_itself(checkout):
    base_url = setting(checkout, "BASE_URL")
    running = run(checkout)
    said = running.wait_for("Ready.")

    for name, address in [("web", f"{base_url}/readyz"), ("sandbox", setting(checkout, "GRAPH_URL")), ("worker", "")]:
        pid = int(re.findall(rf" {name} started \(process (\d+)\)", said)[-1])
        os.kill(pid, signal.SIGKILL)
        said += running.wait_for(f" {name} was killed by signal 9. Starting it again in 1 s.")
        said += running.wait_for(f" {name} started (process ")
        wait_for(lambda address=address: not address or answers(address))
    assert running.process.poll() is None

    running.process.kill()

    wait_for(lambda: processes_in(checkout) == [])


def answers(address: str) -> bool:
    with contextlib.suppress(OSError):
        return urllib.request.urlopen(address, timeout=5).status == 200
    return False


def test_staff_are_named_even_if_nobody_could_be_invited(settings):
    settings.GRAPH_URL = "https://graph.example.com"

    said = personas()

    assert "Not all of the made-up vendors could be added: GRAPH_URL is not on this machine" in said
    see_people(said, STAFF)


def see_people(said: str, people: list[tuple[str, str]]) -> None:
    for address, purpose in people:
        assert re.search(rf"^  {re.escape(address)} .*{re.escape(purpose)}$", said, re.MULTILINE), address


@pytest.mark.parametrize("address", loopback.addresses())
def test_run_says_in_one_sentence_who_holds_its_port(checkout, address):
    port = int(setting(checkout, "PORT"))
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server((address, port), family=family):
        ended = subprocess.run(
            [sys.executable, "-m", "passport.run"],
            cwd=checkout,
            env=environment(checkout),
            capture_output=True,
            text=True,
        )

    command = subprocess.check_output(["ps", "-ww", "-o", "args=", "-p", str(os.getpid())], text=True).strip()
    who = f"by process {os.getpid()} ({command})" if sys.platform == "linux" else "perhaps by another `make run`"
    assert ended.returncode == 1
    assert ended.stderr == f"Port {port} is taken {who}. Stop that process, or change the ports in .env.\n"
    assert not (checkout / ".local" / "postgres").exists()
