"""The sandbox tenant as a pytest fixture: its own process on free ports, its state thrown away afterwards.

`sandbox` is one server for the whole session; a test that needs an untouched tenant calls `sandbox.reset()`
first. Whoever needs one with other settings has `running_sandbox()`.
Tenant, application and secret are those of tests/settings.py.
"""

import contextlib
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from identity.sandbox.client import Client

ROOT = Path(__file__).resolve().parent.parent
NOT_INHERITED = ("ENTRA_CLIENT_CERTIFICATE", "GRAPH_CLIENT_ID", "GRAPH_CLIENT_SECRET")


class Sandbox(Client):
    client_secret: str
    process: subprocess.Popen


@contextlib.contextmanager
def running_sandbox(*, state_directory: str | None = None, port: int = 0, **settings: str) -> Iterator[Sandbox]:
    """Start a sandbox tenant of one's own; keywords are settings, such as BASE_URL or
    ENTRA_CLIENT_CERTIFICATE.
    """
    inherited = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    with contextlib.ExitStack() as stack:
        directory = state_directory or stack.enter_context(tempfile.TemporaryDirectory(prefix="sandbox-"))
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "identity.sandbox"),
                *("--port", str(port), "--smtp-port", "0", "--state", directory),
            ],
            cwd=ROOT,
            env=inherited | settings,
            stdout=subprocess.PIPE,
            text=True,
        )
        stack.callback(_stop, process)
        line = process.stdout.readline()
        ready = re.search(r"(http://127\.0\.0\.1:\d+)/ .*?127\.0\.0\.1:(\d+)\)", line)
        if not ready:
            raise RuntimeError(f"the sandbox tenant did not start: {line!r}")
        threading.Thread(target=process.stdout.read, daemon=True).start()
        sandbox = Sandbox(ready[1])
        sandbox.process = process
        sandbox.client_secret = settings.get("ENTRA_CLIENT_SECRET", os.environ["ENTRA_CLIENT_SECRET"])
        yield sandbox


def _stop(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


SENT = {"invitedUserEmailAddress", "inviteRedirectUrl", "sendInvitationMessage", "invitedUserMessageInfo"}
ASKED = {
    ("GET", "users"),
    ("DELETE", "users"),
    ("GET", "auditLogs"),
    ("GET", "directory"),
    ("POST", "invitations"),
}


def assert_graph_was_asked_only_what_design_allows(sandbox: Client) -> None:
    """Of a person Graph is sent the address to invite and nothing else, by whatever a test has set off."""
    for request in sandbox.requests():
        kind = (request["method"], request["path"].split("/")[2])
        assert kind in ASKED, request
        if kind != ("POST", "invitations"):
            assert not request["body"], request
            continue
        assert request["body"].keys() == SENT, request
        assert request["body"]["invitedUserMessageInfo"].keys() == {"messageLanguage"}, request


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox() as running:
        yield running
