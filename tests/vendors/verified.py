"""Evidence that VM has verified, to start from."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from identity.models import User
from vendors.evidence import current_evidence
from vendors.evidence import verification as verifying
from vendors.models import Evidence, Vendor, Verification
from vendors.qualifications import judging
from vendors.qualifications.findings import Finding

NUMBERS = iter(range(1, 10_000))


def verification(fingerprint: str) -> Verification:
    """Not in any database."""
    now = timezone.now()
    return Verification(pk=next(NUMBERS), kind="experience", fingerprint=fingerprint, method="original_seen", at=now)


def piece(vendor: Vendor, kind: str, **more: Any) -> Evidence:
    return Evidence.objects.get(vendor=vendor, kind=kind, **more)


def verify(vendor: Vendor, kind: str, *, by: User, note: str = "", **more: Any) -> Verification:
    evidence = piece(vendor, kind, **more)
    return verifying.verify(evidence, by=by, method=verifying.METHODS[kind][0], note=note)


def standings(vendor: Vendor) -> dict[str, str]:
    """What is kept for today: of each pair, service and subject the state."""
    return {
        " ".join(filter(None, [f"{row.source}.{row.target}", row.service, row.specialism])): row.state
        for row in vendor.standings.all()
    }


def judged(vendor: Vendor, *, today: Any = None) -> list[Finding]:
    claims = current_evidence.approved_claims(vendor)
    assert claims is not None
    return judging.findings(claims, current_evidence.checks_of(vendor), today=today or timezone.localdate())
