"""What a backup says about itself. It is written last, so a folder without it is not a backup; nothing in it is about
a person.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from passport.backup.sealed import Part

FORMAT = 1
FILE = "manifest.json"
NAME = re.compile(r"passport-(\d{8}T\d{6}Z)")
TIME_IN_NAME = "%Y%m%dT%H%M%SZ"


class NotABackup(Exception):
    pass


@dataclass
class Manifest:
    made_at: str
    version: str
    installation: dict[str, str]
    migrations: dict[str, list[str]]
    postgresql: int
    written_by: int  # the version of pg_dump
    field_keys: list[str]  # their public names (identity.encrypted)
    encrypted_for: list[str]
    erasures: int | None
    rows: dict[str, int]
    files: int = 0
    file_bytes: int = 0
    documents_without_file: int = 0
    parts: list[Part] = field(default_factory=list)
    format: int = FORMAT

    @property
    def time(self) -> dt.datetime:
        return dt.datetime.fromisoformat(self.made_at)

    def part(self, kind: str) -> Part:
        """The database or the files. Raise NotABackup."""
        for part in self.parts:
            if part.name.partition(".")[0] == kind and Path(part.name).name == part.name:
                return part
        raise NotABackup(f"The manifest has no part called “{kind}”.")


def name_of(made_at: dt.datetime) -> str:
    return f"passport-{made_at:{TIME_IN_NAME}}"


def time_in(name: str) -> dt.datetime | None:
    match = NAME.fullmatch(name)
    return dt.datetime.strptime(match[1], TIME_IN_NAME).replace(tzinfo=dt.UTC) if match else None


def as_dict(manifest: Manifest) -> dict[str, Any]:
    return asdict(manifest)


def write(manifest: Manifest, folder: Path) -> None:
    with open(os.open(folder / FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(as_dict(manifest), file, indent=2)
        file.flush()
        os.fsync(file.fileno())


def read(folder: Path) -> Manifest:
    """Raise NotABackup."""
    try:
        given = json.loads((folder / FILE).read_text())
        if given["format"] != FORMAT:
            raise NotABackup(f"{folder} was made by another version of Passport ({given.get('version')}).")
        manifest = Manifest(**given | {"parts": [Part(**part) for part in given["parts"]]})
        if manifest.time.tzinfo is None:
            raise ValueError("without a time zone")
    except OSError as error:
        raise NotABackup(_what_is_there(folder)) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotABackup(f"{folder / FILE} is damaged, so this backup cannot be restored.") from error
    return manifest


def complete(directory: Path) -> list[Path]:
    """The backups in a folder, the newest last."""
    return sorted(
        path
        for path in directory.iterdir()
        if time_in(path.name) and path.is_dir() and not path.is_symlink() and (path / FILE).is_file()
    )


def _what_is_there(folder: Path) -> str:
    backups = complete(folder) if folder.is_dir() else []
    if backups:
        return f"{folder} holds {len(backups)} backups. Choose one of them; the newest is {backups[-1]}."
    return f"{folder} is not a complete backup: it has no readable {FILE}."
