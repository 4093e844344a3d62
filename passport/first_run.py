"""Write the .env of a first `make run`: generated keys, and the sandbox tenant in place of the real one.

Only the standard library, and never over an existing file.
"""

import base64
import os
import secrets
import sys
import uuid
from pathlib import Path

PORT = os.environ.get("PORT") or "8000"
SANDBOX_PORT = os.environ.get("SANDBOX_PORT") or "8400"

ENV = f"""\
# Written by the first `make run`, for this machine only. For what each line means, see .env.example
SECRET_KEY={secrets.token_urlsafe(50)}
DATABASE_URL=embedded
BASE_URL=http://127.0.0.1:{PORT}
EMAIL_URL=smtp://127.0.0.1:{int(SANDBOX_PORT) + 1}
DEFAULT_FROM_EMAIL=Passport <passport@sandberg.example>
VM_EMAIL=vm@sandberg.example
ENTRA_TENANT_ID={uuid.uuid4()}
ENTRA_CLIENT_ID={uuid.uuid4()}
ENTRA_CLIENT_SECRET={secrets.token_urlsafe(30)}
FIELD_ENCRYPTION_KEYS={base64.urlsafe_b64encode(os.urandom(32)).decode()}
ENTRA_AUTHORITY=http://127.0.0.1:{SANDBOX_PORT}
GRAPH_URL=http://127.0.0.1:{SANDBOX_PORT}
OPERATIONS_EMAIL=operations@sandberg.example
ORGANISATION_NAME=Sandberg
INSTALLATION_ID={uuid.uuid4()}
PORT={PORT}
SANDBOX_PORT={SANDBOX_PORT}
"""


def main() -> None:
    path = Path(__file__).resolve().parent.parent / ".env"
    if path.exists():
        return
    unfinished = path.with_name(f".env.{os.getpid()}")
    with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(ENV)
    try:
        os.link(unfinished, path)  # unlike a rename, it never replaces
    except FileExistsError:
        return
    finally:
        unfinished.unlink()
    print("Wrote .env for the sandbox tenant.", file=sys.stderr)


if __name__ == "__main__":
    main()
