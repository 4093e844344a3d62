"""Processes of a test: what they say, and whether they are still there."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from queue import Queue
from typing import Any

import pytest


class Running:
    """A process whose lines can be waited for."""

    def __init__(self, command: list[Any], **options: Any) -> None:
        self.process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            **options,
        )
        self.lines: Queue[str] = Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put("")

    def wait_for(self, text: str) -> str:
        """Everything said since the last time, up to the line with this text."""
        seen = ""
        while text not in seen:
            line = self.lines.get(timeout=120)
            if not line:
                pytest.fail(f"It ended without {text!r}:\n{seen}")
            seen += line
        return seen


def is_alive(pid: int) -> bool:
    listing = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return bool(listing.stdout.strip()) and not listing.stdout.startswith("Z")


def processes_in(directory: os.PathLike[str]) -> list[int]:
    """Those that work in the directory, or have it on their command line."""
    listing = subprocess.check_output(["ps", "-ww", "-eo", "pid=,stat=,args="], text=True)
    found = []
    for line in listing.splitlines():
        pid, state, arguments = line.split(None, 2)
        works_in = ""
        with contextlib.suppress(OSError):
            works_in = os.readlink(f"/proc/{pid}/cwd")
        if str(directory) in arguments + works_in and not state.startswith("Z"):
            found.append(int(pid))
    return found


def kill_processes_in(directory: os.PathLike[str]) -> None:
    for pid in processes_in(directory):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
