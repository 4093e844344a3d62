"""Passport's commands and servers as processes of their own, with the settings and the database of the test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

PROJECT = Path(__file__).resolve().parent.parent
# The name of the test's database and its media root are known only while the test runs.
HERE = """
import json, sys
from tests import settings
settings.DATABASES["default"]["NAME"] = sys.argv.pop(1)
settings.MEDIA_ROOT = settings.OWN_MEDIA_ROOT = sys.argv.pop(1)
vars(settings).update(json.loads(sys.argv.pop(1)))
"""
MANAGE = """
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
"""


def start(
    code: str,
    *arguments: object,
    changed: dict[str, Any] | None = None,
    before: Sequence[str] = (),
    **options: Any,
) -> subprocess.Popen:
    """Python code that finds Passport's settings as they are in this test, but for what is `changed`.

    `before` is a command that starts it.
    """
    here = [connection.settings_dict["NAME"], settings.MEDIA_ROOT, json.dumps(changed or {})]
    return subprocess.Popen(
        [*before, sys.executable, "-c", HERE + code, *map(str, [*here, *arguments])],
        cwd=options.pop("cwd", PROJECT),
        env=options.pop("env", os.environ) | {"DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": str(PROJECT)},
        text=True,
        **options,
    )


def start_command(*arguments: object, **options: Any) -> subprocess.Popen:
    """A management command."""
    return start(MANAGE, *arguments, **options)
