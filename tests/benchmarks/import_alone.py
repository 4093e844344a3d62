"""`import_vendors` in a process of its own, so that its peak of memory is nobody else's: DATABASE FILE → JSON."""

from __future__ import annotations

import io
import json
import sys
import time
from pathlib import Path

import django


def main() -> None:
    database, file = sys.argv[1:]
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    connection.settings_dict["NAME"] = database
    before, began = peak(), time.perf_counter()
    call_command("import_vendors", file, stdout=io.StringIO())
    spent = time.perf_counter() - began
    sys.stdout.write(json.dumps({"before": before, "peak": peak(), "seconds": spent}))


def peak() -> int:
    """Largest resident size so far, in bytes. Not from getrusage: that begins with the size of who started us."""
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    main()
