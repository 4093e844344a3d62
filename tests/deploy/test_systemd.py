"""The units in deploy/systemd: what systemd itself says of them, and gunicorn on sockets that systemd opens."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from tests.deploy import image as images
from tests.deploy.conftest import is_up
from tests.deploy.nginx import free_port
from tests.processes import PROJECT
from tests.waiting import wait_for

UNITS = PROJECT / "deploy" / "systemd"
SERVICES = ["passport-web.service", "passport-worker.service", "passport-migrate.service"]

needs_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd on this machine")


def unit(name: str) -> dict[str, list[str]]:
    found = defaultdict(list)
    for key, value in re.findall(r"^(\w+)=(.*)$", (UNITS / name).read_text(), re.MULTILINE):
        found[key].append(value)
    return found


@pytest.mark.parametrize("name", SERVICES)
def test_service_may_write_uploads_and_nothing_else(name):
    service = unit(name)

    assert service["User"] == service["Group"] == ["passport"]
    assert service["EnvironmentFile"] == ["/etc/passport/passport.env"]
    assert service["ProtectSystem"] == ["strict"]
    assert service["StateDirectory"] == ["passport"]
    assert "ReadWritePaths" not in service
    assert service["NoNewPrivileges"] == ["yes"]
    assert service["CapabilityBoundingSet"] == [""]


@pytest.mark.parametrize("name", SERVICES[:2])
def test_service_is_started_again_for_ever_and_at_boot(name):
    service = unit(name)

    assert service["Restart"] == ["always"]
    assert service["StartLimitIntervalSec"] == ["0"]
    assert service["WantedBy"] == ["multi-user.target"]


def test_tables_are_migrated_once_for_each_release():
    service = unit("passport-migrate.service")

    assert service["Type"] == ["oneshot"]
    assert "Restart" not in service
    assert "WantedBy" not in service


@needs_systemd
@pytest.mark.processes
def test_systemd_understands_every_line(tmp_path):
    """Programs and accounts of another machine are not here, so others take their place."""
    for name in [*SERVICES, "passport-web.socket"]:
        text = (UNITS / name).read_text()
        text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", text, flags=re.MULTILINE)
        (tmp_path / name).write_text(re.sub(r"^(User|Group|SocketGroup)=.*", r"\1=root", text, flags=re.MULTILINE))

    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / name) for name in SERVICES)],
        capture_output=True,
        text=True,
    )

    about_ours = [line for line in (verified.stdout + verified.stderr).splitlines() if "passport" in line]
    assert about_ours == []


@needs_systemd
@pytest.mark.processes
@pytest.mark.parametrize("name", SERVICES)
def test_systemd_counts_little_exposure(name):
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", UNITS / name],
        capture_output=True,
        text=True,
    )

    assert judged.returncode == 0, judged.stdout + judged.stderr


@pytest.mark.skipif(not shutil.which("systemd-socket-activate"), reason="no systemd on this machine")
@pytest.mark.processes
def test_web_process_takes_the_sockets_that_systemd_holds(image: Path, tmp_path):
    """As in passport-web.socket: one for nginx, one for this machine."""
    assert unit("passport-web.socket")["ListenStream"] == ["/run/passport/web.sock", "127.0.0.1:8000"]
    port = free_port()
    listen = [f"--listen={tmp_path / 'web.sock'}", f"--listen=127.0.0.1:{port}"]
    environment = images.environment(image)
    handed_on = [f"--setenv={name}" for name in environment if name != "PATH"]
    process = subprocess.Popen(
        ["systemd-socket-activate", *listen, *handed_on, sys.executable, "-m", "gunicorn", "passport.wsgi"],
        cwd=image,
        env=environment,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_for(lambda: process.poll() is not None or is_up(f"http://127.0.0.1:{port}"))
        assert process.poll() is None
        over_socket = ["curl", "--silent", "--unix-socket", str(tmp_path / "web.sock"), "http://any/livez"]
        if shutil.which("curl"):
            assert subprocess.check_output(over_socket, text=True) == '{"status": "ok"}'
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
