"""What the tenant remembers over a restart: one dict of JSON values, one lock, one file."""

import contextlib
import json
import os
import threading
import time
from pathlib import Path

from . import people

DEFAULT_SETTINGS = {
    "clock_offset": 0,
    "allow_invites_from": "everyone",
    "denied_domains": [],
    "allowed_domains": [],
    "assignment_required": False,
    "permissions": ["User.Invite.All", "User.Read.All", "User.ReadWrite.All", "AuditLog.Read.All"],
    "optional_claims": ["acct", "auth_time", "email", "login_hint", "sid", "xms_edov"],
    "secret_expired": False,
    "invitations_per_window": 150,
    "window_seconds": 5,
    "reports_per_10_seconds": 0,
    "replication_seconds": 0,
    "sign_in_log_delay_seconds": 0,
    "app_token_seconds": 3599,
    "id_token_seconds": 3600,
    "silent_needs_mfa": False,
}


class State:
    def __init__(self, directory: Path):
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.directory = directory
        self.lock = threading.RLock()
        self._file = directory / "tenant.json"
        self._dirty = threading.Event()
        self._closed = False
        self.clear()
        with contextlib.suppress(FileNotFoundError):
            self._load(json.loads(self._file.read_text()))
        self._writer = threading.Thread(target=self._write_when_dirty, daemon=True)
        self._writer.start()

    def clear(self) -> None:
        self.settings: dict = json.loads(json.dumps(DEFAULT_SETTINGS))
        self.people: dict[str, dict] = people.cast()
        self.users: dict[str, dict] = {}
        self.deleted: dict[str, dict] = {}
        self.invitations: dict[str, dict] = {}
        self.browsers: dict[str, dict] = {}
        self.sign_ins: list[dict] = []
        self.audits: list[dict] = []
        self.mailboxes: dict[str, list[dict]] = {}
        self.unsubscribed: list[str] = []
        self.changed()

    def _load(self, saved: dict) -> None:
        settings = {**self.settings, **saved.pop("settings")}
        vars(self).update(saved, settings=settings)

    def now(self) -> float:
        return time.time() + self.settings["clock_offset"]

    def changed(self) -> None:
        self._dirty.set()

    def close(self) -> None:
        self._closed = True
        self._dirty.set()
        self._writer.join(timeout=10)

    def _write_when_dirty(self) -> None:
        while not self._closed:
            self._dirty.wait()
            self._dirty.clear()
            started = time.monotonic()
            self._write()
            # Ten thousand guests take a while to write: never spend more than a tenth of the time on it.
            took = time.monotonic() - started
            if not self._closed:
                time.sleep(max(0.1, took * 10))
        self._write()

    def _write(self) -> None:
        with self.lock:
            text = json.dumps({name: value for name, value in vars(self).items() if name in SAVED})
        scratch = self._file.with_suffix(".new")
        with open(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
        scratch.replace(self._file)


SAVED = {
    "settings",
    "people",
    "users",
    "deleted",
    "invitations",
    "browsers",
    "sign_ins",
    "audits",
    "mailboxes",
    "unsubscribed",
}
