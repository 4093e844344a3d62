"""gunicorn loads Passport before it forks: what is open by then, all its processes would share."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.processes import PROJECT

LOADED = """
import json, os, threading
import passport.wsgi
from django.db import connections
from pathlib import Path
opened = [os.readlink(f"/proc/self/fd/{number}") for number in os.listdir("/proc/self/fd") if int(number) > 2
          and os.path.exists(f"/proc/self/fd/{number}")]
print(json.dumps({
    "threads": [thread.name for thread in threading.enumerate()],
    "connections": [it.alias for it in connections.all() if it.connection is not None],
    "sockets": [name for name in opened if name.startswith("socket:")],
    "counts": os.listdir(os.environ["PROMETHEUS_MULTIPROC_DIR"]),
}))
"""


def test_nothing_is_open_when_passport_is_loaded(tmp_path: Path) -> None:
    process = subprocess.run(
        [sys.executable, "-c", LOADED],
        cwd=PROJECT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )

    assert json.loads(process.stdout) == {"threads": ["MainThread"], "connections": [], "sockets": [], "counts": []}
