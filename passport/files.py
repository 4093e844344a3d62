"""The folder for uploaded files: is it there, and may Passport write to it? And can it read its own style sheets?"""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings

ON_DISK = "django.core.files.storage.FileSystemStorage"
WITH_MANIFEST = "whitenoise.storage.CompressedManifestStaticFilesStorage"


def folder() -> Path | None:
    """None where files are kept elsewhere than in MEDIA_ROOT."""
    return Path(settings.MEDIA_ROOT) if settings.STORAGES["default"]["BACKEND"] == ON_DISK else None


def problem() -> str:
    """Empty if there is none. Nothing is written, so a health check may ask."""
    root = folder()
    if root is None:
        return ""
    # pathlib's own would raise an error if the folder above cannot be opened.
    is_there = os.path.exists(root)
    if not is_there and root == settings.OWN_MEDIA_ROOT:
        return _make(
            root
        )  # inside .local/, which is Passport's own; anywhere else a missing folder is a missing volume
    if not os.path.isdir(root):
        return "MEDIA_ROOT is not a folder." if is_there else "MEDIA_ROOT is missing."
    return "" if os.access(root, os.W_OK | os.X_OK) else "MEDIA_ROOT is not writable."


def static_problem() -> str:
    """Empty if there is none. Every page, the one for errors too, names style sheets as `collectstatic` listed them."""
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    is_needed = settings.STORAGES["staticfiles"]["BACKEND"] == WITH_MANIFEST
    return "The static files are missing or not readable." if is_needed and not os.access(manifest, os.R_OK) else ""


def _make(root: Path) -> str:
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return "MEDIA_ROOT is missing and cannot be created."
    return ""
