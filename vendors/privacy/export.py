"""Everything about a vendor as one document, for the person it is about."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import FileField, Model, QuerySet
from django.utils import timezone

from identity.models import Failure, User
from identity.privacy import personal_data as identity_data
from vendors import lifecycle
from vendors.bulk import emails
from vendors.bulk_import import runs
from vendors.models import Document, ImportRow, LockedRecord, Vendor, VendorEvent
from vendors.privacy import locks, personal_data

# Secrets and what opens something, and Passport's own bookkeeping. None of it says anything about the person.
LEFT_OUT = {
    "address_fingerprints",
    "binding_hash",
    "found_by",
    "has_open_email_change",
    "has_payment_details",
    "iban_fingerprints",
    "id_hash",
    "number_fingerprints",
    "search_words",
    "seen",
    "password",
    "profile_words",
    "pgh_context",
    "pgh_id",
    "pgh_obj",
    "session_data",
    "session_key",
    "sort_name",
    "sid",
    "state_hash",
    "token_hash",
    "transaction",
}
JSON_NAME = "passport.json"


def export(vendor: Vendor, *, by: User | None = None, via: str = "") -> dict[str, Any]:
    """All of it in clear, payment details as well; recorded. Of others nothing, of staff only that it was staff."""
    lifecycle.record(vendor, VendorEvent.Kind.EXPORTED, by=by, via=via)
    person = vendor.user
    addresses = personal_data.addresses_of(vendor)
    own = personal_data.rows_of([vendor])
    theirs = identity_data.rows(person, addresses=addresses)
    return {
        "exported_at": timezone.now(),
        "addresses": addresses,
        "vendor": _as_data(vendor, person),
        "person": _as_data(person, person),
        **{name: _all(rows, person) for name, rows in (own | theirs).items()},
        "history": {name: _all(rows, person) for name, rows in personal_data.history_of([vendor]).items()},
        "emails_from_vendor_management": emails.sent_to(vendor),
        "mentions": [_as_mention(case) for case in identity_data.mentions(person, addresses=addresses)],
        "imports": [_as_imported(row) for row in runs.rows_with(addresses) if row.address.lower() in addresses],
        "admin_log": [
            {"at": entry.action_time, "about": str(entry.content_type), "action": entry.get_action_flag_display()}
            for entry in personal_data.log_entries(
                [*own.values(), *theirs.values(), Vendor.objects.filter(pk=vendor.pk)]
            ).select_related("content_type")
        ],
    }


def as_json(document: dict[str, Any]) -> str:
    return json.dumps(document, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2) + "\n"


def write_zip(document: dict[str, Any], vendor: Vendor, file: IO[bytes]) -> None:
    """The same, and the files that the vendor has uploaded."""
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        archive.writestr(JSON_NAME, as_json(document))
        for upload in Document.objects.filter(vendor=vendor).order_by("uploaded_at"):
            if upload.file.storage.exists(str(upload.file.name)):
                with upload.file.open("rb") as content:
                    archive.writestr(f"files/{upload.pk}-{upload.name}", content.read())
        for name, stored in _locked_files(vendor):
            with default_storage.open(stored, "rb") as content:
                archive.writestr(f"files/locked-{name}", content.read())


def _locked_files(vendor: Vendor) -> Iterator[tuple[str, str]]:
    """What they are called, and where they are stored."""
    for record in LockedRecord.objects.filter(vendor=vendor):
        for stored in record.files:
            if default_storage.exists(stored):
                yield f"{PurePosixPath(stored).name}-{locks.name_of_file(record, stored)}", stored


def _all(rows: QuerySet, person: User) -> list[dict[str, Any]]:
    return [_as_data(row, person) for row in rows]


def _as_data(row: Model, person: User) -> dict[str, Any]:
    data = {}
    for field in row._meta.concrete_fields:
        if field.name in LEFT_OUT or field.name.endswith("token"):
            continue
        value = getattr(row, field.attname)
        if value is not None and field.related_model is User:
            value = "vendor" if value == person.pk else "staff"
        elif value is not None and field.related_model is Vendor and value != person.vendor.pk:
            value = "another vendor"
        data[field.name] = str(value) if isinstance(field, FileField) else value
    return data


def _as_mention(case: Failure) -> dict[str, Any]:
    """Somebody else's case: only that the address stands in it."""
    names = ("reference", "stage", "reason", "first_seen_at", "last_seen_at")
    return {name: getattr(case, name) for name in names}


def _as_imported(row: ImportRow) -> dict[str, Any]:
    return {"at": row.run.created_at, "line": row.line, "address": row.address, "result": row.kind}
