"""Uploaded files: stored under a name of ours, replaced, swept away, served."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Collection
from pathlib import Path

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import FileResponse
from django.utils import timezone

from vendors.models import Document, Vendor
from vendors.uploads import clean_name

# Long enough that no upload still under way is taken for an orphan, and that a slip can be undone.
REPLACED_KEPT_FOR = dt.timedelta(days=1)


@transaction.atomic
def store(vendor: Vendor, *, kind: str, upload: UploadedFile, content_type: str) -> Document:
    """Keep a checked file, in place of the one of the same kind. The same file again changes nothing.

    The file is written before its row: a crash in between leaves an orphan for the sweep, never a row without a file.
    """
    sha256 = hashlib.sha256()
    for chunk in upload.chunks():
        sha256.update(chunk)
    current = Document.objects.select_for_update().filter(vendor=vendor, kind=kind, replaced_at=None).first()
    if current and current.sha256 == sha256.hexdigest() and current.file.storage.exists(str(current.file.name)):
        return current
    document = Document(
        vendor=vendor,
        kind=kind,
        name=clean_name(upload.name or ""),
        content_type=content_type,
        size=upload.size or 0,
        sha256=sha256.hexdigest(),
    )
    document.file.save("upload", upload, save=False)
    if current:
        current.replaced_at = timezone.now()
        current.save(update_fields=["replaced_at"])
    document.save(force_insert=True)
    return document


def remove(document: Document) -> None:
    """Its owner wants it gone; the sweep takes the file."""
    Document.objects.filter(pk=document.pk, replaced_at=None).update(replaced_at=timezone.now())


def restore_approved(vendor: Vendor) -> None:
    """What was chosen for a change that is not made goes, and what it would have replaced is current again."""
    now = timezone.now()
    Document.objects.filter(vendor=vendor, approved_at=None, replaced_at=None).update(replaced_at=now)
    Document.objects.filter(vendor=vendor, approved_at__isnull=False).update(replaced_at=None)


def current_documents(vendor: Vendor) -> dict[str, Document]:
    return {document.kind: document for document in Document.objects.filter(vendor=vendor, replaced_at=None)}


def serve(document: Document) -> FileResponse:
    """As a download that no browser opens in our origin, whatever is inside."""
    response = FileResponse(
        document.file.open("rb"), as_attachment=True, filename=document.name, content_type="application/octet-stream"
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response


def sweep(*, keep: Collection[str] = (), now: dt.datetime | None = None) -> int:
    """Remove replaced files, and files that no row knows; answer how many.

    What was approved stays until something else is approved in its place; `keep` are ids that VM is reading.
    """
    before = (now or timezone.now()) - REPLACED_KEPT_FOR
    removed = 0
    for document in Document.objects.filter(replaced_at__lt=before, approved_at=None).exclude(pk__in=keep).iterator():
        document.delete()
        document.file.storage.delete(str(document.file.name))
        removed += 1
    for name in _stored_names():
        if default_storage.get_modified_time(name) < before and not _is_known(name):
            default_storage.delete(name)
            removed += 1
    return removed


def _stored_names() -> list[str]:
    try:
        folders, _files = default_storage.listdir("documents")
    except FileNotFoundError:
        return []
    return [
        f"documents/{folder}/{name}" for folder in folders for name in default_storage.listdir(f"documents/{folder}")[1]
    ]


def _is_known(name: str) -> bool:
    try:
        pk = uuid.UUID(hex=Path(name).name)
    except ValueError:
        return False
    return Document.objects.filter(pk=pk).exists()
