"""What the law keeps of a vendor who worked for us and is erased: locked away, and for how long.

A locked record is a copy of what it needs, encrypted as a whole; the rows themselves go with the vendor. So no page,
search, report or list comes upon it by mistake. Its files stay where they are stored, under the names they have there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.formats import date_format

from identity.models import User, protected_rows
from identity.text_direction import gettext as _
from vendors import lifecycle
from vendors.answers import fingerprints
from vendors.models import (
    Acceptance,
    CompanyDetails,
    Document,
    IsoException,
    LanguagePair,
    LinguistSample,
    LockedRecord,
    PaymentDetails,
    Profile,
    Qualification,
    RetentionEntry,
    RetentionHold,
    Section,
    TaxCheck,
    TestTranslation,
    TrainingRecord,
    Vendor,
    VendorEvent,
    VendorState,
    Verification,
)
from vendors.privacy import periods

MAY_SEE = "vendors.see_locked_data"
# Whoever may not see it of a vendor who is here may not see it of one who is erased either.
ALSO_NEEDED = {
    Section.TAX: "vendors.see_tax_numbers",
    Section.PAYMENT: "vendors.see_payment_details",
    Section.EVIDENCE: "vendors.view_document",
    Section.AGREEMENTS: "vendors.view_acceptance",
}
# Whoever asks to be erased is owed everything that no law keeps; whoever is only forgotten in time is not.
ON_REQUEST = (Section.TAX, Section.EVIDENCE)
IN_TIME = tuple(Section)
# Who it is about: without it no record says anything.
_WHO = (*("kind", "full_name", "company_legal_name", "address_lines", "locality", "region", "postal_code", "country"),)
_OF_THE_PROFILE = {
    Section.TAX: ("tax_residence", "vat_status"),
    Section.EVIDENCE: ("native_languages", "specialisms", "sworn_authority", "sworn_number", "sworn_until"),
}
_ROWS: dict[Section, dict[type[Model], tuple[str, ...]]] = {
    Section.TAX: {TaxCheck: ("of", "number", "result", "checked_on", "source")},
    Section.PAYMENT: {PaymentDetails: ("method", "details", "adopted_at", "taken_over_at")},
    Section.EVIDENCE: {
        LanguagePair: ("source", "target", "services"),
        Qualification: ("route", "degrees", "experience", "experience_months", "notes"),
        Document: (
            *("title", "name", "number", "scope", "issued_by", "expires_on", "uploaded_at", "approved_at"),
            *("state", "judged_at", "verdict", "sha256"),
        ),
        Verification: ("kind", "fingerprint", "method", "note", "at", "revoked_at", "revoked_why"),
        IsoException: (
            *("source", "target", "service", "specialism", "reason", "until"),
            *("granted_at", "withdrawn_at", "withdrawn_why"),
        ),
        TestTranslation: ("source", "target", "subject", "result", "assessor", "day"),
        TrainingRecord: ("what", "month", "hours"),
        CompanyDetails: (
            *("selection", "revision", "working_notes", "undertakes_iso_17100", "linguists", "linguists_since"),
            *("linguists_in_house", "linguists_freelance", "in_house_pairs", "in_house_services"),
        ),
        LinguistSample: ("fingerprint", "holds", "how", "at"),
    },
    Section.AGREEMENTS: {
        Acceptance: (
            *("document", "version", "language", "audience", "sha256", "accepted_at", "oid", "address"),
            *("signatory", "position", "may_sign"),
        )
    },
}


def worked_for_us(vendor: Vendor) -> bool:
    """Was the vendor ever approved? Only then is there a profile."""
    return Profile.objects.filter(vendor=vendor).exists()


def plan(vendor: Vendor, sections: Iterable[Section] = ON_REQUEST, *, today: dt.date | None = None) -> dict[str, str]:
    """Which sections would stay locked if the vendor were erased today, and the last day of each as ISO writes it.

    Counted from when the work ended; for whoever is still with us, that is now.
    """
    today = today or timezone.localdate()
    if not worked_for_us(vendor):
        return {}
    until = {section: periods.of_section(section, ended_on(vendor, today)) for section in sections}
    return {section.value: day.isoformat() for section, day in until.items() if day >= today and _has(vendor, section)}


def _has(vendor: Vendor, section: Section) -> bool:
    """Every vendor who worked for us had a tax status and qualifications; not every one had an account."""
    if section in ON_REQUEST:
        return True
    return any(model._base_manager.filter(vendor=vendor).exists() for model in _ROWS[section])


def ended_on(vendor: Vendor, today: dt.date) -> dt.date:
    if vendor.state in Vendor.CLOSED:
        return timezone.localtime(vendor.state_changed_at).date()
    if vendor.state == VendorState.ERASED:
        # A second step that goes on after a kill: the first has moved the state on, and told since when.
        ended = vendor.events.filter(kind__in=("ended", "reopened", "erased")).order_by("-at", "-pk")[:2]
        kinds = [(event.kind, event.at) for event in ended]
        at = kinds[-1][1] if kinds and kinds[-1][0] == VendorEvent.Kind.ENDED else kinds[0][1] if kinds else None
        return timezone.localtime(at).date() if at else today
    return today


def is_over(vendor: Vendor, *, on: dt.date) -> bool:
    """Had the time for the profile of an ended vendor run out by then?"""
    if vendor.state != VendorState.ENDED:
        return False
    return periods.of_vendor(RetentionEntry.What.ENDED, ended_on(vendor, on)) <= on


def in_words(locked: Mapping[str, str]) -> list[str]:
    """A line for each."""
    return [
        _("%(section)s until %(day)s")
        % {
            "section": str(Section(section).label),
            "day": date_format(dt.date.fromisoformat(until), "j F Y"),
        }
        for section, until in locked.items()
    ]


def take(vendor: Vendor, locked: Mapping[str, str], *, counted_from: dt.date) -> list[LockedRecord]:
    """The records of what stays, not saved yet: the rows that they are made from go first."""
    if not locked:
        return []
    profile = Profile.objects.get(vendor=vendor)
    who = {"name": vendor.name, "primary_email": vendor.address, **_fields(profile, _WHO)}
    return [
        LockedRecord(
            vendor=vendor,
            section=section,
            content={"who": who, "rows": _content(vendor, profile, Section(section))},
            address_fingerprints=fingerprints.of([vendor.address]),
            files=files_of(vendor, [section]),
            counted_from=counted_from,
            until=dt.date.fromisoformat(until),
        )
        for section, until in locked.items()
    ]


def files_of(vendor: Vendor, sections: Collection[str]) -> list[str]:
    """Where the files are stored that these sections keep: those of the approved profile."""
    if Section.EVIDENCE not in sections:
        return []
    return [str(document.file.name) for document in _documents(vendor)]


def _documents(vendor: Vendor) -> Iterable[Document]:
    return Document.objects.in_force().filter(vendor=vendor).order_by("pk")


def _content(vendor: Vendor, profile: Profile, section: Section) -> dict[str, list[dict[str, Any]]]:
    content: dict[str, list[dict[str, Any]]] = {}
    of_profile = _fields(profile, _OF_THE_PROFILE.get(section, ()))
    if section == Section.TAX:
        of_profile |= profile.numbers
    if of_profile:
        content[str(Profile._meta.verbose_name)] = [of_profile]
    for model, names in _ROWS[section].items():
        rows = _documents(vendor) if model is Document else model._base_manager.filter(vendor=vendor).order_by("pk")
        if found := [_fields(row, names) | _file(row) for row in rows]:
            content[str(model._meta.verbose_name)] = found
    return content


def _file(row: Model) -> dict[str, str]:
    return {"file": str(row.file.name)} if isinstance(row, Document) else {}


def _fields(row: Model, names: Iterable[str]) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in names}
    return {name: str(value) if name == "title" else value for name, value in values.items() if value not in ("", None)}


# While it is locked


def may_see(user: User, record: LockedRecord) -> bool:
    return user.has_perms([MAY_SEE, ALSO_NEEDED[Section(record.section)]])


def reveal(record: LockedRecord, *, by: User, reason: str) -> dict[str, Any]:
    """What is in it; recorded with the reason."""
    data = {"locked": {record.section: record.until.isoformat()}}
    lifecycle.record(record.vendor, VendorEvent.Kind.LOCKED_DATA_SEEN, by=by, reason=reason, data=data)
    content: dict[str, Any] = record.content
    return content


def name_of_file(record: LockedRecord, stored: str) -> str:
    """What the vendor called it."""
    rows = record.content["rows"].get(str(Document._meta.verbose_name), [])
    return next((row["name"] for row in rows if row.get("file") == stored), "")


def at_address(address: str) -> list[Vendor]:
    """Erased vendors of whom something is locked and who had this address."""
    wanted = [found for key in fingerprints.field_keys() for found in fingerprints.of([address], key=key)]
    records = LockedRecord.objects.filter(address_fingerprints__overlap=wanted).select_related("vendor__user")
    return list(
        {
            record.vendor_id: record.vendor
            for record in records.order_by("vendor_id")
            if address.lower() in [known.lower() for known in record.addresses]
        }.values()
    )


# When it goes


def forget(record: LockedRecord, *, via: str) -> None:
    """The record and its files. Files first: a kill in between leaves a row that names them, and it is done again."""
    for name in record.files:
        default_storage.delete(name)
    with protected_rows.lifted(), transaction.atomic():
        record.delete()
        vendor = record.vendor
        RetentionEntry.objects.filter(vendor=vendor, what=f"locked_{record.section}").delete()
        lifecycle.record(vendor, VendorEvent.Kind.LOCKED_DATA_ERASED, via=via)
        if not LockedRecord.objects.filter(vendor=vendor).exists():
            # Nobody has to know any more why it was looked at, or held back.
            RetentionHold.objects.filter(vendor=vendor).delete()
            events = VendorEvent.objects.filter(vendor=vendor).exclude(kind=VendorEvent.Kind.ERASED)
            events.update(reason="", data={})
