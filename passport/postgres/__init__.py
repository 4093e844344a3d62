import hashlib
import os
from pathlib import Path
from typing import Any

USER = "passport"
PORT = "5432"


def database_settings(directory: Path, *, durable: bool = True) -> dict[str, Any]:
    """Describe a PostgreSQL in `directory` that is started by the first connection.

    Not durable is faster and may lose everything when the machine fails: for tests.
    """
    directory = directory.resolve()
    return {
        "ENGINE": "passport.postgres",
        "NAME": USER,
        "USER": USER,
        "HOST": str(socket_directory(directory)),
        "PORT": PORT,
        "DIRECTORY": directory,
        "DURABLE": durable,
    }


def socket_directory(directory: Path) -> Path:
    # Not inside `directory`: the path of a socket is limited to 107 bytes. Not in TMPDIR, which may differ
    # from one process to the next.
    digest = hashlib.sha256(os.fsencode(directory)).hexdigest()[:16]
    return Path("/tmp") / f"passport-{os.geteuid()}-{digest}"
