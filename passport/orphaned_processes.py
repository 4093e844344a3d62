"""End what a killed supervisor leaves behind, with so many seconds to stop: orphaned_processes.py SECONDS

It writes the id of each program it starts and ends to our standard input, +ID and -ID, which closes however it ends.
A process of its own with the standard library alone, so that there is little that could end it first.
"""

import contextlib
import os
import signal
import sys
import time


def main() -> None:
    groups: set[int] = set()
    for line in sys.stdin:
        (groups.add if line[0] == "+" else groups.discard)(int(line[1:]))
    for group in groups:
        with contextlib.suppress(ProcessLookupError):
            os.kill(group, signal.SIGTERM)
    deadline = time.monotonic() + float(sys.argv[1])
    while any(map(exists, groups)) and time.monotonic() < deadline:
        time.sleep(0.1)
    for group in filter(exists, groups):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)


def exists(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main()
