"""The files of documents, on the disk or in S3: served, and removed when nobody needs them any more."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterator
from pathlib import PurePosixPath
from typing import IO

from django.core.files.storage import default_storage
from django.http import FileResponse
from django.utils import timezone

from vendors.models import Document, LockedRecord

# Long enough that no upload still under way is taken for an orphan, and that a slip can be undone.
REPLACED_KEPT_FOR = dt.timedelta(days=1)


def serve(document: Document) -> FileResponse:
    return as_download(document.file.open("rb"), document.name)


def as_download(content: IO[bytes], name: str) -> FileResponse:
    """No browser opens it in our origin, whatever is inside."""
    response = FileResponse(content, as_attachment=True, filename=name, content_type="application/octet-stream")
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response


def sweep(*, keep: Collection[str] = (), now: dt.datetime | None = None) -> int:
    """Remove replaced files, and files that no row knows; answer how many."""
    return forget_replaced(keep=keep, now=now) + forget_orphans(now=now)


def forget_replaced(*, keep: Collection[str] = (), now: dt.datetime | None = None, dry_run: bool = False) -> int:
    """What was approved stays until something else is approved in its place; `keep` are ids that VM is reading."""
    replaced = Document.objects.filter(
        replaced_at__lt=(now or timezone.now()) - REPLACED_KEPT_FOR, approved_at=None
    ).exclude(pk__in=keep)
    if dry_run:
        return replaced.count()
    removed = 0
    for document in replaced.iterator():
        document.delete()
        document.file.storage.delete(str(document.file.name))
        removed += 1
    return removed


def forget_orphans(*, now: dt.datetime | None = None, dry_run: bool = False) -> int:
    """Files that no row knows: a crash left them behind."""
    before = (now or timezone.now()) - REPLACED_KEPT_FOR
    removed = 0
    for name in _unknown_names():
        if _stored_before(before, name):
            if not dry_run:
                default_storage.delete(name)
            removed += 1
    return removed


def _unknown_names() -> Iterator[str]:
    """Folder by folder: in S3 each further question about one file is a request."""
    try:
        folders, _files = default_storage.listdir("documents")
    except FileNotFoundError:
        return
    for folder in folders:
        names = default_storage.listdir(f"documents/{folder}")[1]
        ids = {name: _id_in(name) for name in names}
        known = set(Document.objects.filter(pk__in=filter(None, ids.values())).values_list("pk", flat=True))
        unknown = [f"documents/{folder}/{name}" for name in names if ids[name] not in known]
        locked = _locked(unknown)
        yield from (name for name in unknown if name not in locked)


def _locked(names: Collection[str]) -> set[str]:
    """Those of them that are kept of an erased vendor."""
    rows = LockedRecord.objects.filter(files__overlap=list(names)).values_list("files", flat=True) if names else []
    return {name for files in rows for name in files}


def count_known(names: Collection[str]) -> int:
    """How many of these files are a document's."""
    ids = [pk for name in names if (pk := _id_in(PurePosixPath(name).name)) is not None]
    return Document.objects.filter(pk__in=ids).count()


def count_documents() -> int:
    """How many there should be a file of."""
    return Document.objects.exclude(file="").count()


def _id_in(name: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(hex=name)
    except ValueError:
        return None


def _stored_before(moment: dt.datetime, name: str) -> bool:
    try:
        return default_storage.get_modified_time(name) < moment
    except FileNotFoundError:
        return False  # another machine has just removed it
