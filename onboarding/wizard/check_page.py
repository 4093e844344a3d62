"""What the vendor reads before sending: all the answers, what they come to, and what may be a slip."""

from __future__ import annotations

from typing import Any

from onboarding.draft.steps import Reading
from onboarding.submission.findings import findings
from onboarding.submission.summary import OWN, sections, warnings
from vendors.evidence import current_evidence
from vendors.models import Document, Vendor
from vendors.qualifications.findings import grouped


def about(reading: Reading, *, vendor: Vendor, documents: dict[str, Document]) -> dict[str, Any]:
    checks = current_evidence.checks_of(vendor)
    return {
        "sections": sections(reading.answers, clearance=OWN),
        "finding_lines": grouped(findings(reading.answers, checks, documents=documents.values())),
        "warnings": warnings(reading.answers),
    }
