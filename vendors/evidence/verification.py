"""VM verifies a piece of evidence, once for everything that rests on it, and takes it back when it was wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from identity.models import User
from identity.text_direction import gettext as _
from identity.text_direction import ours
from vendors import lifecycle
from vendors.documents.lifecycle import VerdictMissing
from vendors.evidence import standing
from vendors.models import Document, Evidence, EvidenceKind, LinguistSample, Vendor, VendorEvent, Verification
from vendors.qualifications import evidence_pieces

Kind = VendorEvent.Kind
Method = Verification.Method

_GENERAL = (Method.ORIGINAL_SEEN, Method.ISSUER_CONFIRMED, Method.OTHER)
METHODS: dict[str, tuple[Verification.Method, ...]] = {
    EvidenceKind.CV: (Method.CV_READ, Method.REFERENCE_CALLED, Method.OTHER),
    EvidenceKind.DEGREE: _GENERAL,
    EvidenceKind.OTHER_DEGREE: _GENERAL,
    EvidenceKind.EXPERIENCE: (Method.REFERENCE_CALLED, Method.REFERENCE_WROTE, Method.WORK_SEEN, Method.OTHER),
    EvidenceKind.REGISTER: (Method.REGISTER_CHECKED, Method.ISSUER_CONFIRMED, Method.OTHER),
    EvidenceKind.CERTIFICATE: (Method.REGISTER_CHECKED, *_GENERAL),
    EvidenceKind.COMPANY_CERTIFICATE: (Method.REGISTER_CHECKED, *_GENERAL),
    EvidenceKind.LINGUISTS: (Method.SAMPLED,),
}
# What says nothing without a word about what was found.
NEEDS_NOTE = frozenset({Method.OTHER, Method.SAMPLED})


class NotThere(Exception):
    """It has been changed or removed since the page was opened."""

    def __init__(self) -> None:
        super().__init__(
            _("The vendor's evidence has changed since you opened the page. Look at what is there now and try again.")
        )


class VerifiedMeanwhile(Exception):
    def __init__(self, verification: Verification) -> None:
        super().__init__(
            _("%(colleague)s verified this on %(day)s. Each piece of evidence is verified once.")
            % {
                "colleague": verification.by or _("Someone"),
                "day": ours(date_format(timezone.localtime(verification.at), "j F Y")),
            }
        )


class RevokedMeanwhile(Exception):
    def __init__(self) -> None:
        super().__init__(_("This verification has already been revoked."))


@transaction.atomic
def verify(evidence: Evidence, *, by: User | None, method: str, note: str = "") -> Verification:
    """What this piece says is true. Raise NotThere, VerifiedMeanwhile or VerdictMissing."""
    Vendor.objects.select_for_update().get(pk=evidence.vendor_id)
    current = Evidence.objects.select_related("verification__by", "vendor").filter(pk=evidence.pk).first()
    if current is None or current.fingerprint != evidence.fingerprint or current.is_exception:
        raise NotThere
    if current.verification:
        raise VerifiedMeanwhile(current.verification)
    if method not in METHODS[current.kind] or (method in NEEDS_NOTE and not note.strip()):
        raise VerdictMissing
    if current.kind == EvidenceKind.LINGUISTS:
        _keep_sample(current.vendor, current.fingerprint, holds=True, how=note.strip(), by=by)
    verification = _keep(current.vendor, current.kind, current.fingerprint, method=method, note=note.strip(), by=by)
    if current.document_id:  # it may have been refused before
        Document.objects.filter(pk=current.document_id).update(state=Document.State.SENT)
    lifecycle.record(
        current.vendor,
        Kind.EVIDENCE_VERIFIED,
        by=by,
        data={"evidence": current.kind, "verification": verification.pk, "method": method},
    )
    standing.refresh(current.vendor)
    return verification


@transaction.atomic
def revoke(verification: Verification, *, by: User | None, why: str) -> None:
    """It turned out to be wrong; that it was made stays on record. Raise RevokedMeanwhile or VerdictMissing."""
    Vendor.objects.select_for_update().get(pk=verification.vendor_id)
    if not why.strip():
        raise VerdictMissing
    if not _revoke([verification.fingerprint], verification.vendor, by=by, why=why):
        raise RevokedMeanwhile
    standing.refresh(verification.vendor)


@transaction.atomic
def record_sample(
    vendor: Vendor, linguists: Sequence[Mapping[str, Any]], *, holds: bool, how: str, by: User | None
) -> LinguistSample:
    """VM has looked into some linguists of the list. Raise VerdictMissing."""
    Vendor.objects.select_for_update().get(pk=vendor.pk)
    how = how.strip()
    if not how:
        raise VerdictMissing
    fingerprint = evidence_pieces.of_list(linguists)
    sample = _keep_sample(vendor, fingerprint, holds=holds, how=how, by=by)
    is_verified = Verification.objects.filter(vendor=vendor, fingerprint=fingerprint, revoked_at=None).exists()
    if holds and not is_verified:
        _keep(vendor, EvidenceKind.LINGUISTS, fingerprint, method=Method.SAMPLED, note=how, by=by)
    elif not holds:
        _revoke([fingerprint], vendor, by=by, why=how)
    standing.refresh(vendor)
    return sample


def document_changed(sender: type[Document], document: Document, **kwargs: Any) -> None:
    """A document was refused or replaced: what is refused is no longer verified."""
    if document.is_refused:
        rows = Evidence.objects.filter(document=document, verification__isnull=False)
        _revoke(
            rows.values_list("fingerprint", flat=True), document.vendor, by=document.judged_by, why=document.verdict
        )
    standing.refresh(document.vendor)


def _keep(vendor: Vendor, kind: str, fingerprint: str, *, method: str, note: str, by: User | None) -> Verification:
    return Verification.objects.create(
        vendor=vendor, kind=kind, fingerprint=fingerprint, method=method, note=note[:500], by=by, at=timezone.now()
    )


def _keep_sample(vendor: Vendor, fingerprint: str, *, holds: bool, how: str, by: User | None) -> LinguistSample:
    sample = LinguistSample.objects.create(vendor=vendor, fingerprint=fingerprint, holds=holds, how=how[:500], by=by)
    lifecycle.record(vendor, Kind.LINGUISTS_SAMPLED, by=by, data={"holds": holds})
    return sample


def _revoke(fingerprints: Any, vendor: Vendor, *, by: User | None, why: str) -> int:
    live = Verification.objects.filter(vendor=vendor, fingerprint__in=list(fingerprints), revoked_at=None)
    kinds = list(live.values_list("kind", flat=True))
    revoked = live.update(revoked_at=timezone.now(), revoked_by=by, revoked_why=why.strip()[:500])
    for kind in kinds:
        lifecycle.record(vendor, Kind.VERIFICATION_REVOKED, by=by, data={"evidence": kind})
    return revoked
