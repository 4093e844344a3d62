"""Whether a port is free, and who holds it if not."""

from __future__ import annotations

import contextlib
import os
import socket
from pathlib import Path

from passport.loopback import addresses

PROC = Path("/proc")
LISTENING = "0A"


def is_taken(port: int) -> bool:
    return any(_is_taken(address, port) for address in addresses())


def _is_taken(address: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return True
    return False


def holder(port: int) -> tuple[int, str] | None:
    """Id and command of the process that listens there: the first of it and its children. Only Linux tells, and only
    of one's own processes."""
    sockets = {f"socket:[{inode}]" for inode in _listening(port)}
    for pid in sorted(int(entry.name) for entry in PROC.glob("[0-9]*")):
        with contextlib.suppress(OSError):
            open_files = (PROC / str(pid) / "fd").iterdir()
            if any(os.readlink(file) in sockets for file in open_files):
                command = (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                return pid, command.strip()
    return None


def _listening(port: int) -> set[str]:
    inodes = set()
    for table in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            for line in (PROC / "net" / table).read_text().splitlines()[1:]:
                columns = line.split()
                local, state, inode = columns[1], columns[3], columns[9]
                if state == LISTENING and int(local.rpartition(":")[2], 16) == port:
                    inodes.add(inode)
    return inodes
