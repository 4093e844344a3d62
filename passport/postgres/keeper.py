"""Run a PostgreSQL until nobody holds a shared lock on a file any more: keeper.py FILE COMMAND…

A process of its own, started with the standard library alone, so that it is there however the others end.
"""

import ctypes
import fcntl
import signal
import subprocess
import sys
import threading


def stop_together() -> None:
    """Stop the server (fast shutdown) when the keeper is killed."""
    PR_SET_PDEATHSIG = 1
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def stop_when_unused() -> None:
    fcntl.flock(users, fcntl.LOCK_EX)
    server.send_signal(signal.SIGINT)


with open(sys.argv[1], "a") as users:
    server = subprocess.Popen(sys.argv[2:], close_fds=False, preexec_fn=stop_together)
    threading.Thread(target=stop_when_unused, daemon=True).start()
    sys.exit(server.wait())
