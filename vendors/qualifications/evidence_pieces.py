"""The pieces of evidence a vendor has, each with a fingerprint of its content: VM verifies one at a time, once."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vendors.models import Document, EvidenceKind
from vendors.qualification_claims import Claims, File, RegisterEntry
from vendors.qualifications.experience import Period

TRANSLATION, OTHER = "translation", "other"  # subjects of degrees
COPY_OF = {TRANSLATION: "degree", OTHER: "other_degree"}  # the slot of the document that proves it
DEGREES = {TRANSLATION: EvidenceKind.DEGREE, OTHER: EvidenceKind.OTHER_DEGREE}
CV = "cv"


@dataclass(frozen=True)
class Piece:
    """`content` is the row of the answers, if there is one beside the file."""

    kind: EvidenceKind
    fingerprint: str
    content: Mapping[str, Any] | None = None
    file: File | None = None
    valid_until: dt.date | None = None


def of(claims: Claims) -> list[Piece]:
    """Each once, although the same may have been typed twice."""
    return list({(piece.kind, piece.fingerprint): piece for piece in _all(claims)}.values())


def _all(claims: Claims) -> Iterator[Piece]:
    copies = set()
    if not claims.is_company:
        for given in claims.degrees:
            copies.add(COPY_OF[given["subject"]])
            yield degree(given, claims)
        for row in claims.experience:
            yield Piece(EvidenceKind.EXPERIENCE, of_period(Period.of(row)), content=row)
        if claims.register:
            yield Piece(EvidenceKind.REGISTER, of_register(claims.register), valid_until=claims.register.until)
    if claims.undertakes and claims.linguists:
        yield Piece(EvidenceKind.LINGUISTS, of_list(claims.linguists))
    for slot, file in claims.files.items():
        if slot not in copies:
            yield Piece(_kind_of(slot), of_file(file), file=file, valid_until=file.expires_on)


def _kind_of(slot: str) -> EvidenceKind:
    if slot == CV:
        return EvidenceKind.CV
    return EvidenceKind.COMPANY_CERTIFICATE if slot in Document.OF_A_COMPANY else EvidenceKind.CERTIFICATE


def degree(given: Mapping[str, Any], claims: Claims) -> Piece:
    """What was typed and its copy are one piece: another file or another title is another degree to check."""
    file = claims.files.get(COPY_OF[given["subject"]])
    content = [given, file.sha256 if file else ""]
    return Piece(DEGREES[given["subject"]], _fingerprint("degree", content), content=given, file=file)


def of_period(period: Period) -> str:
    parts = [period.since, period.until, period.share, period.kind, sorted(period.pairs), sorted(period.subjects)]
    return _fingerprint("experience", parts)


def of_register(entry: RegisterEntry) -> str:
    return _fingerprint("register", [entry.authority, entry.number, f"{entry.until or ''}"])


def of_file(file: File) -> str:
    parts = [file.sha256, file.certificate, file.number, file.scope, file.issued_by, f"{file.expires_on or ''}"]
    return _fingerprint(file.slot, parts)


def of_list(linguists: Sequence[Mapping[str, Any]]) -> str:
    """Of one list: a sample says nothing about another."""
    written = json.dumps(list(linguists), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()


def _fingerprint(kind: str, content: Any) -> str:
    written = json.dumps([kind, content], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()
