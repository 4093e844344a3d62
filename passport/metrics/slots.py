"""Where the processes of one gunicorn keep their counts, so that whichever is asked can add them all up.

Each process writes into files of its own. They are named by its place among those that run, not by its process id:
gunicorn replaces its processes now and then, and the next one at that place goes on counting where the last one ended.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from typing import Any

DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"  # as prometheus_client calls it
_taken: set[int] = set()
_mine = 0


def prepare() -> None:
    """In gunicorn's first process, before the others. A second one, started by an upgrade, has files of its own."""
    ending = f"-{os.getpid()}"
    if not os.environ.get(DIRECTORY, "").endswith(ending):  # otherwise the configuration is only read again
        os.environ[DIRECTORY] = tempfile.mkdtemp(prefix="passport-metrics-", suffix=ending)


def take(server: Any, worker: Any) -> None:
    """Before a process is forked."""
    worker.slot = next(number for number in range(len(_taken) + 1) if number not in _taken)
    _taken.add(worker.slot)


def settle_in(server: Any, worker: Any) -> None:
    """In the new process."""
    global _mine
    _mine = worker.slot


def give_back(server: Any, worker: Any) -> None:
    """When it has ended."""
    _taken.discard(worker.slot)


def remove(server: Any) -> None:
    shutil.rmtree(directory(), ignore_errors=True)


def directory() -> str:
    """Empty where there is only one process."""
    return os.environ.get(DIRECTORY, "")


def mine() -> int:
    return _mine
