"""Sworn work: whether the translator is in a register, whatever their degrees and years."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from vendors.models import Document, Measure, Standing
from vendors.qualification_claims import Claims
from vendors.qualifications import evidence_pieces, measures
from vendors.qualifications.findings import Basis, Checks, Finding, Lack, Missing

CERTIFICATE = Document.Certificate.SWORN.value


def findings(claims: Claims, checks: Checks, *, today: dt.date) -> Iterator[Finding]:
    """One for each pair with sworn work. An agency is in no register: its linguists are, one by one."""
    for pair in claims.pairs:
        for service in measures.SWORN.intersection(pair["services"]):
            yield _judged(service, (pair["source"], pair["target"]), claims, checks, today=today)


def _judged(service: str, pair: tuple[str, str], claims: Claims, checks: Checks, *, today: dt.date) -> Finding:
    entry = claims.register
    verification = None
    missing: tuple[Missing, ...] = ()
    if claims.is_company:
        standing, missing = Standing.NONE, (Missing(Lack.REGISTER_OF_LINGUIST),)
    elif entry is None or (entry.until and entry.until < today):
        standing, missing = Standing.NONE, (Missing(Lack.REGISTER),)
    elif verification := checks.verified.get(evidence_pieces.of_register(entry)):
        standing = Standing.VERIFIED
    elif any(file.certificate == CERTIFICATE and file.counts(today=today) for file in claims.files.values()):
        standing = Standing.DOCUMENTED
    else:
        standing = Standing.CLAIMED
    basis = Basis.NO_REGISTER if standing == Standing.NONE else Basis.REGISTER
    rests_on = (verification,) if verification else ()
    return Finding((pair,), service, Measure.REGISTER, standing, basis, missing=missing, rests_on=rests_on)
