"""What a worker costs while there is nothing to do but to look at the clock."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

from tests.benchmarks.sizes import IDLE_SECONDS
from tests.processes import start_command
from tests.waiting import wait_for

WARMING_UP = 15  # seconds, in which it imports and prepares what it will not do again


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux's /proc")
def test_idle_worker(passport, report: Callable[..., None]) -> None:
    worker = start_command("worker", stderr=subprocess.DEVNULL)
    try:
        wait_for(is_worker_there)
        time.sleep(WARMING_UP)
        before = seconds_of(worker.pid)
        time.sleep(IDLE_SECONDS)
        spent = seconds_of(worker.pid) - before
    finally:
        worker.terminate()
        worker.wait()
    report(f"idle worker, of a CPU, over {IDLE_SECONDS} s", f"{spent / IDLE_SECONDS:.2%}", wanted="below 0.30%")


def is_worker_there() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM procrastinate_workers")
        return cursor.fetchone() is not None


def seconds_of(pid: int) -> float:
    """CPU of all its threads, in the program and in the kernel."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
