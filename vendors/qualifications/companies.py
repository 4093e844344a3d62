"""What ISO 17100 rests on for a company with several translators.

Either on its own certificate, current and checked by VM, or on its written undertaking with a list of linguists by pair
and route that VM has sampled. ISO 9001 is about something else and never counts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from identity.models import User
from vendors import lifecycle
from vendors.documents.lifecycle import VerdictMissing
from vendors.models import Document, LinguistSample, Vendor, VendorEvent
from vendors.qualifications.iso_17100 import REVISERS, TRANSLATORS, Basis, Finding, Lack, Missing

CERTIFICATE = Document.Certificate.ISO_17100.value  # the slot as well


@dataclass(frozen=True)
class Evidence:
    """What a company shows. `certificate` is the state of one that is neither refused nor out of date."""

    certificate: Document.State | None = None
    undertakes: bool = False
    linguists: Sequence[Mapping[str, Any]] = ()
    sample: LinguistSample | None = None


def findings(evidence: Evidence, *, pairs: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """One for each pair and each service that the standard speaks of."""
    judged = []
    for pair in pairs:
        key = f"{pair['source']}.{pair['target']}"
        basis, missing = _judge(evidence, key)
        judged += [
            Finding(((pair["source"], pair["target"]),), service, basis, 0, tuple(missing))
            for service in pair["services"]
            if service in TRANSLATORS | REVISERS
        ]
    return judged


def _judge(evidence: Evidence, key: str) -> tuple[str, list[Missing]]:
    if evidence.certificate is not None:
        is_checked = evidence.certificate == Document.State.VERIFIED
        return Basis.CERTIFICATE, [] if is_checked else [Missing(Lack.CERTIFICATE_CHECK)]
    if not evidence.undertakes:
        return Basis.NONE, [Missing(Lack.BASIS)]
    missing = []
    if not any(key in row["pairs"] for row in evidence.linguists):
        missing.append(Missing(Lack.LINGUIST))
    if evidence.sample is None:
        missing.append(Missing(Lack.SAMPLE))
    elif not evidence.sample.holds:
        missing.append(Missing(Lack.LIST_THAT_HOLDS))
    return Basis.UNDERTAKING, missing


def fingerprint(linguists: Sequence[Mapping[str, Any]]) -> str:
    """Of one list: a sample says nothing about another."""
    written = json.dumps(list(linguists), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()


def last_sample(vendor: Vendor, linguists: Sequence[Mapping[str, Any]]) -> LinguistSample | None:
    """What VM has found out last about this very list."""
    return vendor.linguist_samples.filter(fingerprint=fingerprint(linguists)).first() if linguists else None


@transaction.atomic
def record_sample(
    vendor: Vendor, linguists: Sequence[Mapping[str, Any]], *, holds: bool, how: str, by: User
) -> LinguistSample:
    """VM has looked into some linguists of the list. Raise VerdictMissing."""
    if not how.strip():
        raise VerdictMissing
    sample = LinguistSample.objects.create(
        vendor=vendor, fingerprint=fingerprint(linguists), holds=holds, how=how.strip(), by=by
    )
    lifecycle.record(vendor, VendorEvent.Kind.LINGUISTS_SAMPLED, by=by, data={"holds": holds})
    return sample
