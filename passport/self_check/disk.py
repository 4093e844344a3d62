"""Is there room left where Passport writes?"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from passport import files
from passport.self_check.findings import Finding, found

FILLING, FOLDER = "disk_filling", "files_folder_unusable"
FREE_SHARE = 0.1
FREE_BYTES = 10**9


def look() -> Iterator[Finding]:
    if files.folder() is not None:
        yield found("folder for uploads", FOLDER, files.problem(), well="Passport can write to it.")
    seen: set[int] = set()
    for what, path in _written_to().items():
        while not os.path.exists(path):
            path = path.parent
        device = os.stat(path).st_dev
        if device not in seen:
            seen.add(device)
            yield _room(what, path)


def _written_to() -> dict[str, Path]:
    """The database's only where it is embedded: another one's disk is on another machine, or its own business."""
    places = {
        "uploads disk": files.folder(),
        "database disk": settings.DATABASES["default"].get("DIRECTORY"),
    }
    return {what: Path(path) for what, path in places.items() if path is not None}


def _room(what: str, path: Path) -> Finding:
    usage = shutil.disk_usage(path)
    said = f"{usage.free / 10**9:.1f} GB of {usage.total / 10**9:.1f} GB is free."
    is_filling = usage.free < FREE_BYTES or usage.free < FREE_SHARE * usage.total
    return found(what, FILLING, f"The {what} is nearly full: {said}" if is_filling else "", well=said)
