"""A measurement in a process of its own, so that its peak of memory is nobody else's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from django.db import connection

from tests.processes import PROJECT


def measured_alone(module: str, *arguments: object) -> dict[str, Any]:
    """What `python -m module DATABASE …` prints as JSON, on the database of this test."""
    process = subprocess.run(
        [sys.executable, "-m", module, str(connection.settings_dict["NAME"]), *map(str, arguments)],
        cwd=PROJECT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return json.loads(process.stdout)
