"""What the vendor reads before sending: all the answers, what they come to, and what may be a slip."""

from __future__ import annotations

from typing import Any

from onboarding.draft.steps import Reading
from onboarding.submission.findings import checks_of, finding_lines
from onboarding.submission.summary import OWN, sections, warnings
from vendors.models import Document, Vendor


def about(reading: Reading, *, vendor: Vendor, documents: dict[str, Document]) -> dict[str, Any]:
    checks = checks_of(vendor, reading.answers, documents.values())
    return {
        "sections": sections(reading.answers, clearance=OWN),
        "finding_lines": finding_lines(reading.answers, checks),
        "warnings": warnings(reading.answers),
    }
