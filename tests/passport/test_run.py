import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from queue import Queue

import pytest

PROJECT = Path(__file__).resolve().parents[2]


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
    for pid in processes_in(checkout):
        os.kill(pid, signal.SIGKILL)


def processes_in(checkout: Path) -> list[int]:
    listing = subprocess.check_output(["ps", "-ww", "-eo", "pid=,stat=,args="], text=True)
    found = []
    for line in listing.splitlines():
        pid, state, arguments = line.split(None, 2)
        works_in = ""
        with contextlib.suppress(OSError):
            works_in = os.readlink(f"/proc/{pid}/cwd")
        if str(checkout) in arguments + works_in and not state.startswith("Z"):
            found.append(int(pid))
    return found


def environment(checkout: Path) -> dict[str, str]:
    """Without the variables of the settings under test."""
    written = {line.partition("=")[0] for line in (checkout / ".env").read_text().splitlines()}
    return {name: os.environ[name] for name in os.environ.keys() - written - {"DJANGO_SETTINGS_MODULE"}}


class Run:
    def __init__(self, checkout: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "passport.run"],
            cwd=checkout,
            env=environment(checkout),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.lines: Queue[str] = Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self) -> None:
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put("")

    def wait_for(self, text: str) -> str:
        seen = ""
        while text not in seen:
            line = self.lines.get(timeout=120)
            if not line:
                pytest.fail(f"It ended without {text!r}:\n{seen}")
            seen += line
        return seen


@pytest.mark.sandbox
def test_run_gets_ready_again_and_again_and_leaves_no_process_behind(checkout):
    base_url = re.findall("^BASE_URL=(.*)$", (checkout / ".env").read_text(), re.MULTILINE)[0]

    for stop in [signal.SIGINT, signal.SIGTERM]:
        run = Run(checkout)
        assert f"{base_url}/admin/" in run.wait_for("Ready.")
        assert urllib.request.urlopen(f"{base_url}/readyz").status == 200
        assert urllib.request.urlopen(f"{base_url}/sign-in/").status == 200

        run.process.send_signal(stop)
        run.process.wait(timeout=60)
        assert processes_in(checkout) == []


def test_run_says_in_one_sentence_that_its_port_is_taken(checkout):
    port = int(re.findall("^PORT=(.*)$", (checkout / ".env").read_text(), re.MULTILINE)[0])
    with socket.create_server(("127.0.0.1", port)):
        run = subprocess.run(
            [sys.executable, "-m", "passport.run"],
            cwd=checkout,
            env=environment(checkout),
            capture_output=True,
            text=True,
        )

    assert run.returncode == 1
    assert run.stderr == (
        f"Port {port} is taken, perhaps by another `make run`: stop that, or change the ports in .env.\n"
    )
    assert not (checkout / ".local" / "postgres").exists()
