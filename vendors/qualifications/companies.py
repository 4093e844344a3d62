"""What ISO 17100 and ISO 18587 rest on for a company with several translators. It is never judged as one of them.

ISO 17100: either on its own certificate, current and verified by VM, or on its written undertaking with a list of
linguists by pair and route that VM has sampled. ISO 18587: on its certificate alone, since the undertaking says nothing
about post-editing. ISO 9001 is about something else and never counts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from vendors.models import Document, Measure, Standing
from vendors.qualification_claims import Claims
from vendors.qualifications import evidence_pieces, measures
from vendors.qualifications.findings import Basis, Checks, Finding, Lack, Missing

# The slots of the certificates as well.
CERTIFICATE, POST_EDITING_CERTIFICATE = Document.Certificate.ISO_17100.value, Document.Certificate.ISO_18587.value
CERTIFICATES = {Measure.ISO_17100: CERTIFICATE, Measure.ISO_18587: POST_EDITING_CERTIFICATE}


def findings(claims: Claims, checks: Checks, *, today: dt.date) -> Iterator[Finding]:
    """One for each pair and each service that these standards speak of."""
    for pair in claims.pairs:
        for service in pair["services"]:
            measure = measures.of_service(service)
            if measure in CERTIFICATES:
                yield _judged(service, measure, (pair["source"], pair["target"]), claims, checks, today=today)


def _judged(
    service: str, measure: Measure, pair: tuple[str, str], claims: Claims, checks: Checks, *, today: dt.date
) -> Finding:
    # What is true of the company is true of it in each subject.
    subjects = tuple(claims.specialisms) if service in measures.REVISERS else ()

    def found(standing: Standing, basis: str, *missing: Lack, rests_on: str = "") -> Finding:
        verification = checks.verified.get(rests_on)
        return Finding(
            (pair,),
            service,
            measure,
            standing,
            basis,
            missing=tuple(map(Missing, missing)),
            specialisms=subjects,
            rests_on=(verification,) if verification else (),
        )

    file = claims.files.get(CERTIFICATES[measure])
    if file is not None and file.counts(today=today):
        fingerprint = evidence_pieces.of_file(file)
        if fingerprint in checks.verified:
            return found(Standing.VERIFIED, Basis.CERTIFICATE, rests_on=fingerprint)
        return found(Standing.DOCUMENTED, Basis.CERTIFICATE, Lack.CERTIFICATE_CHECK)
    if measure == Measure.ISO_18587:
        return found(Standing.NONE, Basis.NONE, Lack.POST_EDITING_CERTIFICATE)
    if not claims.undertakes:
        return found(Standing.NONE, Basis.NONE, Lack.BASIS)
    fingerprint = evidence_pieces.of_list(claims.linguists)
    holds = checks.samples.get(fingerprint)
    unsure = [] if holds else [Lack.SAMPLE if holds is None else Lack.LIST_THAT_HOLDS]
    if not any(".".join(pair) in row["pairs"] for row in claims.linguists):
        return found(Standing.NONE, Basis.UNDERTAKING, Lack.LINGUIST, *unsure)
    if holds is False:
        return found(Standing.NONE, Basis.UNDERTAKING, *unsure)
    if fingerprint not in checks.verified:
        return found(Standing.CLAIMED, Basis.UNDERTAKING, *unsure)
    return found(Standing.VERIFIED, Basis.UNDERTAKING, *unsure, rests_on=fingerprint)
