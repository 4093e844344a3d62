"""A vendor's documents: sent, judged, replaced, removed. The files themselves are in storage.py."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import uuid

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.compiled_queries import Compiled, Given
from identity.failures import cases
from identity.jobs.queue import defer
from identity.models import Failure, User
from vendors import lifecycle
from vendors.documents import virus_scanner
from vendors.documents.inspection import clean_name
from vendors.documents.refusals import NotKept, Refused
from vendors.models import Document, Vendor, VendorEvent
from vendors.onboarding_interface import onboarding

log = logging.getLogger(__name__)

# Replaced ones count until they are swept, so that nobody fills the disk by replacing.
FILES_AT_MOST = 60
UNUSABLE = "files_unusable"

# One in force was refused or replaced. Within the transaction, for packages above that keep what rests on it.
changed = Signal()


class NotCurrent(Exception):
    """It has been replaced or removed since."""

    def __init__(self) -> None:
        super().__init__(_("This file has since been replaced or removed."))


class VerdictMissing(Exception):
    """A verdict without its ground helps neither the vendor nor an auditor."""

    def __init__(self) -> None:
        super().__init__(_("Say how you know that it is genuine, or why you cannot accept it."))


@transaction.atomic
def store(vendor: Vendor, *, slot: str, upload: UploadedFile, content_type: str) -> Document:
    """Keep a checked file, in place of the one in the same slot. The same file again changes nothing.

    Raise Refused when the vendor has sent too many, and NotKept when files can't be kept: `report_unusable` is for
    whoever catches it, because the transaction may be rolled back.
    """
    theirs = list(Document.objects.select_for_update().filter(vendor=vendor))
    current = next((document for document in theirs if document.slot == slot and not document.replaced_at), None)
    document = _written(vendor, slot=slot, upload=upload, content_type=content_type, there=current, count=len(theirs))
    if document == current:
        return document
    if current:
        current.replaced_at = timezone.now()
        current.save(update_fields=["replaced_at"])
    document.save(force_insert=True)
    return document


@transaction.atomic
def set_aside(vendor: Vendor, *, slot: str, upload: UploadedFile, content_type: str) -> Document:
    """Keep a checked file for as long as replaced ones are kept, until its owner decides to use it (`use`).

    Raise Refused and NotKept as `store` does.
    """
    theirs = list(Document.objects.select_for_update().filter(vendor=vendor))
    document = _written(vendor, slot=slot, upload=upload, content_type=content_type, there=None, count=len(theirs))
    document.replaced_at = timezone.now()
    document.save(force_insert=True)
    return document


@transaction.atomic
def use(vendor: Vendor, *, slot: str, pk: uuid.UUID) -> Document:
    """A file that was set aside, in place of the one in its slot. Raise NotCurrent when it is no longer there."""
    set_aside = Document.objects.select_for_update().filter(pk=pk, vendor=vendor, slot=slot, approved_at=None)
    document = set_aside.exclude(replaced_at=None).first()
    if document is None:
        raise NotCurrent
    Document.objects.filter(vendor=vendor, slot=slot).current().update(replaced_at=timezone.now())
    document.replaced_at = None
    document.save(update_fields=["replaced_at"])
    return document


def report_unusable(vendor: Vendor) -> None:
    """Operations and VM hear that files can't be kept or opened."""
    cases.report(stage=Failure.Stage.ONBOARDING, reason=UNUSABLE, user=vendor.user, address=vendor.address)


def _written(
    vendor: Vendor, *, slot: str, upload: UploadedFile, content_type: str, there: Document | None, count: int
) -> Document:
    """The file before its row: a crash in between leaves an orphan for the sweep, never a row without a file."""
    try:
        if there and is_file_of(there, upload) and there.file.storage.exists(str(there.file.name)):
            return there
        if count >= FILES_AT_MOST:
            raise Refused(
                _(
                    "“%(name)s” wasn't saved: you have sent %(count)s files, which is the most we can keep for now. "
                    "Try again tomorrow."
                )
                % {"name": clean_name(upload.name or ""), "count": count}
            )
        document = Document(
            vendor=vendor,
            kind=kind_of(slot),
            slot=slot,
            name=clean_name(upload.name or ""),
            content_type=content_type,
            size=upload.size or 0,
            sha256=_sha256(upload),
        )
        virus_scanner.scan_new(document, upload)
        document.file.save("upload", upload, save=False)
    except OSError as error:
        log.error("A file could not be kept: %s", error.strerror or type(error).__name__)
        raise NotKept(clean_name(upload.name or "")) from error
    transaction.on_commit(_files_can_be_kept, robust=True)
    return document


def _files_can_be_kept() -> None:
    cases.resolve_common(UNUSABLE, how="a file has been stored since")


def is_file_of(document: Document, upload: UploadedFile) -> bool:
    return document.sha256 == _sha256(upload)


def _sha256(upload: UploadedFile) -> str:
    sha256 = hashlib.sha256()
    for chunk in upload.chunks():
        sha256.update(chunk)
    return sha256.hexdigest()


def kind_of(slot: str) -> Document.Kind:
    if slot in Document.DEGREE_SLOTS:
        return Document.Kind.DEGREE
    return Document.Kind.CV if slot == Document.Kind.CV else Document.Kind.CERTIFICATE


def remove(document: Document) -> None:
    """Its owner wants it gone; the sweep takes the file."""
    Document.objects.filter(pk=document.pk, replaced_at=None).update(replaced_at=timezone.now())


def restore_approved(vendor: Vendor) -> None:
    """What was chosen for a change that is not made goes, and what it would have replaced is current again."""
    now = timezone.now()
    Document.objects.filter(vendor=vendor, approved_at=None, replaced_at=None).update(replaced_at=now)
    Document.objects.filter(vendor=vendor, approved_at__isnull=False).update(replaced_at=None)


CURRENT = Compiled(lambda: Document.objects.filter(vendor=Given("vendor")).current())


def current_documents(vendor: Vendor) -> dict[str, Document]:
    """By slot."""
    return {document.slot: document for document in CURRENT.all(vendor=vendor.pk)}


@transaction.atomic
def replace(document: Document, *, upload: UploadedFile, number: str, expires_on: dt.date | None) -> Document:
    """An approved vendor's newer document in place of the old one. It is in force at once, and waits to be verified.

    Raise Refused for the same file, or NotCurrent for a document that is no longer the one in force.
    """
    onboarding().document_renewed(document.vendor, slot=document.slot, number=number, expires_on=expires_on)
    _lock(document.vendor)
    if not Document.objects.in_force().current().filter(pk=document.pk).exists():
        raise NotCurrent
    new = store(document.vendor, slot=document.slot, upload=upload, content_type=upload.content_type or "")
    if new.pk == document.pk:
        raise Refused(_("“%(name)s” is the file we already have. Choose the new one.") % {"name": document.name})
    new.certificate, new.number, new.expires_on = document.certificate, number, expires_on
    new.scope, new.issued_by = document.scope, document.issued_by
    new.approved_at = timezone.now()
    new.save(update_fields=["certificate", "number", "scope", "issued_by", "expires_on", "approved_at"])
    Document.objects.filter(pk=document.pk).update(approved_at=None)
    lifecycle.record(document.vendor, VendorEvent.Kind.DOCUMENT_REPLACED, by=document.vendor.user, data=_reference(new))
    changed.send(sender=Document, document=new)
    return new


@transaction.atomic
def refuse(document: Document, *, by: User, reason: str) -> None:
    """The vendor reads the reason and chooses another file. Raise VerdictMissing or NotCurrent."""
    _lock(document.vendor)
    reason = reason.strip()
    if not reason:
        raise VerdictMissing
    values = {"state": Document.State.REFUSED, "judged_at": timezone.now(), "judged_by": by, "verdict": reason}
    if not Document.objects.known().filter(pk=document.pk).update(**values):
        raise NotCurrent
    for name, value in values.items():
        setattr(document, name, value)
    lifecycle.record(document.vendor, VendorEvent.Kind.DOCUMENT_REFUSED, by=by, data=_reference(document))
    defer("vendors.tasks.mail_document_refused", document_id=str(document.pk))
    changed.send(sender=Document, document=document)


def _lock(vendor: Vendor) -> None:
    """Before its documents, as whoever approves them does."""
    Vendor.objects.select_for_update().get(pk=vendor.pk)


def _reference(document: Document) -> dict[str, str]:
    return {"document": str(document.pk), "kind": document.certificate or document.kind}
