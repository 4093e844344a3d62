"""The process itself: what survives a restart, how it is started, who may talk to it."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.person import Person
from tests.sandbox_fixture import ROOT, running_sandbox
from tests.waiting import wait_for

from .application import Application


def test_guests_mails_sessions_and_keys_survive_a_restart(tmp_path, visited):
    state = str(tmp_path)
    with running_sandbox(state_directory=state, BASE_URL=visited.base_url) as before:
        app = Application(before, base_url=visited.base_url)
        oid = app.invite("sandbox-ana@gmail.com").json()["invitedUser"]["id"]
        vendor = Person("sandbox-ana@gmail.com", before)
        vendor.accept_invitation()
        port = before.port
    with running_sandbox(state_directory=state, port=port, BASE_URL=visited.base_url) as after:
        app = Application(after, base_url=visited.base_url)

        assert after.guest("sandbox-ana@gmail.com")["id"] == oid
        assert len(after.mails("sandbox-ana@gmail.com")) == 1
        assert app.claims_of(vendor, prompt="none")["oid"] == oid

    keys = tmp_path / "signing-keys.pem"
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "tenant.json").stat().st_mode) == 0o600


def written_addresses(file: Path) -> set[str]:
    """The tenant's users as they would be after a restart."""
    return {user["mail"] for user in json.loads(file.read_text())["users"].values()} if file.exists() else set()


def test_state_is_written_soon_enough_to_survive_a_kill(tmp_path, visited):
    with running_sandbox(state_directory=str(tmp_path), BASE_URL=visited.base_url) as before:
        Application(before, base_url=visited.base_url).invite("sandbox-ana@gmail.com")
        wait_for(lambda: "sandbox-ana@gmail.com" in written_addresses(tmp_path / "tenant.json"), timeout=10)
        before.process.send_signal(signal.SIGKILL)
        before.process.wait()
    with running_sandbox(state_directory=str(tmp_path)) as after:
        assert after.guest("sandbox-ana@gmail.com")


def test_staff_keep_their_object_ids_over_a_reset(sandbox, app, person):
    before = app.claims_of(person("vera.vm@sandberg.example"))["oid"]
    sandbox.reset()
    sandbox.register(app.callback.removesuffix("/auth/complete/entra/"))

    assert app.claims_of(person("vera.vm@sandberg.example"))["oid"] == before


def test_missing_settings_are_named(tmp_path):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ENTRA_")}
    ended = subprocess.run(
        [sys.executable, "-m", "identity.sandbox", "--state", str(tmp_path)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert ended.returncode == 2
    assert "ENTRA_" in ended.stderr
    assert "make run" in ended.stderr


def test_taken_port_is_one_line(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ended = subprocess.run(
            [sys.executable, "-m", "identity.sandbox", "--port", str(taken.getsockname()[1]), "--state", str(tmp_path)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=30,
        )

    assert ended.returncode == 1
    assert ended.stderr.startswith("The sandbox tenant cannot start:")
    assert "Traceback" not in ended.stderr


def test_listens_on_loopback_only(sandbox):
    # A server that listens on every address answers here as well.
    for port in (sandbox.port, sandbox.smtp_port):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", port), timeout=2)
