"""Today's evidence and what it comes to, kept in tables: queues and searches read them by an index.

`refresh` is called in the transaction of whatever it rests on. What only the passing of time changes is refreshed at
night, for the vendors of whom a row says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from vendors.evidence import current_evidence
from vendors.models import (
    Document,
    Evidence,
    EvidenceKind,
    IsoException,
    PairStanding,
    Standing,
    Vendor,
    VendorState,
)
from vendors.onboarding_interface import onboarding
from vendors.qualification_claims import Claims
from vendors.qualifications import evidence_pieces, judging
from vendors.qualifications.experience import Period
from vendors.qualifications.findings import Checks, Finding

Key = tuple[str, str, str, str]  # source, target, service, specialism


@transaction.atomic
def refresh(vendor: Vendor, *, today: dt.date | None = None) -> None:
    """Write both tables anew where they have changed. The vendor is locked, so nobody refreshes it meanwhile."""
    today = today or timezone.localdate()
    state = Vendor.objects.select_for_update().values_list("state", flat=True).get(pk=vendor.pk)
    approved = current_evidence.approved_claims(vendor)
    claims = approved or onboarding().evidence_sent(vendor)
    checks = current_evidence.checks_of(vendor)
    exceptions = list(IsoException.objects.filter(vendor=vendor, until__gte=today, withdrawn_at=None))
    there = evidence_pieces.of(claims) if claims else []
    _write_evidence(vendor, state, there, checks, exceptions)
    _mark_documents(there, checks)
    _write_standings(vendor, approved, checks, exceptions, today=today)


def refresh_due(*, today: dt.date | None = None) -> int:
    """Vendors of whom today something has expired or has lasted long enough; how many."""
    today = today or timezone.localdate()
    due = PairStanding.objects.filter(recheck_on__lte=today).order_by().values_list("vendor", flat=True).distinct()
    vendors = Vendor.objects.filter(pk__in=list(due))
    for vendor in vendors.exclude(state=VendorState.ERASED).iterator():
        refresh(vendor, today=today)
    return len(due)


def _write_evidence(
    vendor: Vendor,
    state: str,
    there: Iterable[evidence_pieces.Piece],
    checks: Checks,
    exceptions: Iterable[IsoException],
) -> None:
    wanted = {(row.kind, row.fingerprint): row for row in _evidence(vendor, state, there, checks, exceptions)}
    kept = {(row.kind, row.fingerprint): row for row in Evidence.objects.filter(vendor=vendor)}
    gone = [row.pk for key, row in kept.items() if key not in wanted]
    if gone:
        Evidence.objects.filter(pk__in=gone).delete()
    changes = ("document_id", "verification_id", "is_open", "valid_until", "vendor_state")
    changed = []
    for key, row in kept.items():
        values = {name: getattr(wanted[key], name) for name in changes} if key in wanted else {}
        if any(getattr(row, name) != value for name, value in values.items()):
            row.__dict__.update(values)
            changed.append(row)
    if changed:
        Evidence.objects.bulk_update(changed, [name.removesuffix("_id") for name in changes])
    Evidence.objects.bulk_create(row for key, row in wanted.items() if key not in kept)


def _evidence(
    vendor: Vendor,
    state: str,
    there: Iterable[evidence_pieces.Piece],
    checks: Checks,
    exceptions: Iterable[IsoException],
) -> Iterator[Evidence]:
    for piece in there:
        verification = checks.verified.get(piece.fingerprint)
        is_refused = piece.file is not None and piece.file.is_refused
        is_settled = verification is not None or is_refused or piece.fingerprint in checks.samples
        yield Evidence(
            vendor=vendor,
            kind=piece.kind,
            fingerprint=piece.fingerprint,
            document_id=piece.file.pk if piece.file else None,
            verification=verification,
            is_open=not is_settled,
            valid_until=piece.valid_until,
            vendor_state=state,
        )
    for exception in exceptions:
        yield Evidence(
            vendor=vendor,
            kind=EvidenceKind.EXCEPTION,
            fingerprint=f"{exception.pk}",
            is_open=False,
            valid_until=exception.until,
            vendor_state=state,
        )


def _mark_documents(there: Iterable[evidence_pieces.Piece], checks: Checks) -> None:
    """A document is verified as long as its piece of evidence is: the verification belongs to what was verified."""
    by_document = {piece.file.pk: piece.fingerprint for piece in there if piece.file and piece.file.pk}
    states = (Document.State.SENT, Document.State.VERIFIED)
    for document in Document.objects.filter(pk__in=by_document, state__in=states):
        verification = checks.verified.get(by_document[document.pk])
        values: dict[str, Any] = {"state": Document.State.SENT, "judged_at": None, "judged_by": None, "verdict": ""}
        if verification:
            values = {
                "state": Document.State.VERIFIED,
                "judged_at": verification.at,
                "judged_by": verification.by,
                "verdict": verification.how[:500],
            }
        if document.state != values["state"] or document.judged_at != values["judged_at"]:
            Document.objects.filter(pk=document.pk, state__in=states).update(**values)


def _write_standings(
    vendor: Vendor, approved: Claims | None, checks: Checks, exceptions: Sequence[IsoException], *, today: dt.date
) -> None:
    found = judging.findings(approved, checks, today=today) if approved else []
    recheck_on = _recheck_on(approved, found, checks, exceptions, today=today) if approved else None
    wanted = {
        key: (finding.measure, state, any(_is_covered(key, exception) for exception in exceptions), recheck_on)
        for key, (finding, state) in by_key(found).items()
    }
    kept = {(row.source, row.target, row.service, row.specialism): row for row in vendor.standings.all()}
    gone = [row.pk for key, row in kept.items() if key not in wanted]
    if gone:
        PairStanding.objects.filter(pk__in=gone).delete()
    changed = []
    for key, row in kept.items():
        if key in wanted and (row.measure, row.state, row.exception, row.recheck_on) != wanted[key]:
            row.measure, row.state, row.exception, row.recheck_on = wanted[key]
            changed.append(row)
    if changed:
        PairStanding.objects.bulk_update(changed, ["measure", "state", "exception", "recheck_on"])
    PairStanding.objects.bulk_create(
        PairStanding(
            vendor=vendor,
            source=key[0],
            target=key[1],
            service=key[2],
            specialism=key[3],
            measure=measure,
            state=state,
            exception=exception,
            recheck_on=recheck_on,
        )
        for key, (measure, state, exception, recheck_on) in wanted.items()
        if key not in kept
    )


def _is_covered(key: Key, exception: IsoException) -> bool:
    source, target, service, specialism = key
    return exception.covers(source=source, target=target, service=service, specialism=specialism)


def by_key(found: Iterable[Finding]) -> dict[Key, tuple[Finding, Standing]]:
    """One row for each pair and service, of revision one for each subject besides: the first is the best of them."""
    rows: dict[Key, tuple[Finding, Standing]] = {}
    for finding in found:
        [(source, target)] = finding.pairs
        general = (source, target, finding.service, "")
        if general not in rows or rows[general][1].rank < finding.standing.rank:
            rows[general] = (finding, finding.standing)
        for specialism in finding.specialisms:
            rows[source, target, finding.service, specialism] = (finding, finding.standing)
    return rows


def _recheck_on(
    claims: Claims, found: Sequence[Finding], checks: Checks, exceptions: Iterable[IsoException], *, today: dt.date
) -> dt.date | None:
    """The first day on which something may be different although nobody does anything."""
    ends = [file.expires_on for file in claims.files.values()] + [exception.until for exception in exceptions]
    if claims.register:
        ends.append(claims.register.until)
    days = [end + dt.timedelta(days=1) for end in ends if end and end >= today]
    going_on = [period for period in map(Period.of, claims.experience) if period.goes_on]
    lacks_months = any(lack.months for finding in found for lack in finding.missing)
    may_be_verified = any(finding.standing != Standing.VERIFIED for finding in found) and any(
        evidence_pieces.of_period(period) in checks.verified for period in going_on
    )
    if going_on and (lacks_months or may_be_verified):
        days.append((today.replace(day=1) + dt.timedelta(days=32)).replace(day=1))
    return min(days, default=None)
