"""Who runs a command."""

from __future__ import annotations

import getpass
import os


def operator() -> str:
    """The account on this machine that runs the command; with sudo, the one it was called from."""
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):  # a container's user need not have a name
        return f"uid {os.getuid()}"
