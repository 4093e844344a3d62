"""A worker without work sleeps until the server or the clock wakes it."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from identity.jobs.queue import defer
from identity.models import Heartbeat
from tests.processes import start_command
from tests.waiting import wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

WINDOW = 2.0


@pytest.fixture
def worker() -> Iterator[subprocess.Popen]:
    process = start_command("worker", stderr=subprocess.DEVNULL)
    yield process
    process.kill()
    process.wait()


def times_woken(pid: int) -> int:
    """How often the first thread went to sleep by itself, and so woke up before."""
    status = Path(f"/proc/{pid}/task/{pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("voluntary_ctxt_switches"))
    return int(line.split()[1])


def woken_in(pid: int, seconds: float) -> int:
    before = times_woken(pid)
    time.sleep(seconds)
    return times_woken(pid) - before


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux's /proc")
def test_idle_worker_is_woken_by_the_server_and_not_ten_times_a_second(worker):
    defer("identity.tasks.beat", timestamp=1)
    wait_for(Heartbeat.objects.filter(name="worker").exists)

    # The quietest of several: it looks for jobs every five seconds, and the clock has some on the minute.
    assert min(woken_in(worker.pid, WINDOW) for _window in range(4)) < 10
